/// What the script measured. Kind measured, scope core-script: no XML, no database.
enum ScriptReport {
    static func writeTable(_ rows: [ScriptRun.Row]) {
        Output.write("measured, scope core-script; loopback: no network latency\n")
        Output.write(Output.pad("", 26) + Output.pad("plain", 16) + Output.pad("secure", 16) + Output.pad("added", 16))
        Output.write(Output.pad("overhead %", 14) + "% of secure\n")
        for row in rows {
            let (plain, secure) = (row.plain.median, row.secure.median)
            let added = secure > plain ? secure - plain : 0
            Output.write(
                Output.pad(row.id, 26) + Output.pad(Output.microseconds(plain), 16)
                    + Output.pad(Output.microseconds(secure), 16) + Output.pad(Output.microseconds(added), 16)
                    + Output.pad(Output.decimal(thousandths: 100_000 * added / plain), 14)
                    + Output.decimal(thousandths: 100_000 * added / secure) + "\n")
        }
    }

    static func writeJSON(_ rows: [ScriptRun.Row]) {
        var text = "{\n  \"kind\" : \"measured\",\n  \"link\" : \"loopback\",\n  \"rows\" : [\n"
        for index in rows.indices {
            let row = rows[index]
            text += "    { \"id\" : \"" + row.id + "\", \"pairs\" : \(row.plain.values.count)"
            text += side("plain", row.plain) + side("secure", row.secure)
            text += index + 1 < rows.count ? " },\n" : " }\n"
        }
        Output.write(text + "  ],\n  \"schema\" : \"juxtapose.script/1\",\n  \"scope\" : \"core-script\"\n}\n")
    }

    private static func side(_ name: String, _ samples: Samples) -> String {
        ", \"" + name + "Nanoseconds\" : { \"median\" : \(samples.median), \"p05\" : \(samples.quantile(50))"
            + ", \"p95\" : \(samples.quantile(950)) }"
    }
}

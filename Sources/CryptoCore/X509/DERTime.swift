/// Validity dates (RFC 5280 §4.1.2.5): UTCTime through 2049, GeneralizedTime after, always Z and with seconds.
enum DERTime {
    static func encode(_ unixSeconds: Int64) -> [UInt8] {
        let date = civil(fromDays: floorDivide(unixSeconds, 86400))
        let second = Int(unixSeconds - floorDivide(unixSeconds, 86400) * 86400)
        let isShort = (1950..<2050).contains(date.year)
        var text: [UInt8] = isShort ? digits(date.year % 100, 2) : digits(date.year, 4)
        for value in [date.month, date.day, second / 3600, second / 60 % 60, second % 60] { text += digits(value, 2) }
        text.append(UInt8(ascii: "Z"))
        return DER.encode(isShort ? DER.utcTime : DER.generalizedTime, text)
    }

    static func read(_ reader: inout DER.Reader) throws(CryptoError) -> Int64 {
        let isShort = reader.next(is: DER.utcTime)
        let text = Array(try reader.read(isShort ? DER.utcTime : DER.generalizedTime))
        let yearDigits = isShort ? 2 : 4
        guard text.count == yearDigits + 11, text.last == UInt8(ascii: "Z") else { throw .malformed("date") }
        var year = try number(text[..<yearDigits])
        if isShort { year += year < 50 ? 2000 : 1900 }
        var fields: [Int] = []
        for index in 0..<5 {
            fields.append(try number(text[(yearDigits + 2 * index)..<(yearDigits + 2 * index + 2)]))
        }
        guard (1...12).contains(fields[0]), (1...31).contains(fields[1]), fields[2] < 24, fields[3] < 60, fields[4] < 60
        else { throw .malformed("date") }
        let day = days(year: year, month: fields[0], day: fields[1])
        return day * 86400 + Int64(fields[2] * 3600 + fields[3] * 60 + fields[4])
    }

    private static func digits(_ value: Int, _ count: Int) -> [UInt8] {
        var rest = value
        var text = [UInt8](repeating: 0, count: count)
        for index in stride(from: count - 1, through: 0, by: -1) {
            text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return text
    }

    private static func number(_ text: ArraySlice<UInt8>) throws(CryptoError) -> Int {
        var value = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformed("date") }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    // Howard Hinnant's civil-calendar arithmetic: eras of 400 years that start on 1 March.

    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(Int64(shifted), 400)
        let yearOfEra = Int64(shifted) - era * 400
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
    }

    private static func civil(fromDays days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719468
        let era = floorDivide(shifted, 146097)
        let dayOfEra = shifted - era * 146097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return (year, month, Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a + b - 1) / b) }
}

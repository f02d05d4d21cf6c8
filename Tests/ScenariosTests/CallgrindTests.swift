import Scenarios
import Testing

@Suite("Reading callgrind's profiles")
struct CallgrindTests {
    @Test("totals and system calls are read, and allocators counted by what their first instruction cost")
    func dump() {
        let text = """
            version: 1
            positions: instr line
            events: Ir sysCount sysTime sysCpuTime

            ob=(1) /folder/counted
            fn=(1) juxtapose_counted_region
            0x1000 0 5
            cfn=(2) malloc
            calls=900 0x2000 0
            0x1004 0 300
            cob=(2) /usr/lib/libcrypto.so.3
            cfn=(6) EVP_DigestUpdate
            calls=1 0x9000 0
            0x1008 0 4000
            0x100c 0 1

            ob=(2)
            fn=(6)
            0x9000 0 1500
            cob=(1)
            cfn=(2)
            calls=1 0x2000 0
            0x9004 0 70
            0x9008 0 500

            ob=(1)
            fn=(2)
            0x2004 0 3
            0x2000 0 3
            cfn=(3) _int_malloc
            calls=3 0x3000 0
            0x2008 0 90
            fn=(4) malloc'2
            0x2000 0 2
            fn=(5) calloc
            0x2500 0 4
            totals: 12345 7 8 9
            """
        let dump = Callgrind.parse(text)
        #expect(dump == Callgrind.Dump(instructions: 12345, cryptoInstructions: 2000, systemCalls: 7, allocations: 9))
        #expect(Callgrind.parse("events: Ir\n") == nil)
        #expect(Callgrind.parse("") == nil)
    }
}

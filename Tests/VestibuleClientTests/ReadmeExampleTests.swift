import Testing
import VestibuleProtocol

@Test("the README's example is what a reader may copy")
func readmeExampleCompiles() {
    let example: () async throws -> Void = readReport
    _ = example
}

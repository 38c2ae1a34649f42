internal import ArgumentParser
struct DemoCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }

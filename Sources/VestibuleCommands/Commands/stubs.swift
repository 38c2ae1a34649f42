internal import ArgumentParser

struct ServeCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }
struct DemoCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }
struct TokenCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }
struct ToolsCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }
struct CallCommand: VestibuleCommand { func run(in context: CommandContext) async throws {} }

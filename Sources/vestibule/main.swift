import VestibuleCommands

await VestibuleCommandLine.main()

import VestibuleCommands

print("vestibule")

// Results, JSON values and reasons are part of this module's API; whoever imports the client needs no second import.
@_exported public import VestibuleProtocol

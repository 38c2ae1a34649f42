// Content blocks, JSON values and the rest of MCP's types are part of this module's API; whoever writes a server needs no
// second import.
@_exported public import VestibuleProtocol

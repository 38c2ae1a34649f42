import VestibuleServer

struct Trip: Codable, SchemaNoted {
    var city: String
    var days: Int
    static let schemaNotes: SchemaNotes = [
        "city": "Where to", "days": .note("For how long", range: 1...14, default: 3),
    ]
}

struct Forecast: Codable { var degrees: [Int] }

let server = MCPServer(info: Implementation(name: "weather", version: "1.0.0"))

try server.tool("forecast", "Tells how warm it will be", .readOnly) { (trip: Trip, context) in
    await context.log(.info, "somebody goes to \(trip.city)")
    return Forecast(degrees: (0..<trip.days).map { 20 + $0 })
}

server.resource("weather://stations", name: "Stations") { context in ["Aachen", "Bergen", "Cork"] }

try server.prompt("pack", "Helps to pack") { (trip: Trip, context) in
    "I go to \(trip.city) for \(trip.days) days. Ask for the forecast, then tell me what to pack."
}

try await server.run(.stdio)

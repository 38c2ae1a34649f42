package import HTTPTypes
package import VestibuleProtocol

/// One exchange with a server, whose whole answer has to be here in time.
package struct BoundedExchange: Sendable {
    package struct Reply: Sendable {
        package var status: Int
        package var fields: HTTPFields
        package var body: [UInt8]
    }

    /// Why there is no answer, in one line.
    package struct Failure: Error, Sendable {
        package enum Cause: Sendable, Hashable {
            /// Nobody answered, or not in time.
            case unreachable
            /// The answer is longer than it may be.
            case tooLarge
        }

        package var cause: Cause
        package var message: String
    }

    private let transport: any HTTPTransport
    private let clock: any WallClock
    private let limit: Int

    /// - Parameters:
    ///   - transport: Must follow no redirects.
    ///   - limit: Bytes of the answer.
    package init(transport: any HTTPTransport, clock: any WallClock, limit: Int) {
        self.transport = transport
        self.clock = clock
        self.limit = limit
    }

    /// - Parameter shown: What is asked, for a person.
    /// - Throws: ``Failure``, or `CancellationError`.
    package func run(_ request: TransportRequest, _ shown: String) async throws -> Reply {
        let patience = Patience(clock: clock, timeout: request.timeout, maximum: request.timeout)
        do {
            return try await patience.limit(shown) { [transport, limit] in
                let response = try await transport.send(request)
                return Reply(
                    status: response.status, fields: response.fields, body: try await response.bytes(upTo: limit))
            }
        } catch let error as TransportError {
            throw Failure(cause: .unreachable, message: "\(shown): \(error.message)")
        } catch let error as MCPClientError where error.code == .replyTooLarge {
            throw Failure(cause: .tooLarge, message: "\(shown) has more than \(limit) bytes")
        } catch let error as MCPClientError {
            throw Failure(cause: .unreachable, message: error.message)
        }
    }

    /// A GET of JSON.
    package func get(_ url: String, timeout: Duration, _ shown: String) async throws -> Reply {
        var fields = HTTPFields()
        fields[.accept] = "application/json"
        return try await run(TransportRequest(method: .get, url: url, fields: fields, timeout: timeout), shown)
    }
}

internal import Synchronization
internal import VestibuleProtocol

/// The pieces of a JSON body. Judged once they are a whole.
final class Collected: Sendable {
    private let exchange: WireExchange
    private let contentType: String
    private let session: String?
    private let bytes = Mutex<[UInt8]>([])

    init(_ exchange: WireExchange, contentType: String, session: String?) {
        self.exchange = exchange
        self.contentType = contentType
        self.session = session
    }

    func add(_ piece: [UInt8]) {
        let all = bytes.withLock { bytes in
            bytes += piece
            return bytes
        }
        // As long as it is no JSON, there is more to come.
        guard (try? JSONValue(parsing: all)) != nil else { return }
        exchange.answer(all, contentType: contentType, session: session)
    }
}

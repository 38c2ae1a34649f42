/// Where random bytes come from; replaced in tests.
public struct RandomSource: Sendable {
    private let body: @Sendable (Int) -> [UInt8]

    /// - Parameter bytes: Gives so many bytes that nobody can foresee.
    public init(_ bytes: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.body = bytes
    }

    func bytes(_ count: Int) -> [UInt8] { body(count) }

    /// The system's generator.
    public static let system = RandomSource { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

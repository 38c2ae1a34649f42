internal import NIOCore

extension Channel {
    /// Has the socket take no more than that many bytes which are not sent yet, so that a peer that does not read costs
    /// little: without, the system lets its buffer grow to megabytes.
    func limitUnsentBytes(to bytes: Int) {
        #if os(Linux)
            let name: CInt = 25
        #else
            let name: CInt = 0x201
        #endif
        // TCP_NOTSENT_LOWAT. What is no TCP socket does without.
        let option = ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: name))
        try? syncOptions?.setOption(option, value: SocketOptionValue(bytes))
    }
}

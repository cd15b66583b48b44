public import SupdPlugin

extension LinuxHost {
    public var tracking: ProcessTracking { .descent("not looked for") }
    public func details(of processes: [Int32]) -> [ProcessDetail] { [] }
    public func release(_ tree: ProcessTree) {}
    public func endLeftovers(within limit: Duration) -> [Leftover] { [] }
    public func bind(_ socket: ListenSocket) -> Result<BoundSocket, ErrorNumber> { .failure(ErrorNumber(38)) }
    public func unbind(_ socket: BoundSocket) {}
    public var invocationPrefix: String { "supd" }
}

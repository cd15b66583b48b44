import SupdJSON
import SupdPlugin

/// What there is to know of one method beside its name: who may call it, what its params are called, and how they are read.
///
/// The descriptor of a method stands in a file of this folder, together with its params; methods that take the same share one. A new
/// method is such a file and its case in `Method` and `Request.Call`, where the compiler asks for the rest.
final class MethodDescriptor: Sendable {
    /// What a client must be allowed to.
    let access: AccessClass
    /// The names of the params, in the order the manual has them. Others are refused before the params are read.
    let parameters: [Method.Parameter]
    /// The same as a set.
    let taken: ParameterSet
    /// Reads the params of a request.
    let decode: @Sendable (ParamsReader) throws(ProtocolError) -> Request.Call

    /// A method whose params are read by `decode`.
    init(
        _ access: AccessClass, _ parameters: [Method.Parameter],
        decode: @escaping @Sendable (ParamsReader) throws(ProtocolError) -> Request.Call
    ) {
        self.access = access
        self.parameters = parameters
        taken = ParameterSet(parameters)
        self.decode = decode
    }

    /// A method whose params are a value of their own.
    convenience init<Params: RequestParams>(
        _ access: AccessClass, _ parameters: [Method.Parameter], _ call: @escaping @Sendable (Params) -> Request.Call
    ) {
        self.init(access, parameters) { params throws(ProtocolError) in call(try Params(params)) }
    }

    /// A method without params.
    convenience init(_ access: AccessClass, _ call: Request.Call) {
        self.init(access, []) { _ throws(ProtocolError) in call }
    }
}

/// The params of a method, or of several. What is read from what was written is equal to it.
protocol RequestParams: WrittenParams {
    /// Reads them, or says which one is wrong.
    init(_ params: ParamsReader) throws(ProtocolError)
}

/// What stands in the params of a request.
protocol WrittenParams: Sendable {
    /// Writes them as members of an object that is begun; what is at its standard value is left out.
    func encode(into writer: inout JSONWriter)
}

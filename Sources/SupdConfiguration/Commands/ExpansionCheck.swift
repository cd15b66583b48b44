import SupdPlugin

/// Whether `expandSpecifiers` will take `text`, whoever the instance is.
func checkSpecifiers(in text: String) throws(ExpansionFault) {
    guard let name = ServiceName("check") else { return }
    _ = try expandSpecifiers(text, instance: InstanceName(service: name, index: 1))
}

/// Whether `expandCommand` will take `words`, whatever the environment has; only a program that turns out empty is left
/// to a start.
func checkExpansion(of words: [String]) throws(ExpansionFault) {
    guard words.contains(where: isReplaced) else { return }
    guard let name = ServiceName("check") else { return }
    _ = try expandCommand(
        ["check"] + words, instance: InstanceName(service: name, index: 1), environment: ProcessEnvironment())
}

// A plugin needs one import: the logger that it is given, and the JSON values of its control methods, come with this one.
@_exported public import Logging
@_exported public import SupdJSON

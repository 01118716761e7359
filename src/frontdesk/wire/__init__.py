"""The shapes on the wire: request structs per operation, one function per resource from a value to what is shown."""

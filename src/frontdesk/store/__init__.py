"""Remembers: state and events in one commit, on an embedded engine or a server."""

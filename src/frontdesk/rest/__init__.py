"""The REST API: reads a request, calls a service, shows the answer."""

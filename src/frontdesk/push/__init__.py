"""Notifications: a Bayeux (CometD) server, its two transports, and what Frontdesk says through it.

`bayeux` is a protocol machine without sockets, clock or domain: messages in, effects out. `long_polling` and
`websocket` carry it, `server` ties the three together, and `notifications` alone knows what an interaction is.
"""

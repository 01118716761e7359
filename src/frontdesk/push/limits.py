"""How long the Bayeux server waits and how much it keeps: every bound of push in one value."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Times are milliseconds, sizes bytes. What happens at a bound is said beside it."""

    timeout_ms: int = 25_000
    """A connect is held for so long, then answered. Below the 60 s at which common proxies cut idle connections."""
    interval_ms: int = 0
    """Advised pause between connects."""
    max_interval_ms: int = 40_000
    """A session without an outstanding connect expires after the interval and this."""
    surplus_interval_ms: int = 2_000
    """Advised pause for a browser that already holds as many long polls as it may."""
    polls_per_browser: int = 3
    """Held long polls of one BAYEUX_BROWSER cookie over HTTP/1.1; one more is answered at once. Negative: no bound."""
    restart_spread_ms: int = 2_000
    """At a graceful stop clients are told to come back within so long, each at its own moment."""
    queue_messages: int = 2_000
    """Events waiting for one session, with those not yet acknowledged. Beyond it all give way to a resync message."""
    queue_bytes: int = 4_000_000
    """The same, in bytes."""
    unproven_bytes: int = 128_000
    """Written to a websocket without a sign that it arrived. Beyond, its connect is answered early to get one."""
    resync_channels: int = 32
    """Channels that one overflow may name; a session that would need more is ended and has to handshake."""
    replay_events: int = 50
    """Events of the history that are read at once."""
    replay_ms: int = 10_000
    """A part of the history that cannot be read within so long is told as a gap."""
    brief_hold_ms: int = 250
    """A connect that wants no hold waits so long for a part of the history that is being read."""
    replay_pause_ms: int = 2_000
    """A replay waits so long, once, for a sign that its websocket is read."""
    frame_bytes: int = 64_000
    """Events are gathered in websocket frames up to about this size; one larger event goes alone."""
    subscriptions: int = 1_000
    """Of one session; the next one is refused."""
    messages_per_request: int = 1_000
    """In one array; a longer one is refused whole."""
    channel_length: int = 255
    """Characters of a channel name; a longer one is invalid."""
    id_length: int = 255
    """Characters of a message id; a longer one is invalid."""
    sessions_per_principal: int = 10_000
    """The next handshake ends the oldest session that has never connected; if there is none it is refused."""
    handshakes_per_s: int = 1_000
    """Of one principal and of one address, in the long run; more are told to try again later. 0: no bound."""
    handshake_burst: int = 100_000
    """So many at once before that counts."""
    inactive_ms: int = 0
    """A session whose client sent nothing but connects for so long is disconnected. 0: never."""
    events_are_activity: bool = True
    """Whether what is delivered to a session counts as activity, too."""
    sweep_ms: int = 20
    """What is due is looked for so often: no deadline is met later than that."""
    request_bytes: int = 1_000_000
    """A request body or websocket message; a larger one is answered 413 or closes the socket with 1009."""
    request_ms: int = 10_000
    """The body of a request has to arrive within so long."""

"""Forms and script tags, beside the plain POST of JSON."""

import json
from urllib.parse import quote, urlencode

import pytest

from frontdesk.push.long_polling import HttpManners
from tests.push.serving import Answer, Http, Serving, serving
from tests.push.wire import Message, connect, disconnect, seen, shake, subscribe

OPEN = HttpManners(callback_polling=True, forms=True)
FORM = "application/x-www-form-urlencoded"


def form(*values: object) -> bytes:
    return urlencode([("message", json.dumps(value)) for value in values]).encode()


async def asked(http: Http, *values: object, callback: str | None = "cb", **more: str) -> Answer:
    """What a script tag gets that asks for these messages."""
    fields = [("message", json.dumps(value)) for value in values]
    if callback is not None:
        fields.append(("jsonp", callback))
    http.request(b"", method="GET", path=f"?{urlencode(fields)}", content_type=None, **more)
    return await http.answer()


def called(answer: Answer, callback: str = "cb") -> list[Message]:
    """The messages that a script hands over."""
    assert answer.status == 200, answer
    body = answer.body.decode()
    opening = f"/**/{callback}("
    assert body.startswith(opening)
    assert body.endswith(");")
    messages = json.loads(body.removeprefix(opening).removesuffix(");"))
    assert isinstance(messages, list)
    return messages


async def test_a_form_is_read(server: Serving) -> None:
    """Messages one by one, or as arrays."""
    http = await server.http()
    http.request(form(shake()), content_type=FORM)
    client = (await http.answer()).messages[0]["clientId"]
    http.request(form(connect(client), [subscribe(client, "/chat/a"), disconnect(client)]), content_type=FORM)
    replies = (await http.answer()).messages
    assert [reply["channel"] for reply in replies] == ["/meta/connect", "/meta/subscribe", "/meta/disconnect"]


async def test_json_that_is_declared_a_form_is_read_as_json(server: Serving) -> None:
    """As the simplest command lines send it."""
    http = await server.http()
    assert (await http.post(shake(), content_type=FORM)).messages[0]["successful"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"a=b", 400),
        (b"message=", 400),
        (b"message=%7B", 400),
        (b"message=%ff", 400),
        (b"message=[]", 400),
        (form(*[shake()] * 1_001), 413),
        (b"&".join([b"a=1"] * 1_100), 413),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(server: Serving, body: bytes, status: int) -> None:
    http = await server.http()
    http.request(body, content_type=FORM)
    assert (await http.answer()).status == status


async def test_a_form_with_nothing_but_a_cookie_is_refused_unless_wanted() -> None:
    """Any site can have one sent."""
    async with serving() as server:
        http = await server.http()
        http.request(form(shake()), user=None, content_type=FORM, cookie="user=ada")
        assert (await http.answer()).status == 415
    async with serving(manners=OPEN) as server:
        http = await server.http()
        http.request(form(shake()), user=None, content_type=FORM, cookie="user=ada")
        assert (await http.answer()).messages[0]["successful"]


async def test_script_tags_are_not_answered_unless_wanted(server: Serving) -> None:
    http = await server.http()
    assert (await asked(http, shake())).status == 405
    reply = (await http.post(shake(supportedConnectionTypes=["callback-polling"]))).messages[0]
    assert not reply["successful"]
    assert "callback-polling" not in (await http.post(shake())).messages[0]["supportedConnectionTypes"]


async def test_a_session_by_script_tags() -> None:
    """Its events come with its connects, and the connection type is offered."""
    async with serving(manners=OPEN) as server:
        http = await server.http()
        answer = await asked(http, shake(supportedConnectionTypes=["callback-polling"]))
        assert answer.header("content-type") == "text/javascript;charset=UTF-8"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("cache-control") == "no-store"
        [reply] = called(answer)
        assert "callback-polling" in reply["supportedConnectionTypes"]
        client = reply["clientId"]
        [first, second] = called(await asked(http, [connect(client), subscribe(client, "/chat/a")]))
        assert first["advice"]["reconnect"] == "retry"
        assert second["successful"]
        server.deliver(("/chat/a", "a\u2028b\u2029c</script>"))
        answer = await asked(http, connect(client))
        assert "\u2028" not in answer.body.decode()
        assert "\u2029" not in answer.body.decode()
        assert seen(called(answer)) == ["a\u2028b\u2029c</script>"]
        assert next(iter(server.push.sessions())).transport == "callback-polling"


async def test_a_connect_by_a_script_tag_is_held() -> None:
    async with serving(manners=OPEN) as server:
        http = await server.http()
        client = await http.session("/chat/a")
        fields = urlencode({"message": json.dumps(connect(client)), "jsonp": "window.top.cb_1"})
        http.request(b"", method="GET", path=f"/connect?{fields}", content_type=None)
        await server.is_held()
        server.deliver(("/chat/a", 1))
        assert seen(called(await http.answer(), "window.top.cb_1")) == [1]


@pytest.mark.parametrize(
    "callback",
    ["", "alert(1)//", "a b", "a;b", "<script>", "a\n", "é", "1a", "-a", "a" * 65, "a[0]", "cb\u2028"],
)
async def test_a_callback_that_is_no_name_is_refused(callback: str) -> None:
    """And is not in the answer."""
    async with serving(manners=OPEN) as server:
        answer = await asked(await server.http(), shake(), callback=callback)
        assert answer.status == 400
        assert answer.header("content-type") == "application/json;charset=UTF-8"
        assert len(callback) < 2 or callback.encode() not in answer.body


async def test_what_asks_for_no_callback_is_refused() -> None:
    """As is one that names several."""
    async with serving(manners=OPEN) as server:
        http = await server.http()
        assert (await asked(http, shake(), callback=None)).status == 405
        http.request(b"", method="GET", path=f"?jsonp=a&jsonp=b&message={quote('[]')}", content_type=None)
        assert (await http.answer()).status == 400


@pytest.mark.parametrize("query", ["?jsonp=cb", "?jsonp=cb&message=", "?jsonp=cb&message=%7B", "?jsonp=cb&message=[]"])
async def test_a_script_tag_without_messages_is_refused(query: str) -> None:
    async with serving(manners=OPEN) as server:
        http = await server.http()
        http.request(b"", method="GET", path=query, content_type=None)
        assert (await http.answer()).status == 400


async def test_a_script_tag_of_nobody_is_told_so() -> None:
    """In a way that its client understands."""
    async with serving(manners=OPEN) as server:
        fields = urlencode({"message": json.dumps(shake()), "jsonp": "cb"})
        http = await server.http()
        http.request(b"", method="GET", path=f"?{fields}", content_type=None, user=None)
        [reply] = called(await http.answer())
        assert reply["error"].startswith("401::")
        assert reply["advice"]["reconnect"] == "none"

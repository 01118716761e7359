"""Everything a client can get wrong, over HTTP: a documented error each time, and nothing has changed.

Each row is asked of one running server, by ada, who works on an interaction that stays as it is through all of them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import pytest

from frontdesk.demo import PASSWORD
from tests.server import serving

DEEP = 5_000


class Place(NamedTuple):
    """The server, and what rows refer to in braces."""

    url: str
    clients: dict[str, httpx.Client]
    names: dict[str, str]

    def watched(self) -> list[dict[str, Any]]:
        """What must not change: ada's and grace's work, and all there is in both contact centres."""
        return [
            self.clients[user].get(path).json()
            for user, path in (
                ("ada", "/me/interactions?fields=*"),
                ("grace", "/me/interactions?fields=*"),
                ("root", "/interactions?fields=*"),
                ("root", "/users?fields=*"),
                ("root", "/queues?fields=*"),
                ("oscar", "/interactions?fields=*"),
            )
        ]


@dataclass(frozen=True)
class Row:
    """What is asked, and what has to be answered."""

    name: str
    http: int
    code: int
    path: str = "/me/interactions/{mine}"
    body: Any = None
    raw: bytes | None = None
    method: str = "POST"
    user: str | None = "ada"
    headers: dict[str, str] = field(default_factory=dict)


def op(name: str, http: int, code: int, operation: Any, *, path: str = Row.path, user: str = "ada", **more: Any) -> Row:
    """An operation with these parameters."""
    return Row(name, http, code, path, {"operationName": operation, **more}, user=user)


def get(name: str, http: int, code: int, path: str, **more: Any) -> Row:
    return Row(name, http, code, path, method="GET", **more)


def deep(opening: bytes, closing: bytes) -> bytes:
    return opening * DEEP + b"1" + closing * DEEP


ATTACH = b'{"operationName":"AttachUserData","userData":'

ROWS = [
    # ── operations and their parameters ──
    op("an unknown operation", 400, 2, "Fly"),
    op("an operation in other letters", 400, 2, "accept"),
    Row("no operation", 400, 1, body={}),
    op("a null for an operation", 400, 1, None),
    op("a number for an operation", 400, 10, 7),
    op("no user data", 400, 1, "AttachUserData"),
    op("null user data", 400, 1, "UpdateUserData", userData=None),
    op("a list of user data", 400, 10, "AttachUserData", userData=[1]),
    op("a text of user data", 400, 10, "UpdateUserData", userData="x"),
    op("an empty key", 400, 10, "AttachUserData", userData={"": 1}),
    op("a long key", 400, 10, "AttachUserData", userData={"k" * 300: 1}),
    op("too many keys", 400, 10, "AttachUserData", userData={f"k{n}": n for n in range(600)}),
    op("too many bytes", 400, 10, "AttachUserData", userData={"k": "x" * 70_000}),
    op("too many levels", 400, 10, "AttachUserData", userData={"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}),
    op("no keys to delete", 400, 1, "DeleteUserData"),
    op("keys that are numbers", 400, 10, "DeleteUserData", keys=[1, 2]),
    op("no receiver", 400, 1, "Transfer"),
    op("a receiver that is a number", 400, 10, "Transfer", userId=7),
    op("an unknown receiver", 400, 2, "Transfer", userId="nobody"),
    op("a receiver in another contact centre", 400, 2, "Transfer", userId="{eve}"),
    op("oneself as the receiver", 400, 10, "Transfer", userId="{ada}"),
    op("a receiver who is not there", 400, 2, "Transfer", userId="{linus}"),
    op("no queue", 400, 1, "PlaceInQueue"),
    op("an unknown queue", 400, 2, "PlaceInQueue", queueName="nowhere"),
    op("a queue of another contact centre", 400, 2, "PlaceInQueue", queueUri="/queues/{their_queue}"),
    op("a queue that is a list", 400, 10, "PlaceInQueue", queueName=["support"]),
    op("completing into an unknown queue", 400, 2, "Complete", queueName="nowhere"),
    op("no workbin", 400, 1, "PlaceInWorkbin"),
    op("an unknown workbin", 400, 2, "PlaceInWorkbin", workbin="Cellar"),
    op("a workbin that is a number", 400, 10, "PlaceInWorkbin", workbin=7),
    op("a workbin that is an empty object", 400, 10, "PlaceInWorkbin", workbin={}),
    op("a workbin of a user who has none", 400, 2, "PlaceInWorkbin", workbin="Team", agentGroup="Nobodies"),
    op("the content of an unknown workbin", 400, 2, "GetWorkbinContent", workbin="Cellar"),
    op("no disposition", 400, 1, "SetDisposition"),
    op("a disposition that is a number", 400, 10, "SetDisposition", disposition=7),
    # ── illegal states ──
    op("accepting what one works on", 400, 2, "Accept"),
    op("rejecting what one works on", 400, 2, "Reject"),
    op("cancelling what is no draft", 400, 2, "Cancel"),
    op("replying to what is no e-mail", 400, 2, "Reply", queueName="support"),
    op("completing what is only offered", 400, 2, "Complete", path="/me/interactions/{offered}", user="grace"),
    op("cancelling what is only offered", 400, 2, "Cancel", path="/me/interactions/{offered}", user="grace"),
    op("accepting what is finished", 400, 2, "Accept", path="/me/interactions/{finished}"),
    op("pulling what is in no bin", 400, 2, "PullInteraction", path="/me/workbins/{bin}", id="{mine}"),
    op("pulling what is another medium", 404, 6, "PullEmail", path="/me/workbins/{bin}", id="{mine}"),
    op("pulling nothing", 400, 1, "PullInteraction", path="/me/workbins/{bin}"),
    op("pulling what is not there", 404, 6, "PullInteraction", path="/me/workbins/{bin}", id="0000000000000000"),
    op("pulling what another contact centre has", 404, 6, "PullInteraction", path="/me/workbins/{bin}", id="{theirs}"),
    op("an unknown operation on a bin", 400, 2, "Open", path="/me/workbins/{bin}"),
    op("a channel one is not on", 400, 2, "Ready", path="/me/channels/chat"),
    op("an unknown state", 400, 2, "Sleeping", path="/me/channels/email"),
    op("no channels", 400, 1, "StartContactCenterSession", path="/me"),
    op("channels that are a text", 400, 10, "StartContactCenterSession", path="/me", channels="email"),
    op("channels that are numbers", 400, 10, "StartContactCenterSession", path="/me", channels=[1]),
    op("channels that can be none", 400, 10, "StartContactCenterSession", path="/me", channels=["E Mail"]),
    op("an item in no queue", 400, 1, "Create", path="/me/workitems"),
    op("an item of an unknown parent", 400, 2, "Create", path="/me/workitems", queueName="support", parentId="nothing"),
    op("a parent elsewhere", 400, 2, "Create", path="/me/workitems", queueName="support", parentId="{theirs}"),
    # ── whose it is ──
    op("an unknown interaction", 404, 6, "Complete", path="/me/interactions/0000000000000000"),
    op("an interaction of another contact centre", 404, 6, "Complete", path="/me/interactions/{theirs}"),
    op("somebody else's interaction", 403, 5, "Complete", path="/me/interactions/{hers}"),
    op("somebody else's offer", 403, 5, "Accept", path="/me/interactions/{offered}"),
    op("another medium's path", 404, 6, "Complete", path="/me/emails/{mine}"),
    get("reading an unknown interaction", 404, 6, "/interactions/0000000000000000"),
    get("reading another contact centre's interaction", 404, 6, "/interactions/{theirs}"),
    get("reading its history", 404, 6, "/interactions/{theirs}/events"),
    get("reading somebody else's as one's own", 403, 5, "/me/interactions/{hers}"),
    get("an unknown workbin's content", 404, 6, "/me/workbins/nothing?subresources=*"),
    get("an unknown kind of content", 404, 6, "/me/workbins/{bin}/parrots"),
    get("an e-mail that is none", 404, 6, "/emails/{mine}"),
    get("an attachment of nothing", 404, 6, "/emails/{mine}/attachments/1"),
    op("an agent's operation by an administrator", 403, 5, "Complete", user="root"),
    Row("a submission by an agent", 403, 5, "/interactions", {"mediaType": "workitem", "queueName": "support"}),
    Row("a user made by an agent", 403, 5, "/users", {"userName": "mallory", "password": "long enough"}),
    # ── ids that are none ──
    *(
        get(f"an id such as {what}", 404, 6, f"/interactions/{what}")
        for what in ("%00", "%ff%fe", "..%2f..%2fetc", "'%20OR%201=1--", "%F0%9F%98%80", "x" * 2_000, "%25", "{{mine}}")
    ),
    op("an id that is a wildcard", 404, 6, "Complete", path="/me/interactions/*"),
    # ── bodies that are none ──
    Row("an empty body", 400, 10, raw=b""),
    Row("half a body", 400, 10, raw=b'{"operationName":'),
    Row("a body with something after it", 400, 10, raw=b'{"operationName":"Complete"}}'),
    Row("a list for a body", 400, 10, raw=b"[]"),
    Row("a text for a body", 400, 10, raw=b'"Complete"'),
    Row("a null for a body", 400, 10, raw=b"null"),
    Row("a number that is none", 400, 10, raw=ATTACH + b'{"n":NaN}}'),
    Row("a number beyond numbers", 400, 10, raw=ATTACH + b'{"n":1e999}}'),
    Row("bytes that are no UTF-8", 400, 10, raw=ATTACH + b'{"n":"\xff\xfe"}}'),
    Row("an operation that is no UTF-8", 400, 10, raw=b'{"operationName":"\xc3\x28"}'),
    Row("half a character", 400, 10, raw=ATTACH + b'{"n":"\\ud800"}}'),
    Row("half a character as a key", 400, 10, raw=ATTACH + b'{"\\ud800":1}}'),
    Row("another encoding", 400, 10, raw='{"operationName":"Complete"}'.encode("utf-16")),
    Row("objects 5,000 deep", 400, 10, raw=ATTACH + deep(b'{"a":', b"}") + b"}"),
    Row("lists 5,000 deep", 400, 10, raw=ATTACH + b'{"a":' + deep(b"[", b"]") + b"}}"),
    Row("a body of nothing but depth", 400, 10, raw=deep(b"[", b"]")),
    Row("depth that never ends", 400, 10, raw=b'{"a":' * DEEP),
    Row("depth where nobody looks", 400, 10, raw=b'{"operationName":"Accept","x":' + deep(b'{"a":', b"}") + b"}"),
    Row("a body of 10 MB", 413, 10, raw=ATTACH + b'{"a":"' + b"x" * 10_000_000 + b'"}}'),
    Row("a form", 415, 10, raw=b"operationName=Complete", headers={"content-type": "multipart/form-data"}),
    Row("a text", 415, 10, raw=b'{"operationName":"Complete"}', headers={"content-type": "text/plain"}),
    # ── methods and paths ──
    Row("deleting an interaction", 405, 3, "/interactions/{mine}", method="DELETE"),
    Row("putting where one posts", 405, 3, body={"operationName": "Complete"}, method="PUT"),
    Row("a method for other servers", 405, 3, "/interactions", method="PATCH"),
    get("a path that leads nowhere", 404, 6, "/nowhere"),
    get("a path that leads too far", 404, 6, "/interactions/{mine}/events/more"),
    get("an empty part of a path", 404, 6, "/interactions//events"),
    # ── queries ──
    *(
        get(f"a query such as {query}", 400, 10, f"/interactions?{query}")
        for query in (
            "limit=-1",
            "limit=1000000000",
            "limit=99999999999999999999999",
            "limit=ten",
            "limit=1.5",
            "limit=%D9%A3",
            "offset=-1",
            "offset=99999999999999999999999",
            "sortBy=mood",
            "order=Sideways",
            "mood=good",
            "userData.=x",
            "limit=%ff",
        )
    ),
    # ── submitting ──
    *(
        Row(f"a submission with {what}", 400, code, "/interactions", body, user="root")
        for what, code, body in (
            ("no medium", 1, {"queueName": "support"}),
            ("no queue", 1, {"mediaType": "workitem"}),
            ("an unknown queue", 2, {"mediaType": "workitem", "queueName": "nowhere"}),
            ("a queue elsewhere", 2, {"mediaType": "workitem", "queueUri": "/queues/{their_queue}"}),
            ("a medium that can be none", 10, {"mediaType": "../x", "queueName": "support"}),
            ("a medium that is a number", 10, {"mediaType": 1, "queueName": "support"}),
            ("a priority that is a text", 10, {"mediaType": "workitem", "queueName": "support", "priority": "high"}),
            ("a priority beyond numbers", 10, {"mediaType": "workitem", "queueName": "support", "priority": 10**30}),
            ("a subject that is a list", 10, {"mediaType": "workitem", "queueName": "support", "subject": []}),
            ("a subject without end", 10, {"mediaType": "workitem", "queueName": "support", "subject": "x" * 100_000}),
            ("an external id of nothing", 10, {"mediaType": "workitem", "queueName": "support", "externalId": ""}),
            ("user data that is a list", 10, {"mediaType": "workitem", "queueName": "support", "userData": []}),
        )
    ),
    # ── keys, and properties that cannot be changed ──
    Row("a key without end", 400, 10, body={"operationName": "Complete"}, headers={"idempotency-key": "k" * 300}),
    Row("a key of nothing", 400, 10, body={"operationName": "Complete"}, headers={"idempotency-key": ""}),
    Row("a property that cannot be changed", 400, 11, "/interactions/{mine}", {"state": "Completed"}, method="PUT"),
    Row("a change of nothing", 400, 1, "/interactions/{mine}", {}, method="PUT"),
    # ── who asks ──
    get("nobody", 403, 20, "/me", user=None),
    get("a wrong password", 403, 20, "/me", user=None, headers={"authorization": "Basic YWRhOndyb25n"}),
    get("half a credential", 403, 20, "/me", user=None, headers={"authorization": "Basic ///"}),
    get("a scheme of nobody's", 403, 20, "/me", user=None, headers={"authorization": "Digest x"}),
    get("a token of nobody's", 403, 20, "/me", user=None, headers={"authorization": "Bearer nothing"}),
    get("a cookie of nobody's", 403, 20, "/me", user=None, headers={"cookie": "JSESSIONID=" + "0" * 64}),
    # ── administration ──
    Row("a user without a name", 400, 1, "/users", {"password": "long enough"}, user="root"),
    Row("a user who is there", 409, 18, "/users", {"userName": "ada", "password": "long enough"}, user="root"),
    Row("a user elsewhere", 409, 18, "/users", {"userName": "eve", "password": "long enough"}, user="root"),
    Row("a user with a short password", 400, 10, "/users", {"userName": "mallory", "password": "x"}, user="root"),
    Row("a queue that is there", 409, 18, "/queues", {"name": "support"}, user="root"),
    Row("deleting a queue that is used", 409, 19, "/queues/{queue}", method="DELETE", user="root"),
    Row("deleting a queue elsewhere", 404, 6, "/queues/{their_queue}", method="DELETE", user="root"),
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on which ada and grace each work on one thing, grace is offered another, and eve has one elsewhere."""
    environment = {"FRONTDESK_SIGN_IN_FAILURES_BEFORE_DELAY": "1000"}
    with serving(tmp_path_factory.mktemp("bad-input") / "data", "--demo", environment=environment) as server:
        api = f"{server.url}/api/v2"
        people = ("ada", "grace", "root", "eve", "oscar")
        clients = {name: httpx.Client(base_url=api, auth=(name, PASSWORD), timeout=30) for name in people}
        try:
            yield Place(api, clients, _furnished(clients))
        finally:
            for client in clients.values():
                client.close()
        assert server.stop() == 0
        assert "Traceback" not in server.log(), server.log()


def _furnished(clients: dict[str, httpx.Client]) -> dict[str, str]:
    def did(user: str, path: str, **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = clients[user].post(path, json=body).json()
        assert answer["statusCode"] == 0, answer
        return answer

    def works_on(user: str, admin: str) -> str:
        did(user, "/me", operationName="StartContactCenterSession", channels=["email", "workitem"])
        created = did(user, "/me/workitems", operationName="Create", queueName="support")
        return str(created["id"])

    names = {"mine": works_on("ada", "root"), "hers": works_on("grace", "root"), "theirs": works_on("eve", "oscar")}
    offered = did("ada", "/me/workitems", operationName="Create", queueName="support")["id"]
    finished = did("ada", "/me/workitems", operationName="Create", queueName="support")["id"]
    did("ada", f"/me/interactions/{finished}", operationName="Complete")
    grace = clients["grace"].get("/me").json()["user"]["id"]
    did("ada", f"/me/interactions/{offered}", operationName="Transfer", userId=grace)
    users = clients["root"].get("/users?fields=id,userName").json()["users"]
    names |= {one["userName"]: one["id"] for one in users}
    names |= {"offered": offered, "finished": finished, "eve": clients["eve"].get("/me").json()["user"]["id"]}
    for name, user in (("queue", "root"), ("their_queue", "oscar")):
        names[name] = clients[user].get("/queues?fields=id&name=support").json()["queues"][0]["id"]
    bins = clients["ada"].get("/me/workbins?fields=*").json()["workbins"]
    names["bin"] = next(one["id"] for one in bins if one["workbinName"] == "In_Progress")
    return names


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_is_wrong_is_told_by_its_number_and_changes_nothing(place: Place, row: Row) -> None:
    before = place.watched()

    answer = _asked(place, row)

    told = answer.json()
    assert (answer.status_code, told["statusCode"]) == (row.http, row.code), told
    assert set(told) == {"statusCode", "statusMessage", "status", "errorDescription"}
    assert told["status"] == "error"
    assert told["statusMessage"] == told["errorDescription"] != ""
    assert answer.headers["content-type"].startswith("application/json")
    assert place.watched() == before


def test_a_body_without_end_is_refused_before_its_end(place: Place) -> None:
    """Without a Content-Length the size is known only when it is too much."""
    chunks = (b"x" * 100_000 for _ in range(100))
    answer = place.clients["ada"].post(f"/me/interactions/{place.names['mine']}", content=chunks)
    assert (answer.status_code, answer.json()["statusCode"]) == (413, 10)


def test_a_cookie_alone_changes_nothing_without_its_token(place: Place) -> None:
    with httpx.Client(base_url=place.url) as client:
        signed_in = client.get("/me", auth=("ada", PASSWORD))
        body = {"operationName": "Complete"}
        path = f"/me/interactions/{place.names['mine']}"
        refused = client.post(path, json=body)
        assert (refused.status_code, refused.json()["statusCode"]) == (403, 3)
        wrong = client.post(path, json=body, headers={"x-csrf-token": signed_in.headers["x-csrf-token"][::-1]})
        assert (wrong.status_code, wrong.json()["statusCode"]) == (403, 3)
        right = {"operationName": "AttachUserData", "userData": {}}
        token = {signed_in.headers["x-csrf-header"]: signed_in.headers["x-csrf-token"]}
        assert client.post(path, json=right, headers=token).json()["statusCode"] == 0


def _asked(place: Place, row: Row) -> httpx.Response:
    path = _filled(place, row.path)
    content = row.raw
    if content is None and row.body is not None:
        content = _filled(place, json.dumps(row.body)).encode()
    headers = {"content-type": "application/json", **row.headers}
    if row.user is None:
        return httpx.request(row.method, f"{place.url}{path}", content=content, headers=headers, timeout=30)
    return place.clients[row.user].request(row.method, path, content=content, headers=headers)


def _filled(place: Place, text: str) -> str:
    for name, value in place.names.items():
        text = text.replace(f"{{{name}}}", value)
    return text

"""Whatever is asked, the answer is as described: requests made from the description itself, against the real server.

A third of them ask well for what is there, a third well for anything, a third wrongly. The description is closed first,
so that a key which nobody described is a fault as well.
"""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from frontdesk.demo import PASSWORD
from frontdesk.rest.api import routes
from tests.rest.described import closed_document
from tests.server import Server, serving

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATIENCE = 500  # looks at what the server does by itself

Schema = schemathesis.BaseSchema


class Town:
    """The demo's people on a running server, with something in every place that can be asked for."""

    def __init__(self, server: Server) -> None:
        self.api = server.api
        self._clients: dict[str, requests.Session] = {}
        for user in ("ada", "grace"):
            channels = ["email", "chat", "workitem", "form"]
            self.does(user, "/me", {"operationName": "StartContactCenterSession", "channels": channels})
        self.does("ada", "/me", {"operationName": "Ready"})
        _send_mail(server.mail)
        for medium in ("chat", "workitem", "form"):
            self.does(
                "root", "/interactions", {"mediaType": medium, "queueName": "vip", "userData": {"Segment": "gold"}}
            )
        offered = self._offered(4)
        for one in offered.values():
            self.does("ada", f"/me/interactions/{one}", {"operationName": "Accept"})
        attachments = self.asks("ada", "GET", f"/emails/{offered['email']}")["email"]["attachments"]
        bins = self.asks("ada", "GET", "/workbins?fields=*")["workbins"]
        #: A value for each placeholder; for `{id}` by the collection before it.
        self.there = {
            **{f"{medium}s": one for medium, one in offered.items()},
            "interactions": offered["workitem"],
            "{mediaType}": offered["form"],
            "mediaType": "form",
            "attachmentId": attachments[0]["id"],
            "workbins": next(one["id"] for one in bins if one["workbinName"] == "In_Progress"),
            "userId": self.asks("ada", "GET", "/me")["user"]["id"],
            "channel": "email",
            "plural": "interactions",
            "group": "dispositions",
            "setting": "Resolved",
            "agent-states": self._made("settings/agent-states", {"operationName": "OutToLunch"}),
            "contacts": self.asks("ada", "GET", "/me")["user"]["id"],
            "sessions": self._connected(),
            "section": "htcc",
            "version": self.asks("root", "PUT", "/routing/policy", {})["id"],
            "features": "api-multimedia-email",
            "services": "ON_PREMISE_ENVIRONMENT",
            "contact-centers": self.asks("ada", "GET", "/me")["user"]["contactCenterId"],
            "users": self._made("users", {"userName": "mira", "password": "a long pass phrase"}),
            "tokens": self._made("tokens", {"name": "spare", "scopes": ["read"]}),
            **{one: self._made(one, {"name": "spare"}) for one in ("queues", "groups", "skills")},
        }
        self.does("root", "/settings/dispositions", {"name": "Resolved"})
        #: What a body may name, and it is there.
        self.known = {"queueName": "support", "userId": "grace", "workbin": "In_Progress", "id": offered["workitem"]}

    def client(self, user: str) -> requests.Session:
        if user not in self._clients:
            self._clients[user] = requests.Session()
            self._clients[user].auth = (user, PASSWORD)
        return self._clients[user]

    def asks(self, user: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.client(user).request(method, self.api + path, json=body, timeout=30)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def does(self, user: str, path: str, body: Any) -> dict[str, Any]:
        return self.asks(user, "POST", path, body)

    def existing(self, path: str) -> dict[str, str]:
        """Values for the placeholders of a path, which lead to something."""
        segments = path.strip("/").split("/")
        named = [(before, segment[1:-1]) for before, segment in pairwise(segments) if segment.startswith("{")]
        return {name: self.there[before if name == "id" else name] for before, name in named}

    def with_what_is_there(self, body: Any) -> Any:
        return {**body, **{name: self.known[name] for name in body.keys() & self.known.keys()}}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _made(self, collection: str, body: dict[str, Any]) -> str:
        return str(self.does("root", f"/{collection}", body)["id"])

    def _connected(self) -> str:
        """The id under which an administrator sees a push session."""
        shake = {"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}
        self.client("ada").post(f"{self.api}/notifications", json=shake, timeout=30)
        [session] = self.asks("root", "GET", "/system/sessions")["sessions"]
        return str(session["id"])

    def _offered(self, wanted: int) -> dict[str, str]:
        held: list[dict[str, str]] = []
        for _ in range(PATIENCE):
            held = self.asks("ada", "GET", "/me/interactions?fields=id,channel,state")["interactions"]
            if len(held) == wanted:
                return {one["channel"]: one["id"] for one in held}
        raise AssertionError(f"offered: {held}")


def _send_mail(address: tuple[str, int]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "customer@example.com", "vip@frontdesk.example", "Broken lamp"
    mail.set_content("It does not light.")
    mail.add_attachment(b"not really a picture", maintype="image", subtype="png", filename="lamp.png")
    with smtplib.SMTP(*address, timeout=30) as smtp:
        smtp.send_message(mail)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    directory = tmp_path_factory.mktemp("town") / "data"
    with serving(directory, "--demo", environment={"FRONTDESK_LOG_LEVEL": "warning"}) as server:
        found = Town(server)
        yield found
        found.close()


@pytest.fixture(scope="module")
def description() -> Schema:
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_dict(closed_document(), config=config)


def has_blanks(url: str) -> bool:
    """Whether the query leaves a value empty, which is read as if it were not there."""
    return any(value == "" for _, value in parse_qsl(urlsplit(url).query, keep_blank_values=True))


@pytest.mark.parametrize(("method", "path"), [(route.method, route.path) for route in routes()])
def test_whatever_is_asked_is_answered_as_described(method: str, path: str, town: Town, description: Schema) -> None:
    operation = description[path][method]
    well = operation.as_strategy(path_parameters=town.existing(path)).map(lambda case: (case, True))
    somehow = operation.as_strategy().map(lambda case: (case, False))
    wrongly = operation.as_strategy(GenerationMode.NEGATIVE).map(lambda case: (case, False))
    can_be_wrong = bool(operation.query or operation.headers or operation.body)

    @given(st.one_of(well, somehow, *([wrongly] if can_be_wrong else [])))
    @settings(max_examples=6, database=None, suppress_health_check=list(HealthCheck))
    def answered(asked: tuple[Case[Any], bool]) -> None:
        case, is_meant_well = asked
        if is_meant_well and isinstance(case.body, dict):
            case.body = town.with_what_is_there(case.body)
        for user in ("ada", "root"):
            answer = case.call(base_url=town.api, session=town.client(user), timeout=30)
            checks = CHECKS if has_blanks(answer.request.url or "") else [*CHECKS, negative_data_rejection]
            case.validate_response(answer, checks=checks)

    answered()

"""The description of the API is valid, complete, and says of requests what the server does with them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

import frontdesk
from frontdesk.core import errors
from frontdesk.core.errors import FrontdeskError
from frontdesk.core.permissions import Act
from frontdesk.rest.api import routes
from frontdesk.wire.answer_keys import KEYS
from frontdesk.wire.operations import EFFECTS, INTERACTION
from tests.desk import Desk
from tests.rest.described import closed_document, described, faults

COMPONENTS = described()["components"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in described()["paths"].items()
    for method, operation in methods.items()
}


def within(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a part of the document."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from within(inner)


# ── it is valid ──────────────────────────────────────────────────────────────────────────────────


def test_it_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(described()).validate()


def test_a_document_that_is_not_valid_would_be_found() -> None:
    broken = json.loads(json.dumps(described()))
    del broken["info"]["title"]
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(broken).validate()


@pytest.mark.parametrize("name", COMPONENTS["schemas"])
def test_every_schema_is_valid(name: str) -> None:
    jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_named(name)})


def schema_named(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = COMPONENTS["schemas"][name]
    return schema


def test_every_reference_leads_somewhere() -> None:
    targets = {part["$ref"] for part in within(described()) if "$ref" in part}
    targets |= {
        target
        for part in within(described())
        if "discriminator" in part
        for target in part["discriminator"]["mapping"].values()
    }
    assert targets
    for target in targets:
        _, components, kind, name = target.split("/")
        assert name in described()[components][kind], target


def test_every_schema_is_used() -> None:
    used = {part["$ref"].rpartition("/")[2] for part in within(described()) if "schemas" in part.get("$ref", "")}
    wholes = {name.removesuffix("Part") for name in used}  # clients write their types after these
    assert set(COMPONENTS["schemas"]) == used | wholes


def test_examples_are_what_they_are_examples_of() -> None:
    for (method, path), operation in OPERATIONS.items():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for part in (*bodies, operation["responses"]["200"]):
            content = part["content"].get("application/json")
            if content is not None:
                assert faults(content["example"], content["schema"]) == [], f"{method} {path}: {content['example']}"


# ── it is complete ───────────────────────────────────────────────────────────────────────────────


def test_it_has_every_route_and_nothing_else() -> None:
    assert set(OPERATIONS) == {(route.method, route.path) for route in routes()}


def test_it_is_of_this_version() -> None:
    assert described()["info"]["version"] == frontdesk.__version__


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_every_tag_is_described() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    described_tags = {tag["name"] for tag in described()["tags"] if tag["description"]}
    assert used | {"Notifications"} == described_tags


def test_every_placeholder_is_a_parameter_that_says_what_it_is() -> None:
    for (_, path), operation in OPERATIONS.items():
        of_path = {one["name"]: one["description"] for one in operation["parameters"] if one.get("in") == "path"}
        assert of_path.keys() == set(re.findall(r"{(\w+)}", path)), path
        assert all(of_path.values()), path


def test_every_key_of_every_answer_says_what_it_holds() -> None:
    for route in routes():
        unknown = set(route.shows) - KEYS.keys() - route.holds.keys()
        assert not unknown, f"{route.method} {route.path}: say in wire.answer_keys what {unknown} hold"
        assert not route.holds.keys() - set(route.shows), f"{route.method} {route.path} does not show them"


def test_every_refusal_there_is_can_be_looked_up() -> None:
    table = dict(re.findall(r"^\| (\d+) \| ([\d, ]+) \|", described()["info"]["description"], re.MULTILINE))
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FrontdeskError)]
    assert len(kinds) > 20
    for kind in kinds:
        assert str(kind.status_code) in table, f"{kind.__name__} has a code that is not in the table"
        assert str(kind.http_status) in table[str(kind.status_code)].split(", "), kind.__name__
        answer = COMPONENTS["responses"][str(kind.http_status)]
        assert re.search(rf"\b{kind.status_code}\b", answer["description"].partition("`statusCode`")[2]), kind.__name__
        assert kind.status_code in schema_named("Failure")["properties"]["statusCode"]["enum"]


def test_every_operation_that_can_be_posted_is_a_choice_and_says_what_it_does() -> None:
    for route in routes():
        if route.operations is None:
            continue
        schema = OPERATIONS[route.method, route.path]["requestBody"]["content"]["application/json"]["schema"]
        choices = schema_named(schema["$ref"].rpartition("/")[2])["discriminator"]["mapping"]
        assert choices.keys() == route.operations.keys(), route.path
        for name, target in choices.items():
            choice = schema_named(target.rpartition("/")[2])
            assert choice["properties"]["operationName"] == {"const": name}
            assert choice["description"] == EFFECTS[name]


def test_writes_that_can_be_repeated_say_so() -> None:
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    for (method, path), operation in OPERATIONS.items():
        assert (key in operation["parameters"]) == (method != "GET"), path


def test_what_needs_a_sign_in_says_which() -> None:
    for route in routes():
        security = OPERATIONS[route.method, route.path]["security"]
        ways = [set(way) for way in security]
        if route.act is None:
            assert ways == []
        else:
            session = {"session"} if route.method == "GET" else {"session", "csrf"}
            assert ways == [{"basic"}, {"bearer"}, session]


def test_answers_are_described_openly_and_our_tests_read_them_closed() -> None:
    assert "additionalProperties" not in schema_named("Interaction")
    assert closed_document()["components"]["schemas"]["Interaction"]["additionalProperties"] is False


# ── it says what the server does ─────────────────────────────────────────────────────────────────


async def test_the_server_gives_it_to_everybody(desk: Desk) -> None:
    got = await desk.get("/openapi.json", None)
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert got.body == described()


async def test_nobody_is_let_in_who_has_not_signed_in(desk: Desk) -> None:
    for route in routes():
        if route.act is not None:
            got = await desk.request(route.method, re.sub(r"{\w+}", "1", route.path), None, {})
            assert (got.status, got.body["statusCode"]) == (403, 20), f"{route.method} {route.path}"


def needing(operations: dict[str, Any]) -> list[str]:
    """Operations that cannot do without something besides their name."""
    choices = {name: schema_named(f"{name}Operation") for name in operations}
    return [name for name, choice in choices.items() if "anyOf" in choice or len(choice["required"]) > 1]


async def test_what_is_said_to_be_needed_is_demanded(desk: Desk) -> None:
    interaction = await desk.ada_works_on("email")
    needy = needing(dict(INTERACTION))
    assert {"Transfer", "PlaceInQueue", "AttachUserData", "DeleteUserData", "PlaceInWorkbin"} < set(needy)
    for name in needy:
        got = await desk.operate("ada", interaction, name)
        assert (got.status, got.body["statusCode"]) == (400, 1), name
    bins = (await desk.get("/me/workbins?fields=*")).body["workbins"]
    for name in ("AddInteraction", "PullInteraction"):
        got = await desk.post(f"/me/workbins/{bins[0]['id']}", {"operationName": name})
        assert got.body["statusCode"] == 1, name
    for path, user, body in (
        ("/me", "ada", {"operationName": "StartContactCenterSession"}),
        ("/me/workitems", "ada", {"operationName": "Create"}),
        ("/interactions", "root", {"queueName": "support"}),
        ("/interactions", "root", {"mediaType": "workitem"}),
        *((f"/{one}", "root", {}) for one in ("users", "queues", "groups", "skills", "workbins", "tokens")),
    ):
        got = await desk.post(path, body, user)
        assert (got.status, got.body["statusCode"]) == (400, 1), path


async def test_what_is_not_said_to_be_needed_is_not_demanded(desk: Desk) -> None:
    for name in set(INTERACTION) - set(needing(dict(INTERACTION))):
        interaction = await desk.ada_works_on("email")
        got = await desk.operate("ada", interaction, name)
        assert got.body["statusCode"] != 1, name
        await desk.operate("ada", interaction, "Complete")


async def test_every_filter_and_order_that_is_described_is_understood(desk: Desk) -> None:
    interaction = await desk.submits()
    centre = (await desk.get("/me")).body["user"]
    values = {"mediaType": "fax", "userId": centre["id"]}
    for route in routes():
        operation = OPERATIONS[route.method, route.path]
        parameters = {one["name"]: one for one in operation["parameters"] if "name" in one}
        if "filter" not in parameters:
            continue
        path = re.sub(r"{(\w+)}", lambda found: values.get(found[1], "In_Progress"), route.path)
        path = path.replace("{plural}", "interactions").replace("/In_Progress/In_Progress", "/In_Progress/interactions")
        if route.path.startswith("/users/{id}/"):
            path = route.path.replace("{id}", centre["id"])
        if route.path == "/interactions/{id}/events":
            path = f"/interactions/{interaction}/events"
        user = "root" if route.act is Act.ADMINISTER else "ada"
        names = [*parameters["filter"]["schema"]["properties"]]
        names += [
            name.strip("^").replace(r"\..+$", ".Segment")
            for name in parameters["filter"]["schema"]["patternProperties"]
        ]
        for name in names:
            value = "User" if (route.path, name) == ("/contacts", "type") else "x"  # one of a few is wanted there
            got = await desk.get(f"{path}?{name}={value}&sortBy={name}&order=Descending", user)
            assert got.status == 200, f"{path} by {name}: {got.body}"

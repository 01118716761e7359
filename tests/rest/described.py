"""The description of the API as tests use it: as JSON, closed, and able to judge an answer."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from frontdesk.rest import openapi
from frontdesk.rest.api import routes

Document = dict[str, Any]

_ADDRESS = "urn:frontdesk:description"


@cache
def described() -> Document:
    """What /api/v2/openapi.json gives, once for all tests: nobody changes it."""
    document: Document = json.loads(json.dumps(openapi.document(routes())))
    return document


def closed(part: Any) -> Any:
    """The same, where an object has no other keys than those that are described.

    Answers are described openly, because clients must bear new keys; a key that nobody described is our fault, though.
    """
    if isinstance(part, dict):
        found = {name: closed(value) for name, value in part.items()}
        if found.get("type") == "object" and "properties" in found:
            found.setdefault("additionalProperties", False)
        return found
    return [closed(value) for value in part] if isinstance(part, list) else part


@cache
def closed_document() -> Document:
    document: Document = closed(described())
    return document


def faults(value: Any, schema: Any) -> list[str]:
    """What is wrong with a value by a schema of the closed document."""
    validator = _validator(json.dumps(schema).replace('"#/', f'"{_ADDRESS}#/'))
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema), registry=_registry())


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([(_ADDRESS, closed_document())])


def faults_of_answer(method: str, path: str, status: int, content_type: str, body: Any) -> list[str]:
    """What is wrong with an answer to a request of this route."""
    answers = closed_document()["paths"][path][method.lower()]["responses"]
    if str(status) not in answers:
        return [f"{status} is not described"]
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = closed_document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    for described_type, content in answer["content"].items():
        if described_type in ("*/*", content_type.partition(";")[0]):
            is_json = described_type == "application/json"
            return faults(body, content["schema"]) if is_json else []
    return [f"{content_type} is not described"]

"""The readable description: one page, made from the OpenAPI document and nothing else.

It is whole without scripts; `static/docs.js` adds search, copying and the choice of colours. Every resource and every
operation has an address of its own on the page.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from frontdesk.rest.docs_fields import choices_of, fields, parameter, type_of
from frontdesk.rest.examples import example
from frontdesk.rest.prose import html_of, inline, json_of, slug

Schema = Mapping[str, Any]

#: Stands for the server's address in examples; the page's script puts the real one there.
ORIGIN: Final = "http://127.0.0.1:8090"
# What every collection understands, told in one place on the page.
_OF_LISTS: Final = frozenset({"fields", "subresources", "sortBy", "order", "limit", "offset", "filter"})
# Who a reader may be in the demo, by what an example does.
_AGENT, _ADMIN = "ada:demo", "root:demo"


def page(document: Mapping[str, Any]) -> str:
    """The page in HTML."""
    return _Page(document).html()


class _Page:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]
        self._by_tag: dict[str, list[tuple[str, str, Schema]]] = {tag["name"]: [] for tag in document["tags"]}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                self._by_tag[operation["tags"][0]].append((method, path, operation))
        messages = {one["messageType"] for one in document["x-notifications"]}
        hidden = ("Part", "Operation", "Operations")  # told where they are used
        self._shown_schemas = [name for name in self._schemas if not name.endswith(hidden) and name not in messages]
        bodies = (_body_schema(one[2]) for operations in self._by_tag.values() for one in operations)
        self._asked = {str(body["$ref"]).rpartition("/")[2] for body in bodies if body and "$ref" in body}
        self._explained: dict[str, str] = {}  # name of a set of operations → the article that explains them

    def html(self) -> str:
        info = self._document["info"]
        main = [self._overview(), *(self._tag(tag) for tag in self._document["tags"]), self._resources()]
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(info["title"])} API</title>
<link rel="icon" href="docs/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs/docs.css">
<script src="docs/docs.js"></script>
</head>
<body>
<a class="skip" href="#overview">Skip to the description</a>
<header class="bar">
<a class="brand" href="#overview"><img src="docs/icon.svg" alt="" width="24" height="24">{escape(info["title"])}
<span>API {escape(info["version"])}</span></a>
<button class="menu" type="button" aria-controls="contents" aria-expanded="false" hidden>Contents</button>
<label class="search" hidden><span class="unseen">Search</span>
<input type="search" placeholder="Search" autocomplete="off" spellcheck="false">
<kbd>/</kbd></label>
<a class="document" href="api/v2/openapi.json">OpenAPI</a>
<button class="theme" type="button" aria-label="Change colours" title="Change colours" hidden></button>
</header>
<nav id="contents" aria-label="Contents">{self._contents()}
<p class="nothing" hidden>Nothing is called that.</p></nav>
<main>
{"".join(main)}
</main>
</body>
</html>
"""

    # ── contents ─────────────────────────────────────────────────────────────────────────────────

    def _contents(self) -> str:
        headings = re.findall(r"^## (.+)$", self._document["info"]["description"], re.MULTILINE)
        overview = "".join(_link(f"overview-{slug(title)}", inline(title)) for title in headings)
        groups = [f'<section><h2><a href="#overview">Overview</a></h2><ul>{overview}</ul></section>']
        told: set[str] = set()
        for name, operations in self._by_tag.items():
            links = "".join(self._entry(*operation, told) for operation in operations)
            heading = f'<h2><a href="#tag-{slug(name)}">{escape(name)}</a></h2>'
            if not links:
                links = "".join(
                    _link(f"message-{one['messageType']}", f"<code>{one['messageType']}</code>", one["messageType"])
                    for one in self._document["x-notifications"]
                )
            groups.append(f"<section>{heading}<ul>{links}</ul></section>")
        links = "".join(_link(f"schema-{name}", f"<code>{name}</code>", name) for name in self._shown_schemas)
        heading = '<h2><a href="#resources">Resources</a></h2>'
        groups.append(f'<section>{heading}<ul class="inner">{links}</ul></section>')
        return "".join(groups)

    def _entry(self, method: str, path: str, operation: Schema, told: set[str]) -> str:
        """A link to an operation on a path and, where they are explained, to what can be posted to it."""
        name = operation["operationId"]
        label = f'<span class="method {method}">{method.upper()}</span><code>{_path(path)}</code>'
        inner = ""
        bodies = self._named_operations(operation)
        if bodies and bodies[0] not in told:
            told.add(bodies[0])
            inner = "".join(_link(f"{name}.{one}", f"<code>{one}</code>", one) for one in bodies[1])
        words = f"{method} {path} {operation['summary']}"
        nested = f'<ul class="inner">{inner}</ul>' if inner else ""
        return _link(name, label, words, title=operation["summary"], nested=nested)

    # ── sections ─────────────────────────────────────────────────────────────────────────────────

    def _overview(self) -> str:
        info = self._document["info"]
        return (
            f'<section id="overview" class="prose"><h1>{escape(info["title"])} API</h1>'
            f"{html_of(info['description'], anchors='overview-')}</section>"
        )

    def _tag(self, tag: Schema) -> str:
        name = tag["name"]
        articles = "".join(self._article(*operation) for operation in self._by_tag[name])
        messages = "".join(self._messages()) if not articles else ""
        return (
            f'<section id="tag-{slug(name)}" class="tag"><div class="prose"><h2>{escape(name)}</h2>'
            f"{html_of(tag['description'], heading=3)}</div>{articles}{messages}</section>"
        )

    def _article(self, method: str, path: str, operation: Schema) -> str:
        name = operation["operationId"]
        body = self._body(name, method, path, operation)
        return f"""
<article id="{name}">
<header><h3>{inline(operation["summary"])} {_anchor(name)}</h3>
<p class="endpoint"><span class="method {method}">{method.upper()}</span><code>{_path(path)}</code></p></header>
<div class="told">{html_of(operation["description"])}
{self._parameters(operation)}{body}{self._answers(operation)}</div>
<div class="shown">{self._shown(method, path, operation)}</div>
</article>"""

    def _parameters(self, operation: Schema) -> str:
        given = [self._resolved(one) for one in operation["parameters"]]
        of_lists = [one for one in given if one["name"] in _OF_LISTS]
        if len(of_lists) <= 2:
            of_lists = []
        own = [one for one in given if one not in of_lists]
        told = f'<dl class="fields">{"".join(map(parameter, own))}</dl>' if own else ""
        if of_lists:
            names = ", ".join(f"<code>{one['name']}</code>" for one in of_lists)
            told += f'<details class="lists"><summary><span>{names}</span></summary>'
            told += f'<dl class="fields">{"".join(map(parameter, of_lists))}</dl></details>'
        return f"<h4>Parameters</h4>{told}" if told else ""

    def _body(self, name: str, method: str, path: str, operation: Schema) -> str:
        schema = _body_schema(operation)
        if schema is None:
            return ""
        bodies = self._named_operations(operation)
        if bodies is None:
            return f"<h4>Body</h4>{fields(self._schema(schema))}"
        title, operations = bodies
        if title in self._explained:
            links = ", ".join(f'<a href="#{self._explained[title]}.{one}"><code>{one}</code></a>' for one in operations)
            return f"<h4>Operations</h4><p>{links}.</p>"
        self._explained[title] = name
        path = self._filled(path, operation)
        told = "".join(self._operation(f"{name}.{one}", method, path, one, held) for one, held in operations.items())
        return f'<h4>Operations</h4><div class="operations">{told}</div>'

    def _operation(self, anchor: str, method: str, path: str, name: str, schema: Schema) -> str:
        body = example(schema, self._schemas)
        choices = "".join(
            f"<p>One of {', '.join(f'<code>{escape(one)}</code>' for one in names)}.</p>"
            for names in choices_of(schema)
        )
        return (
            f'<details id="{anchor}"><summary><code>{name}</code> <span>{inline(schema.get("description", ""))}</span>'
            f"</summary>{choices}{fields(schema, without=('operationName',))}{_request(method, path, body)}</details>"
        )

    def _answers(self, operation: Schema) -> str:
        success = operation["responses"]["200"]
        [(content_type, content)] = success["content"].items()
        if content_type != "application/json":
            told = f"<p>The bytes, as <code>{escape(content_type)}</code>.</p>"
        else:
            told = fields(content["schema"], is_told=True)
        headers = "".join(
            _header(name, self._resolved(held))
            for name, held in success.get("headers", {}).items()
            if "CSRF" not in name
        )
        statuses = ", ".join(
            f'<a href="#overview-ask-and-be-answered">{status}</a>'
            for status in operation["responses"]
            if status != "200"
        )
        return f'<h4>Answer</h4>{told}{headers}<p class="refusals">Refusals: {statuses}.</p>'

    def _shown(self, method: str, path: str, operation: Schema) -> str:
        path = self._filled(path, operation)
        names = [one.get("name") for one in operation["parameters"]]
        query = "?fields=*" if "fields" in names and "sortBy" in names else ""
        content = operation["responses"]["200"]["content"]
        answer = content.get("application/json", {}).get("example")
        body = (
            operation["requestBody"]["content"]["application/json"]["example"] if "requestBody" in operation else None
        )
        shown = "" if answer is None else _figure("200", "json", json_of(answer))
        who = _ADMIN if "Agent" not in operation["description"] else _AGENT
        if not operation["security"]:
            who = ""
        return _request(method, path, body, query, who) + shown

    def _messages(self) -> Iterator[str]:
        for one in self._document["x-notifications"]:
            name = one["messageType"]
            schema = self._schema(one["data"])
            shown = {"channel": one["topic"], "data": example(one["data"], self._schemas)}
            yield f"""
<article id="message-{name}">
<header><h3><code>{name}</code> {_anchor(f"message-{name}")}</h3>
<p class="endpoint"><span class="method push">PUSH</span><code>{escape(one["topic"])}</code></p></header>
<div class="told">{html_of(one["description"])}<h4>Data</h4>{fields(schema, is_told=True)}</div>
<div class="shown">{_figure("Message", "json", json_of(shown))}</div>
</article>"""

    def _resources(self) -> str:
        shown = []
        for name in self._shown_schemas:
            schema = self._schemas[name]
            told = fields(schema, is_told=name not in self._asked) or f"<p>{type_of(schema)}</p>"
            shown.append(
                f'<article id="schema-{name}" class="schema"><header><h3><code>{name}</code> '
                f"{_anchor(f'schema-{name}')}</h3></header>"
                f'<div class="told">{html_of(schema.get("description", ""))}{told}</div></article>'
            )
        text = "What requests and answers hold, under the names that other parts of this page refer to."
        return (
            f'<section id="resources" class="tag"><div class="prose"><h2>Resources</h2><p>{text}</p></div>'
            f"{''.join(shown)}</section>"
        )

    # ── looking things up ────────────────────────────────────────────────────────────────────────

    def _filled(self, path: str, operation: Schema) -> str:
        """The path with an example in place of each placeholder."""
        for one in map(self._resolved, operation["parameters"]):
            path = path.replace(f"{{{one['name']}}}", str(one.get("example")))
        return path

    def _schema(self, schema: Schema) -> Schema:
        target = schema.get("$ref")
        return schema if target is None else self._schemas[str(target).rpartition("/")[2]]

    def _resolved(self, described: Schema) -> Schema:
        target = described.get("$ref")
        if target is None:
            return described
        _, _, kind, name = str(target).split("/")
        found: Schema = self._document["components"][kind][name]
        return found

    def _named_operations(self, operation: Schema) -> tuple[str, dict[str, Schema]] | None:
        """The name of a set of operations, and each operation's schema by its name."""
        schema = _body_schema(operation)
        whole = self._schema(schema) if schema is not None else {}
        if "discriminator" not in whole:
            return None
        mapping = whole["discriminator"]["mapping"]
        return whole["title"], {name: self._schema({"$ref": target}) for name, target in mapping.items()}


def _body_schema(operation: Schema) -> Schema | None:
    if "requestBody" not in operation:
        return None
    schema: Schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _link(target: str, label: str, words: str = "", *, title: str = "", nested: str = "") -> str:
    hint = f' title="{escape(title)}"' if title else ""
    searched = f' data-words="{escape(words.lower())}"' if words else ""
    return f'<li{searched}><a href="#{target}"{hint}>{label}</a>{nested}</li>'


def _anchor(name: str) -> str:
    return f'<a class="anchor" href="#{name}" aria-label="Link to this">#</a>'


def _path(path: str) -> str:
    """With a chance to break the line after each segment, and placeholders set apart."""
    return re.sub(r"{(\w+)}", r"<i>{\1}</i>", escape(path).replace("/", "/<wbr>"))


def _header(name: str, described: Schema) -> str:
    return f'<dl class="fields">{parameter({**described, "name": name, "in": "header"})}</dl>'


def _request(method: str, path: str, body: Any, query: str = "", who: str = _AGENT) -> str:
    """The request as a command for a shell."""
    url = f"{ORIGIN}/api/v2{path}{query}"
    words = ["curl"]
    if who:
        words += ["-u", who]
    if method != "get":
        words += ["-X", method.upper()]
    lines = [f"{' '.join(words)} {shlex.quote(url)}"]
    if body is not None:
        lines += ["  -H 'Content-Type: application/json'", f"  -d {shlex.quote(json.dumps(body, ensure_ascii=False))}"]
    command = escape(" \\\n".join(lines), quote=False)
    return _figure("Request", "sh", command)


def _figure(caption: str, language: str, html: str) -> str:
    return f'<figure><figcaption>{caption}</figcaption><pre class="{language}"><code>{html}</code></pre></figure>'

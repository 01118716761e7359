"""The readable description: whole, linked, and fetched from nowhere but the server itself."""

import re
import subprocess
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from frontdesk.rest import docs_page
from frontdesk.rest.api import routes
from frontdesk.rest.docs import Docs
from frontdesk.rest.openapi_refusals import STATUS_CODES
from frontdesk.rest.prose import html_of, inline, json_of
from frontdesk.rest.security_headers import PAGE_POLICY, SecurityHeaders
from tests.desk import Desk
from tests.rest.described import described

SERVER = "http://desk.test"
HTML = docs_page.page(described())
VOID = {"meta", "link", "img", "input", "br", "wbr"}


class Element(NamedTuple):
    name: str
    attributes: dict[str, str | None]


class Page(HTMLParser):
    """The elements of a page in order; complains where tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, attribute: str) -> list[str]:
        return [value for _, held in self.elements if (value := held.get(attribute)) is not None]


PAGE = Page(HTML)


@pytest.fixture(scope="module")
def docs() -> SecurityHeaders:
    return SecurityHeaders(Docs(routes()))


async def fetched(docs: Any, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=docs), base_url=SERVER) as browser:
        return await browser.request(
            method, path, headers={name.replace("_", "-"): one for name, one in headers.items()}
        )


# ── what is on it ────────────────────────────────────────────────────────────────────────────────


def test_every_route_has_an_article_with_an_example() -> None:
    articles = re.findall(r'<article id="(\w+)">(.*?)</article>', HTML, re.DOTALL)
    assert len(articles) == len(dict(articles))
    told = dict(articles)
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            article = told[operation["operationId"]]
            assert f'<span class="method {method}">{method.upper()}</span>' in article
            example = Page(re.findall(r'<pre class="sh">.*?</pre>', article, re.DOTALL)[-1]).text
            assert example.startswith("curl "), f"{method} {path}"
            assert "{id}" not in example


def test_every_operation_has_an_address_of_its_own() -> None:
    names = PAGE.all("id")
    for route in routes():
        for operation in route.operations or ():
            assert any(name.endswith(f".{operation}") for name in names), operation


def test_every_message_and_every_status_code_is_told() -> None:
    for message in described()["x-notifications"]:
        assert f"message-{message['messageType']}" in PAGE.all("id")
    for code, meaning in STATUS_CODES.items():
        assert f"<td>{code}</td>" in HTML
        assert inline(meaning) in HTML


def test_no_address_on_the_page_is_given_twice() -> None:
    names = PAGE.all("id")
    assert sorted(set(names)) == sorted(names)


def test_every_link_within_the_page_leads_somewhere() -> None:
    inside = [href.removeprefix("#") for href in PAGE.all("href") if href.startswith("#")]
    assert len(inside) > 300
    assert set(inside) <= set(PAGE.all("id"))


def test_what_the_server_wrote_is_shown_as_text_and_never_as_markup() -> None:
    hostile = "<script>alert(1)</script>"
    document = {
        **described(),
        "info": {**described()["info"], "title": hostile, "description": f"{hostile} `{hostile}`"},
    }
    assert hostile not in docs_page.page(document)


# ── where it comes from ──────────────────────────────────────────────────────────────────────────


def test_the_page_asks_no_other_server_and_keeps_the_policy() -> None:
    for element in PAGE.elements:
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        assert element.name != "style"
        if element.name == "script":
            assert element.attributes["src"]
    wanted = [*PAGE.all("src"), *(href for href in PAGE.all("href") if not href.startswith("#"))]
    assert wanted
    assert all(urlsplit(one).scheme == "" and not one.startswith("/") for one in wanted)
    assert "url(" not in static("docs.css")
    assert "@import" not in static("docs.css")


async def test_everything_the_page_asks_for_is_there(docs: Any) -> None:
    for page in ("/docs", "/desk/../docs"):
        wanted = [*PAGE.all("src"), *(href for href in PAGE.all("href") if not href.startswith("#"))]
        for one in wanted:
            got = await fetched(docs, urljoin(f"{SERVER}{page}", one))
            assert got.status_code == 200, one


async def test_the_root_leads_to_the_page(docs: Any) -> None:
    for path in ("/", "/docs/"):
        got = await fetched(docs, path)
        assert got.status_code == 307
        assert urljoin(f"{SERVER}{path}", got.headers["location"]) == f"{SERVER}/docs"
        assert urljoin(f"{SERVER}/behind/a/proxy{path}", got.headers["location"]) == f"{SERVER}/behind/a/proxy/docs"


async def test_the_page_comes_with_a_strict_policy(docs: Any) -> None:
    got = await fetched(docs, "/docs")
    assert (got.status_code, got.text) == (200, HTML)
    assert got.headers["content-type"] == "text/html; charset=utf-8"
    assert got.headers["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY


async def test_the_whole_server_serves_it_without_a_sign_in(desk: Desk) -> None:
    got = await desk.get("//docs", None)
    assert got.status == 200
    assert got.body["raw"].decode() == HTML


# ── how it comes ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.css", "/docs/docs.js", "/docs/icon.svg", "/api/v2/openapi.json"])
async def test_what_has_not_changed_is_not_sent_again(docs: Any, path: str) -> None:
    first = await fetched(docs, path)
    again = await fetched(docs, path, if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache"
    other = await fetched(docs, path, if_none_match='"another"')
    assert other.content == first.content


async def test_it_is_compressed_for_those_who_can_read_that(docs: Any) -> None:
    plain = await fetched(docs, "/api/v2/openapi.json", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    small = await fetched(docs, "/api/v2/openapi.json", accept_encoding="gzip, br")
    assert small.headers["content-encoding"] == "gzip"
    assert small.content == plain.content  # httpx has taken it apart
    assert int(small.headers["content-length"]) * 5 < int(plain.headers["content-length"])


async def test_asking_for_the_head_gives_the_head(docs: Any) -> None:
    whole, head = [await fetched(docs, "/docs", method) for method in ("GET", "HEAD")]
    assert head.content == b""
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/docs", 405), ("GET", "/docs/other.css", 404)])
async def test_anything_else_is_refused_as_everywhere(docs: Any, method: str, path: str, status: int) -> None:
    got = await fetched(docs, path, method)
    assert got.status_code == status
    assert got.json()["status"] == "error"


# ── what it is made with ─────────────────────────────────────────────────────────────────────────


def static(name: str) -> str:
    return resources.files("frontdesk.rest").joinpath("static", name).read_text(encoding="utf-8")


def test_the_script_can_be_read(node: Path, tmp_path: Path) -> None:
    script = tmp_path / "docs.js"
    script.write_text(static("docs.js"), encoding="utf-8")
    checked = subprocess.run([str(node), "--check", str(script)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_the_styles_speak_of_what_is_on_the_page() -> None:
    on_page = {one for value in PAGE.all("class") for one in value.split()}
    by_script = {"scripted", "searched", "open", "copy"}
    named = set(
        re.findall(r"\.([a-z][\w-]*)(?=[\s:,.>{)\[])", re.sub(r"/\*.*?\*/", "", static("docs.css"), flags=re.DOTALL))
    )
    assert named - on_page - by_script == set()


PROSE = [
    ("one\ntwo", "<p>one two</p>"),
    ("a `<b>` and **c** [d](#e)", '<p>a <code>&lt;b&gt;</code> and <strong>c</strong> <a href="#e">d</a></p>'),
    ("## A title\n\ntext", "<h2>A title</h2>\n<p>text</p>"),
    ("- one\n  more\n- `two`", "<ul><li>one more</li><li><code>two</code></li></ul>"),
    ("```sh\nls <x>\n```", '<pre class="sh"><code>ls &lt;x&gt;</code></pre>'),
    (
        "| a | b |\n| --- | --- |\n| 1 | `2` |",
        '<div class="wide"><table><thead><tr><th>a</th><th>b</th></tr></thead>'
        "<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>",
    ),
]


@pytest.mark.parametrize(("text", "html"), PROSE)
def test_our_texts_become_html(text: str, html: str) -> None:
    assert html_of(text) == html


def test_json_is_shown_in_colours_and_says_the_same() -> None:
    value = {"a": ["<b>", 'quo"te', 1.5, True, None], "c: d": {"1": "2: 3"}}
    html = json_of(value)
    assert Page(f"<pre>{html}</pre>").text.replace(" ", "").replace("\n", "") == (
        '{"a":["<b>","quo\\"te",1.5,true,null],"c:d":{"1":"2:3"}}'
    )
    assert re.findall(r'class="key">([^<]+)<', html) == ['"a"', '"c: d"', '"1"']

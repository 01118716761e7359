"""Somebody who uses the server through plain HTTP, as an integration does."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from frontdesk.demo import PASSWORD
from tests.desk import Got

_TIMEOUT = aiohttp.ClientTimeout(total=30)


class Person:
    """A user with a client that keeps cookies. `api` can be changed: the server comes back on another port."""

    def __init__(self, http: aiohttp.ClientSession, api: str, name: str) -> None:
        self.api = api
        self.name = name
        self.id = ""
        self.http = http
        self._csrf: dict[str, str] = {}

    async def signs_in(self) -> None:
        """With name and password, once; everything after it goes by the cookie."""
        credential = base64.b64encode(f"{self.name}:{PASSWORD}".encode()).decode()
        got = await self.get("/me", headers={"authorization": f"Basic {credential}"})
        assert got.status == 200, got.body
        self.id = got.body["user"]["id"]
        self._csrf = {got.headers["x-csrf-header"]: got.headers["x-csrf-token"]}

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        key: str | None = None,
    ) -> Got:
        """One request under /api/v2. `key` is its Idempotency-Key."""
        sent = {"content-type": "application/json", **self._csrf, **(headers or {})}
        if key is not None:
            sent["idempotency-key"] = key
        raw = None if body is None else json.dumps(body).encode()
        async with self.http.request(method, f"{self.api}{path}", data=raw, headers=sent) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Got(answer.status, await answer.json(), names)

    async def get(self, path: str, **more: Any) -> Got:
        return await self.request("GET", path, **more)

    async def post(self, path: str, body: Any, **more: Any) -> Got:
        return await self.request("POST", path, body, **more)

    async def did(self, path: str, body: Any, **more: Any) -> Got:
        """A post that has to succeed."""
        got = await self.post(path, body, **more)
        assert (got.status, got.body["statusCode"]) == (200, 0), f"{self.name}: {got.body}"
        return got

    async def operates(self, interaction: str, operation: str, **parameters: Any) -> Got:
        return await self.post(f"/me/interactions/{interaction}", {"operationName": operation, **parameters})

    async def becomes(self, state: str, *channels: str) -> None:
        """Start a session on these channels and set the state of all of them."""
        await self.did("/me", {"operationName": "StartContactCenterSession", "channels": list(channels)})
        await self.did("/me", {"operationName": state})


@asynccontextmanager
async def people(api: str, *names: str) -> AsyncIterator[dict[str, Person]]:
    """Everybody signed in, each with a client and connections of their own."""
    clients = [
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=_TIMEOUT)  # cookies of an IP address
        for _ in names
    ]
    try:
        persons = {name: Person(client, api, name) for name, client in zip(names, clients, strict=True)}
        for person in persons.values():
            await person.signs_in()
        yield persons
    finally:
        for client in clients:
            await client.close()

"""Users and what an administrator made: images and columns agree, and so does all that is searched from outside."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from frontdesk.core.directory import Group, Queue
from frontdesk.store import catalogue, statements
from frontdesk.store.catalogue import (
    AGENT_STATE,
    GROUP,
    QUEUE,
    SETTINGS_GROUP,
    SKILL,
    WORKBIN,
    addresses,
)
from frontdesk.store.emails import IMAGES as EMAILS
from frontdesk.store.findings import Finding, Law, Source, read, unlike
from frontdesk.store.rows import Images
from frontdesk.store.tokens import IMAGES as TOKENS
from frontdesk.store.users import IMAGES as USERS

SQL: Final = statements.load("verify")

_IMAGES: Final[Mapping[str, Images[Any]]] = MappingProxyType(
    {
        QUEUE: catalogue.QUEUES,
        GROUP: catalogue.GROUPS,
        SKILL: catalogue.SKILLS,
        WORKBIN: catalogue.WORKBINS,
        AGENT_STATE: catalogue.AGENT_STATES,
        SETTINGS_GROUP: catalogue.SETTINGS_GROUPS,
    }
)


def directory(source: Source) -> Iterator[Finding]:
    """Each queue, group, skill and workbin, with what it names."""
    for contact_centre, noun, id_, name, version, image in source.walk(SQL.all_things):
        thing = f"{noun} {id_}"
        if noun not in _IMAGES:
            yield Finding(Law.COLUMNS, thing, "there are no such things.", contact_centre)
            continue
        one = read(_IMAGES[noun], image, contact_centre, thing)
        if isinstance(one, Finding):
            yield one
            continue
        stored = {"id": id_, "name": name, "version": version}
        yield from unlike(stored, {"id": one.id, "name": one.name, "version": one.version}, contact_centre, thing)
        for sentence in _links(source, contact_centre, one):
            yield Finding(Law.LINKS, thing, sentence, contact_centre)


def links(source: Source) -> Iterator[Finding]:
    """The rows that are kept beside no image at all."""
    for address, contact_centre, queue in source.walk(SQL.all_addresses):
        row = source.one(SQL.thing, {"contact_centre": contact_centre, "noun": QUEUE, "id": queue})
        if row is not None:
            one = read(catalogue.QUEUES, row[0], contact_centre, f"queue {queue}")
            if isinstance(one, Finding) or address in addresses(one):
                continue
        sentence = f"it gets the mail for {address}, and {'does not say so' if row else 'is not there'}."
        yield Finding(Law.LINKS, f"queue {queue}", sentence, contact_centre)


def users(source: Source) -> Iterator[Finding]:
    """Each user's columns."""
    for contact_centre, id_, user_name, version, image in source.walk(SQL.all_users):
        one = read(USERS, image, contact_centre, f"user {id_}")
        if isinstance(one, Finding):
            yield one
            continue
        stored = {"id": id_, "user_name": user_name, "version": version}
        said = {"id": one.id, "user_name": one.user_name, "version": one.version}
        yield from unlike(stored, said, contact_centre, f"user {id_}")


def tokens(source: Source) -> Iterator[Finding]:
    """Each token's columns, and that its user exists."""
    for contact_centre, id_, user_id, image in source.walk(SQL.all_tokens):
        thing = f"token {id_}"
        one = read(TOKENS, image, contact_centre, thing)
        if isinstance(one, Finding):
            yield one
            continue
        stored = {"id": id_, "user_id": user_id}
        yield from unlike(stored, {"id": one.id, "user_id": one.user_id}, contact_centre, thing)
        if source.one(SQL.user, {"contact_centre": contact_centre, "user_id": user_id}) is None:
            yield Finding(Law.LINKS, thing, f"it is of the user {user_id}, who is not there.", contact_centre)


def emails(source: Source) -> Iterator[Finding]:
    """Each e-mail lies beside an interaction of the same contact centre."""
    for contact_centre, interaction, image in source.walk(SQL.all_emails):
        thing = f"e-mail {interaction}"
        one = read(EMAILS, image, contact_centre, thing)
        if isinstance(one, Finding):
            yield one
        if source.one(SQL.interaction, {"contact_centre": contact_centre, "id": interaction}) is None:
            yield Finding(Law.LINKS, thing, "its interaction is not there.", contact_centre)


def _links(source: Source, contact_centre: str, one: object) -> Iterator[str]:
    here = {"contact_centre": contact_centre}
    if isinstance(one, Queue):
        for address in sorted(addresses(one)):
            if source.one(SQL.address, {**here, "address": address, "queue": one.id}) is None:
                yield f"it says that it gets the mail for {address}, and does not."
        for group in sorted(one.groups):
            if source.one(SQL.thing, {**here, "noun": GROUP, "id": group}) is None:
                yield f"the group {group} serves it, which is not there."
    if isinstance(one, Queue | Group):
        for user in sorted(one.agents if isinstance(one, Queue) else one.members):
            if source.one(SQL.user, {**here, "user_id": user}) is None:
                yield f"it names the user {user}, who is not there."

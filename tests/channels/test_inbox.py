"""A message that came in is an interaction that an agent can read, once."""

import pytest

from frontdesk.channels.email.inbox import Inbox
from frontdesk.channels.email.session import ReceivedMail
from tests.channels.mails import CORPUS, HTML, PLAIN, message
from tests.desk import Desk


async def arrives(desk: Desk, raw: bytes) -> list[str]:
    """The message comes in; the e-mails that are offered to ada then."""
    queues = (await desk.get("/queues?fields=*", "root")).body["queues"]
    ours = next(queue["emailAddresses"][0] for queue in queues if queue["name"] == "support")
    desk.clock.advance(ms=1)
    await Inbox(desk.app.house.emails).receive(
        ReceivedMail(
            raw=raw,
            envelope_from="ada@example.org",
            envelope_to=(ours,),
            peer="127.0.0.1",
            received_at_ms=desk.clock.now_ms(),
        )
    )
    await desk.settled()
    return list(await desk.held_by("ada"))


@pytest.fixture
async def ready(desk: Desk) -> Desk:
    """A desk where ada waits for e-mails."""
    await desk.becomes("ada", "Ready", "email")
    return desk


async def test_every_message_becomes_an_interaction_that_can_be_read(ready: Desk) -> None:
    for name, raw in CORPUS.items():
        (interaction,) = await arrives(ready, raw)
        shown = (await ready.get(f"/me/emails/{interaction}")).body["email"]
        assert shown["state"] == "Invited", name
        assert shown["userData"]["Origination_Source"] == "Email", name
        for attachment in shown["attachments"]:
            got = await ready.get(f"/emails/{interaction}/attachments/{attachment['id']}")
            assert got.status == 200, (name, attachment)
        await ready.did("ada", interaction, "Accept")
        await ready.did("ada", interaction, "Complete")


async def test_what_is_read_is_what_was_written(ready: Desk) -> None:
    (interaction,) = await arrives(
        ready, message(HTML.partition(b"\r\n\r\n")[2], Subject="s", Content_Type="text/html")
    )
    shown = (await ready.get(f"/me/emails/{interaction}")).body["email"]
    assert (shown["subject"], shown["body"], shown["bodyAsPlainText"]) == ("s", "<p>Hello <b>you</b></p>", "Hello you")


async def test_a_file_is_downloaded_by_its_own_name(ready: Desk) -> None:
    part = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n'
        b"Content-Disposition: attachment; filename*=UTF-8''R%C3%A9sum%C3%A9%22.txt\r\n\r\nwords\r\n--b--\r\n"
    )
    (interaction,) = await arrives(ready, b"Subject: s\r\n" + part)
    (attachment,) = (await ready.get(f"/me/emails/{interaction}")).body["email"]["attachments"]

    got = await ready.get(f"/emails/{interaction}/attachments/{attachment['id']}")

    assert got.headers["content-disposition"] == (
        "attachment; filename=\"R_sum__.txt\"; filename*=UTF-8''R%C3%A9sum%C3%A9_.txt"
    )


async def test_a_message_that_is_sent_again_is_the_same_interaction(ready: Desk) -> None:
    raw = b"Message-ID: <1@example.org>\r\n" + PLAIN
    first = await arrives(ready, raw)
    assert await arrives(ready, b"Received: by another.relay\r\n" + raw) == first


async def test_a_message_that_cannot_be_told_from_another_is_one_more(ready: Desk) -> None:
    await arrives(ready, PLAIN)
    assert len(await arrives(ready, PLAIN)) == 2

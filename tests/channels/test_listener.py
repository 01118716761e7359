"""Mail that comes in is stored before it is acknowledged; mail that is not wanted is refused in words senders know."""

import asyncio
import smtplib

import pytest

from frontdesk.channels.email.session import ListenerLimits
from tests.channels.mailroom import NOW_MS, mailroom
from tests.channels.mails import PLAIN


async def test_a_message_arrives_as_it_was_sent() -> None:
    async with mailroom() as room:
        await room.send(PLAIN)
    (mail,) = room.stored
    assert (mail.raw, mail.envelope_from, mail.envelope_to) == (PLAIN, "ada@example.org", ("support@desk.example",))
    assert (mail.peer, mail.received_at_ms) == ("127.0.0.1", NOW_MS)


async def test_a_message_is_acknowledged_only_when_it_is_stored() -> None:
    async with mailroom() as room:
        room.may_store.clear()
        sending = asyncio.create_task(room.send(PLAIN))
        await room.storing.wait()
        assert not sending.done()
        assert room.stored == []
        room.may_store.set()
        await sending
        assert room.contents == [PLAIN]


async def test_a_message_that_cannot_be_stored_is_to_be_sent_again() -> None:
    async with mailroom() as room:
        room.fault = OSError("disk full at /secret/place")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await room.send(PLAIN)
        assert refused.value.smtp_code == 451
        assert "secret" not in str(refused.value.smtp_error)
        room.fault = None
        await room.send(PLAIN)
        assert room.contents == [PLAIN]


async def test_a_store_that_takes_too_long_is_not_waited_for() -> None:
    async with mailroom(ListenerLimits(answer_s=0.05)) as room:
        room.may_store.clear()
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await room.send(PLAIN)
        assert refused.value.smtp_code == 451


async def test_an_unknown_mailbox_is_refused_and_the_others_are_not() -> None:
    async with mailroom() as room:
        refused = await room.client(
            lambda client: client.sendmail("ada@example.org", ["nobody@elsewhere.example", "sales@desk.example"], PLAIN)
        )
        assert {address: code for address, (code, _) in refused.items()} == {"nobody@elsewhere.example": 550}
        assert [mail.envelope_to for mail in room.stored] == [("sales@desk.example",)]
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await room.send(PLAIN, to="nobody@elsewhere.example")


async def test_a_mailbox_that_cannot_be_looked_up_is_to_be_tried_again() -> None:
    async with mailroom() as room:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await room.send(PLAIN, to="trouble@desk.example")
        assert [code for code, _ in refused.value.recipients.values()] == [451]


async def test_what_we_can_do_is_announced() -> None:
    def features(client: smtplib.SMTP) -> dict[str, str]:
        client.ehlo()
        return client.esmtp_features

    async with mailroom(ListenerLimits(message_bytes=5_000)) as room:
        assert await room.client(features) == {"size": "5000", "8bitmime": "", "smtputf8": "", "pipelining": ""}
    async with mailroom(with_tls=True) as room:
        assert "starttls" in await room.client(features)


async def test_a_message_that_says_it_is_too_big_is_refused_before_it_is_sent() -> None:
    async with mailroom(ListenerLimits(message_bytes=1_000)) as room:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            await room.send(PLAIN + b"x" * 1_000)
        assert refused.value.smtp_code == 552


@pytest.mark.parametrize("size", [1_001, 3_500])
async def test_a_message_that_proves_too_big_is_refused_and_the_next_one_is_taken(size: int) -> None:
    async with mailroom(ListenerLimits(message_bytes=1_000)) as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"x" * (size - 2) + b"\r\n.\r\n")
        assert (await wire.answer()).startswith("552")
        await wire.begins_data()
        await wire.write(b"x" * 998 + b"\r\n.\r\n")
        assert (await wire.answer()).startswith("250")
    assert room.contents == [b"x" * 998 + b"\r\n"]


async def test_a_flood_is_hung_up_on() -> None:
    async with mailroom(ListenerLimits(message_bytes=1_000)) as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"x" * 200_000)
        assert "250" not in await wire.rest()


async def test_a_bounce_has_no_sender() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.asks(b"EHLO client.example")
        assert (await wire.asks(b"MAIL FROM:<> SIZE=10 BODY=8BITMIME")).startswith("250")
        await wire.asks(b"RCPT TO:<support@desk.example>")
        await wire.asks(b"DATA")
        await wire.asks(b".")
    assert [(mail.envelope_from, mail.raw) for mail in room.stored] == [("", b"")]


async def test_addresses_and_content_may_be_in_any_script() -> None:
    raw = "Subject: Grüße\r\n\r\n✓\r\n".encode()
    async with mailroom() as room:
        await room.client(
            lambda client: client.sendmail(
                "jürgen@müller.example", ["büro@desk.example"], raw, mail_options=("SMTPUTF8", "BODY=8BITMIME")
            )
        )
    (mail,) = room.stored
    assert (mail.envelope_from, mail.envelope_to, mail.raw) == ("jürgen@müller.example", ("büro@desk.example",), raw)


@pytest.mark.parametrize("address", [b"\xff\xfe@desk.example", b"@desk.example", b"a@b@c", b"x"])
async def test_what_is_no_address_is_no_mailbox(address: bytes) -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.asks(b"EHLO client.example")
        await wire.asks(b"MAIL FROM:<ada@example.org>")
        assert (await wire.asks(b"RCPT TO:<" + address + b">"))[:3] in {"553", "501", "550", "555"}
        assert (await wire.asks(b"NOOP")).startswith("250")


async def test_a_recipient_named_twice_gets_it_once() -> None:
    async with mailroom() as room:
        await room.client(lambda c: c.sendmail("a@example.org", ["s@desk.example", "s@desk.example"], PLAIN))
    assert [mail.envelope_to for mail in room.stored] == [("s@desk.example",)]


async def test_several_messages_may_be_sent_without_waiting_for_an_answer() -> None:
    one = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<s@desk.example>\r\nDATA\r\nfirst\r\n.\r\n"
    two = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<s@desk.example>\r\nDATA\r\n.second\r\n.\r\nQUIT\r\n"
    async with mailroom() as room, room.wire() as wire:
        await wire.write(b"EHLO client.example\r\n" + one + two)
        answers = [line[:3] for line in (await wire.rest()).splitlines() if line[3:4] == " "]
        assert answers == ["250", "250", "250", "354", "250", "250", "250", "354", "250", "221"]
    assert room.contents == [b"first\r\n", b"second\r\n"]


async def test_a_client_that_says_all_and_closes_its_side_is_answered() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.write(b"HELO c\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<s@desk.example>\r\nDATA\r\nhi\r\n.\r\n")
        wire.write_eof()
        assert "250 2.0.0" in await wire.rest()
    assert room.contents == [b"hi\r\n"]


async def test_a_message_cut_off_is_not_stored() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"half of a mess")
        wire.write_eof()
        assert "250" not in await wire.rest()
    assert room.stored == []


async def test_a_client_that_leaves_while_its_message_is_stored_takes_nothing_back() -> None:
    async with mailroom() as room:
        room.may_store.clear()
        async with room.wire() as wire:
            await wire.begins_data()
            await wire.write(b"hi\r\n.\r\n")
            await room.storing.wait()
        room.may_store.set()
    assert room.contents == [b"hi\r\n"]


async def test_nothing_of_a_message_is_written_to_the_log(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG", "frontdesk")
    async with mailroom() as room:
        room.fault = ValueError("could not store: private words")
        with pytest.raises(smtplib.SMTPDataError):
            await room.send(b"Subject: private\r\n\r\nprivate words\r\n", sender="private@example.org")
    logged = caplog.text + "".join(capsys.readouterr())
    assert "mail not stored" in logged
    assert "private" not in logged

"""Nobody can take more of the listener than is meant for them, nor make two messages of one."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.channels.email.session import ListenerLimits
from tests.channels.mailroom import mailroom
from tests.channels.mails import PLAIN

#: What somebody might want us to take for a conversation.
_HIDDEN = b"MAIL FROM:<boss@desk.example>\r\nRCPT TO:<sales@desk.example>\r\nDATA\r\nhidden\r\n"


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\n\n.\n\n", b"\n.\r\r\n"]
)
async def test_no_message_can_be_hidden_in_another(end: bytes) -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"Subject: s\r\n\r\nshown" + end + _HIDDEN + b".\r\n")
        assert (await wire.answer()).startswith("554")
        assert (await wire.asks(b"NOOP")).startswith("250")
        assert room.stored == []


async def test_a_message_of_bare_line_feeds_is_taken_as_it_is() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"Subject: s\n\na line\n.. a dot\n\r\n.\r\n")
        assert (await wire.answer()).startswith("250")
    assert room.contents == [b"Subject: s\n\na line\n.. a dot\n\r\n"]


@pytest.mark.parametrize("line", [b".", b"..", b"...", b".x", b"x.", b"x" * 300_000, b"x" * 300_000 + b"."])
async def test_dots_and_long_lines_come_through(line: bytes) -> None:
    raw = b"Subject: s\r\n\r\n" + line + b"\r\n" + line + b"\r\nend\r\n"
    async with mailroom() as room:
        await room.send(raw)
        await room.send(line + b"\r\n")
    assert room.contents == [raw, line + b"\r\n"]


@given(
    st.lists(st.sampled_from([b".", b"..", b"\r\n", b"x", b".\r\n", b"y" * 70_000, b"\0", b"\xff"]), max_size=12),
    st.lists(st.integers(1, 20), max_size=30),
)
def test_a_message_comes_through_in_whatever_pieces_it_is_sent(words: list[bytes], sizes: list[int]) -> None:
    raw = b"".join(words) + b"\r\n"
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    sent = (b"." + stuffed if stuffed.startswith(b".") else stuffed) + b".\r\n"

    async def story() -> list[bytes]:
        async with mailroom() as room, room.wire() as wire:
            await wire.begins_data()
            at = 0
            for size in [*sizes, len(sent)]:
                await wire.write(sent[at : at + size])
                await asyncio.sleep(0)  # so that the listener reads it as a piece of its own
                at += size
            assert (await wire.answer()).startswith("250")
            return room.contents

    assert asyncio.run(story()) == [raw]


async def test_recipients_are_counted() -> None:
    async with mailroom(ListenerLimits(recipients=2)) as room, room.wire() as wire:
        await wire.asks(b"EHLO c")
        await wire.asks(b"MAIL FROM:<a@example.org>")
        answers = [(await wire.asks(b"RCPT TO:<%d@desk.example>" % number))[:3] for number in range(3)]
        assert answers == ["250", "250", "452"]


async def test_a_client_that_guesses_mailboxes_is_hung_up_on() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.write(b"EHLO c\r\nMAIL FROM:<a@example.org>\r\n" + b"RCPT TO:<x@elsewhere.example>\r\n" * 50)
        answers = (await wire.rest()).splitlines()
        assert answers[-1].startswith("421")
        assert len(answers) < 40


async def test_a_client_that_speaks_something_else_is_hung_up_on() -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.write(b"GET / HTTP/1.1\r\nHost: desk.example\r\nAccept: text/html\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n")
        assert "goodbye" in await wire.rest()


@pytest.mark.parametrize(
    "verb", [b"AUTH PLAIN AGFkYQBkZW1v", b"EXPN staff", b"HELP", b"\xff\xfe", b"NOOP" + b"x" * 9_000]
)
async def test_what_is_not_for_our_clients_is_refused(verb: bytes) -> None:
    async with mailroom() as room, room.wire() as wire:
        await wire.asks(b"EHLO c")
        assert (await wire.asks(verb))[:1] == "5"
        assert (await wire.asks(b"NOOP")).startswith("250")


async def test_the_existence_of_a_mailbox_is_not_told_but_by_delivery() -> None:
    async with mailroom() as room, room.wire() as wire:
        assert (await wire.asks(b"VRFY <support@desk.example>")).startswith("252")
        assert (await wire.asks(b"VRFY \xff")).startswith("252")


async def test_connections_are_counted_in_all_and_per_client() -> None:
    for limits in (ListenerLimits(connections=2), ListenerLimits(connections_per_peer=2)):
        async with mailroom(limits) as room:
            async with room.wire() as first, room.wire():
                reader, writer = await asyncio.open_connection("127.0.0.1", room.listener.port)
                assert (await reader.read()).startswith(b"421")
                writer.close()
                await writer.wait_closed()
                await first.asks(b"QUIT")
                assert await first.rest() == ""
                await room.send(PLAIN)
            assert room.contents == [PLAIN]


async def test_memory_for_messages_on_their_way_is_bounded() -> None:
    async with mailroom(ListenerLimits(buffered_bytes=150_000)) as room:
        room.may_store.clear()
        async with room.wire() as first, room.wire() as second:
            await first.begins_data()
            await first.write(b"x" * 70_000 + b"\r\n.\r\n")
            await room.storing.wait()
            await second.begins_data()
            await second.write(b"y" * 140_000 + b"\r\n.\r\n")
            assert (await second.answer()).startswith("452")
            room.may_store.set()
            assert (await first.answer()).startswith("250")
            await second.begins_data()
            await second.write(b"y" * 60_000 + b"\r\n.\r\n")
            assert (await second.answer()).startswith("250")


@pytest.mark.parametrize("said", [b"", b"EHLO c\r\n", b"half a comm"])
async def test_a_client_that_goes_silent_is_hung_up_on(said: bytes) -> None:
    async with mailroom(ListenerLimits(command_s=0.05)) as room, room.wire() as wire:
        await wire.write(said)
        assert "421 4.4.2" in await wire.rest()


async def test_a_message_that_does_not_come_to_its_end_is_given_up() -> None:
    async with mailroom(ListenerLimits(data_s=0.05)) as room, room.wire() as wire:
        await wire.begins_data()
        await wire.write(b"Subject: slow")
        assert "421 4.4.2" in await wire.rest()
    assert room.stored == []


async def test_a_stop_lets_a_message_come_in_and_sends_idle_clients_away() -> None:
    async with mailroom() as room, room.wire() as idle, room.wire() as busy:
        await busy.begins_data()
        await busy.write(b"first half, ")
        stopping = asyncio.create_task(room.listener.stop(grace_s=20))
        assert (await idle.rest()).startswith("421")
        assert not stopping.done()
        await busy.write(b"second half\r\n.\r\n")
        assert [line[:3] for line in (await busy.rest()).splitlines()] == ["250", "421"]
        await stopping
    assert room.contents == [b"first half, second half\r\n"]


async def test_a_stop_waits_only_so_long() -> None:
    async with mailroom() as room, room.wire() as slow, room.wire() as stuck:
        await slow.begins_data()
        room.may_store.clear()
        await stuck.begins_data()
        await stuck.write(b"hi\r\n.\r\n")
        await room.storing.wait()
        await room.listener.stop(grace_s=0.05)
        assert (await slow.rest()).startswith("421")
        assert (await stuck.rest()).startswith("421")
        assert room.listener.connections == 0
    assert room.stored == []


async def test_a_stopped_listener_takes_no_connections() -> None:
    async with mailroom() as room:
        port = room.listener.port
        await room.listener.stop()
        await room.listener.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

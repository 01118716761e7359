"""Subscriptions, e-mails, tokens and answers: a few rows each, with one or two promises of their own."""

import pytest
from msgspec.structs import replace

from frontdesk.core.emails import AttachmentInfo, Email
from frontdesk.core.errors import AlreadyExists, NotFound, StaleVersion
from frontdesk.core.ids import InteractionId, OwnerId, TokenId, UserId, WorkbinId
from frontdesk.core.permissions import Scope
from frontdesk.ports import Outcome, Token, Transaction
from tests.store.centres import ADA, GRACE, NOON_MS, Centre, queued

BIN, PART = WorkbinId("bin"), OwnerId(ADA)

# ── subscriptions ────────────────────────────────────────────────────────────────────────────────


async def subscribe(centre: Centre, *users: UserId) -> None:
    async def body(tx: Transaction) -> None:
        for user in users:
            await tx.subscriptions.add(BIN, PART, user)

    await centre.does(body)


async def subscribers(centre: Centre) -> tuple[str, ...]:
    return await centre.sees(lambda tx: tx.subscriptions.subscribers(BIN, PART))


async def test_a_subscription_stands_once_until_it_is_given_up(ours: Centre, theirs: Centre) -> None:
    await subscribe(ours, GRACE, ADA, GRACE)
    await ours.does(lambda tx: tx.subscriptions.add(BIN, OwnerId(GRACE), GRACE))

    assert await subscribers(ours) == (ADA, GRACE)
    assert await subscribers(theirs) == ()

    await ours.does(lambda tx: tx.subscriptions.remove(BIN, PART, ADA))
    assert await subscribers(ours) == (GRACE,)


async def test_all_of_a_users_subscriptions_end_at_once(ours: Centre, theirs: Centre) -> None:
    for centre in (ours, theirs):
        await subscribe(centre, ADA, GRACE)

    await ours.does(lambda tx: tx.subscriptions.remove_all_of(GRACE))
    assert await subscribers(ours) == (ADA,)
    assert await subscribers(theirs) == (ADA, GRACE)


# ── e-mails ──────────────────────────────────────────────────────────────────────────────────────

MAIL = Email(
    from_address="customer@example.org",
    to=("help@example.org",),
    subject="Ärger",
    headers={"X-Order": "7"},
    attachments=(AttachmentInfo(id="1", name="a.pdf", size_bytes=3, mime="application/pdf"),),
)
RAW = b"Subject: \xc3\x84rger\r\n\r\n\x00\xff"


async def add_mail(centre: Centre, name: str, *, digest: str | None = "d", raw: bytes | None = RAW) -> None:
    async def body(tx: Transaction) -> None:
        await tx.interactions.add(queued(name))
        await tx.emails.add(InteractionId(name), MAIL, raw=raw, digest=digest)

    await centre.does(body)


async def test_an_email_keeps_what_it_says_and_its_bytes(ours: Centre, theirs: Centre) -> None:
    await add_mail(ours, "A")
    mail = InteractionId("A")

    assert await ours.sees(lambda tx: tx.emails.find(mail)) == MAIL
    assert await ours.sees(lambda tx: tx.emails.raw(mail)) == RAW
    assert await ours.sees(lambda tx: tx.emails.by_digest("d")) == "A"
    assert await theirs.sees(lambda tx: tx.emails.find(mail)) is None
    assert await theirs.sees(lambda tx: tx.emails.raw(mail)) is None
    assert await theirs.sees(lambda tx: tx.emails.by_digest("d")) is None


async def test_a_draft_has_no_bytes_and_can_be_written_on(ours: Centre, theirs: Centre) -> None:
    await add_mail(ours, "A", digest=None, raw=None)
    await add_mail(ours, "B", digest=None, raw=None)
    after = replace(MAIL, text="Dear customer")
    await ours.does(lambda tx: tx.emails.save(InteractionId("A"), after))

    assert await ours.sees(lambda tx: tx.emails.find(InteractionId("A"))) == after
    assert await ours.sees(lambda tx: tx.emails.raw(InteractionId("A"))) is None
    with pytest.raises(NotFound):
        await theirs.does(lambda tx: tx.emails.save(InteractionId("A"), MAIL))


async def test_a_message_comes_once_to_each_contact_centre(ours: Centre, theirs: Centre) -> None:
    await add_mail(ours, "A")
    await add_mail(theirs, "B")
    with pytest.raises(AlreadyExists):
        await add_mail(ours, "C")
    assert await ours.sees(lambda tx: tx.interactions.find(InteractionId("C"))) is None


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


def token(name: str, age: int = 0) -> Token:
    return Token(
        id=TokenId(name), name=name, user_id=ADA, scopes=(Scope.SUBMIT, Scope.READ), created_at_ms=NOON_MS - age
    )


async def test_tokens_are_found_by_id_by_user_and_by_the_hash_of_their_secret(ours: Centre, theirs: Centre) -> None:
    young, old, graces = token("a"), token("b", age=9), replace(token("c"), user_id=GRACE)

    async def add(tx: Transaction) -> None:
        for one in (young, old, graces):
            await tx.tokens.add(one, f"hash-{one.id}")

    await ours.does(add)

    assert await ours.sees(lambda tx: tx.tokens.get(young.id)) == young
    assert await ours.sees(lambda tx: tx.tokens.all()) == [old, young, graces]
    assert await ours.sees(lambda tx: tx.tokens.of_user(ADA)) == [old, young]
    assert await ours.sees_on_server(lambda tx: tx.token("hash-a")) == (ours.id, young)
    assert await theirs.sees(lambda tx: tx.tokens.all()) == []
    with pytest.raises(NotFound):
        await theirs.sees(lambda tx: tx.tokens.get(young.id))


async def test_a_removed_token_opens_nothing(ours: Centre, theirs: Centre) -> None:
    await ours.does(lambda tx: tx.tokens.add(token("a"), "hash"))
    await theirs.does(lambda tx: tx.tokens.remove(TokenId("a")))
    assert await ours.sees_on_server(lambda tx: tx.token("hash")) is not None

    await ours.does(lambda tx: tx.tokens.remove(TokenId("a")))
    assert await ours.sees_on_server(lambda tx: tx.token("hash")) is None


# ── answers ──────────────────────────────────────────────────────────────────────────────────────

OUTCOME = Outcome(reference_id=4, id="A", state="Processing", references={"a": 1})


async def answer(centre: Centre, key: str, at_ms: int = NOON_MS) -> None:
    await centre.does(lambda tx: tx.answers.add(ADA, key, "digest", OUTCOME, at_ms=at_ms))


async def test_a_first_answer_is_given_again_to_its_own_user_only(ours: Centre, theirs: Centre) -> None:
    await answer(ours, "k")

    assert await ours.sees(lambda tx: tx.answers.find(ADA, "k")) == ("digest", OUTCOME)
    assert await ours.sees(lambda tx: tx.answers.find(ADA, "other")) is None
    assert await ours.sees(lambda tx: tx.answers.find(GRACE, "k")) is None
    assert await theirs.sees(lambda tx: tx.answers.find(ADA, "k")) is None


async def test_of_two_first_answers_the_second_is_run_again(ours: Centre) -> None:
    await answer(ours, "k")
    with pytest.raises(StaleVersion):
        await answer(ours, "k")


async def test_old_answers_are_forgotten_the_young_are_not(ours: Centre, theirs: Centre) -> None:
    await answer(ours, "old", NOON_MS - 1)
    await answer(theirs, "old", NOON_MS - 2)
    await answer(ours, "young", NOON_MS)

    assert await ours.does_on_server(lambda tx: tx.forget_answers(NOON_MS)) == 2
    assert await ours.does_on_server(lambda tx: tx.forget_answers(NOON_MS)) == 0
    assert await ours.sees(lambda tx: tx.answers.find(ADA, "old")) is None
    assert await ours.sees(lambda tx: tx.answers.find(ADA, "young")) is not None


async def test_a_days_worth_of_answers_is_forgotten_in_bounded_steps(ours: Centre) -> None:
    async def body(tx: Transaction) -> None:
        for number in range(1001):
            await tx.answers.add(ADA, str(number), "digest", OUTCOME, at_ms=NOON_MS - number)

    await ours.does(body)
    assert [await ours.does_on_server(lambda tx: tx.forget_answers(NOON_MS + 1)) for _ in range(3)] == [1000, 1, 0]

"""What an acting request led to."""

import msgspec


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an acting request led to: all that its answer is made from, kept to give the same answer again."""

    reference_id: int | None = None
    id: str | None = None
    state: str | None = None
    references: dict[str, int] | None = None
    secret: str | None = None

"""Rounds: what somebody had at hand while a visit was under way may be old by the next visit."""

from __future__ import annotations

import asyncio

from handlers.rounds import Rounds


async def test_what_was_at_hand_during_a_visit_is_looked_up_again_by_the_next() -> None:
    """The visit under way may have found it by itself: a letter handed over now would be sent a second time."""
    visits: list[str | None] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def visit(case_id: str, ready: str | None) -> None:
        visits.append(ready)
        begun.set()
        await go_on.wait()

    rounds: Rounds[str] = Rounds(visit)
    rounds.call("case")
    await begun.wait()
    rounds.call("case", "a letter that the visit has found")
    go_on.set()
    await asyncio.sleep(0.01)
    await rounds.close(1)
    assert visits == [None, None]

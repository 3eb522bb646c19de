"""Trouble on the platform's side: every letter arrives, in order, and twice only where it really was taken twice."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from crowd import Town, Walker, open_town, rows_of
from wire import AFTER, BEFORE, Call, TroubledWire

from handlers import courier
from handlers.channels import telegram_request
from storage.cases import case_of
from storage.flagged import StaffAnswer, answer

TRAVELLERS = 40
BLOCKING = 4
STEPS = 7
SEED = 20261124


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that gives up soon and tries again soon, so that the test ends soon."""
    monkeypatch.setattr(telegram_request, "READ_SECONDS", 0.8)
    monkeypatch.setattr(courier, "FIRST_REST", 0.1)


async def walk_and_block(walker: Walker) -> None:
    """Walk some steps, block the bot, and come back in the end."""
    says = walker.says(walker.town.clock())
    await walker.walk(says[:3])
    walker.phone.blocks = True
    await walker.say(says[3])
    await walker.town.quiet()


async def all_states(town: Town, walker: Walker) -> list[tuple[str, str | None]]:
    """State and platform's id of everything that was said to a traveller."""
    rows, _ = await town.house.memory.read(rows_of, str(walker.phone.chat_id))
    return [(row.state, row.platform_id) for row in rows if row.direction != "heard"]


def without_lost_answers(calls: list[Call]) -> list[str]:
    """What the platform called the messages that the bot knows of; each that it does not know of is said again."""
    for call, following in pairwise(calls):
        assert call.told or call.text == following.text
    assert calls[-1].told
    return [call.message_id for call in calls if call.told]


@pytest.mark.usefixtures("impatient")
async def test_whatever_the_platform_does_every_letter_arrives_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with TroubledWire(0.35, Random(SEED)) as wire, open_town(tmp_path / "home", api=wire.url) as town:
        wire.platform = town.stand_in.url
        walkers = [town.walker(1001 + number) for number in range(TRAVELLERS)]
        loyal, blocking = walkers[BLOCKING:], walkers[:BLOCKING]
        await asyncio.gather(
            *(walker.walk(walker.says(town.clock())[:STEPS]) for walker in loyal), *map(walk_and_block, blocking)
        )
        await town.quiet()
        tally = await town.tally(walkers)
        delivered = 0
        for walker in loyal:
            states = await all_states(town, walker)
            calls = wire.taken[walker.phone.chat_id]
            assert [("sent", message_id) for message_id in without_lost_answers(calls)] == states
            delivered += len(states)
        for walker in blocking:
            assert (await all_states(town, walker))[-1] == ("failed", None)
            assert wire.forbidden[walker.phone.chat_id] == 1
    twice = sum(not call.told for calls in wire.taken.values() for call in calls)
    assert twice == sum(wire.met[trouble] for trouble in AFTER)
    assert set(wire.met) == {*BEFORE, *AFTER}
    assert tally.sound
    with capsys.disabled():
        print(
            f"\nplatform: {tally}; {delivered} letters delivered to {len(loyal)} chats, {wire.met.total()} troubles "
            f"({', '.join(f'{name} {number}' for name, number in sorted(wire.met.items()))}), seen twice {twice}"
        )


async def test_who_blocked_the_bot_is_heard_and_answered_when_they_write_again(tmp_path: Path) -> None:
    async with open_town(tmp_path / "home") as town:
        walker = town.walker(1001)
        await walk_and_block(walker)
        walker.phone.blocks = False
        seen = len(walker.phone.screen)
        await walker.say("/help")
        await walker.reply()
        await town.quiet()
        # What failed while they were away is not sent after all: the answer to what they say now asks it again.
        assert len(walker.phone.screen) == seen + 1
        assert [state for state, _ in await all_states(town, walker)] == ["sent"] * 3 + ["failed", "sent"]


async def test_who_blocked_the_bot_is_not_written_to(tmp_path: Path) -> None:
    async with open_town(tmp_path / "home") as town:
        walker = town.walker(1001)
        await walk_and_block(walker)
        before = len(town.stand_in.called("sendMessage"))
        known = await town.house.memory.read(case_of, "telegram", "1001")
        assert known is not None
        told = StaffAnswer(known.case_id, "Are you there?", "officer", town.clock())
        await town.house.memory.write(answer, told)
        await town.house.courier.find_unsent()
        await town.quiet()
        assert len(town.stand_in.called("sendMessage")) == before

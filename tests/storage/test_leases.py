"""Leases: one process carries the letters of a case, others take over when it is dead, and nothing is left lying."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fixtures.storing import ASK, MINUTE, NOON, execute, hear, outcome, work_of

from bot.messages import Said
from storage.flagged import StaffAnswer, answer
from storage.keys import Keyring
from storage.letters import Delivery, Due, Letter, PutOff, collect, let_go, mark_sent, put_off, unsent_cases
from storage.memory import Memory
from storage.processes import Duty, Process, begin, end, end_family, lay_down, live_on, take_up
from storage.settling import Settled, settle

ASKED = Said((ASK(),))
LATER = NOON + 9 * MINUTE
DIES = "UPDATE processes SET alive_until = now() - interval '1 second' WHERE id = :id"


@pytest.fixture
async def other(postgres_url: str, keys: Keyring) -> AsyncIterator[Memory]:
    """The memory of another process."""
    memory = Memory.open(postgres_url, keys)
    yield memory
    await memory.close()


@pytest.fixture
async def first(postgres_url: str, keys: Keyring) -> AsyncIterator[Memory]:
    """The memory of a process, beside which another one lives as well."""
    memory = Memory.open(postgres_url, keys)
    for name in ("first", "other"):
        await memory.write(begin, Process(name, "all"))
    yield memory
    await memory.close()


async def settled_by(memory: Memory, carrier: str | None, external_id: str = "1") -> tuple[str, Settled]:
    """A turn that was settled for a carrier: its case, and what came of it."""
    work = await work_of(memory, (await hear(memory, external_id)).case_id)
    return work.case_id, await memory.write(settle, outcome(work, ASKED, carrier=carrier))


async def collected(memory: Memory, case_id: str, carrier: str) -> list[Letter]:
    """The letters that this process may carry."""
    return await memory.write(collect, Due(case_id, LATER, carrier))


async def found(memory: Memory, carrier: str) -> list[str]:
    """The cases in which this process finds letters."""
    return await memory.read(unsent_cases, LATER, 10, LATER, carrier)


async def test_of_two_that_look_at_once_one_gets_the_letters(first: Memory, other: Memory) -> None:
    for number in range(20):
        case_id, _ = await settled_by(first, None, str(number))
        mine, its = await asyncio.gather(collected(first, case_id, "first"), collected(other, case_id, "other"))
        assert bool(mine) != bool(its)
        await first.write(let_go, case_id)
        [letter] = mine or its
        await first.write(mark_sent, Delivery(letter.row, case_id, None, "…", LATER))


async def test_whoever_settles_a_turn_carries_its_letters(first: Memory, other: Memory) -> None:
    case_id, settled = await settled_by(first, "first")
    assert settled.letters is not None
    assert [letter.carrier for letter in settled.letters] == ["first"]
    assert (await found(first, "first"), await found(other, "other")) == ([case_id], [])
    assert await collected(other, case_id, "other") == []
    assert await collected(first, case_id, "first") == list(settled.letters)


async def test_letters_behind_those_of_another_are_left_to_it(first: Memory, other: Memory) -> None:
    case_id, _ = await settled_by(first, "first")
    _, settled = await settled_by(other, "other", "2")
    assert (settled.kept, settled.letters, settled.carrier) == (True, None, "first")
    assert await collected(other, case_id, "other") == []
    assert len(await collected(first, case_id, "first")) == 2
    # Once nothing of it is on its way any more, the next to settle a turn carries.
    for letter in await collected(first, case_id, "first"):
        await first.write(mark_sent, Delivery(letter.row, case_id, None, "…", LATER))
    _, after = await settled_by(other, "other", "3")
    assert after.letters is not None
    assert after.carrier == "other"


async def test_a_turn_that_says_nothing_leaves_letters_with_their_carrier(first: Memory, other: Memory) -> None:
    case_id, _ = await settled_by(first, "first")
    work = await work_of(other, (await hear(other, "2")).case_id)
    assert await other.write(settle, outcome(work, carrier="other"))
    assert await found(other, "other") == []
    assert await found(first, "first") == [case_id]


@pytest.mark.parametrize("how", ["ends", "dies", "is buried", "is of a time to come"])
async def test_letters_of_the_dead_are_taken_over(first: Memory, other: Memory, how: str) -> None:
    case_id, _ = await settled_by(first, "first")
    match how:
        case "ends":
            await first.write(end, "first")
        case "dies":
            await execute(other, DIES, id="first")
        case "is buried":
            await other.write(end_family, "fir")
        case _:
            # The clock of the database was set back, so that this life would last for an hour.
            await execute(other, "UPDATE processes SET alive_until = now() + interval '1 hour' WHERE id = 'first'")
    assert await found(other, "other") == [case_id]
    assert len(await collected(other, case_id, "other")) == 1
    # Back under its old id it gets nothing.
    assert await first.write(live_on, "first") == ()
    assert await collected(first, case_id, "first") == []


async def test_what_is_put_off_is_carried_by_whoever_is_first_when_it_is_due(first: Memory, other: Memory) -> None:
    case_id, settled = await settled_by(first, "first")
    assert settled.letters is not None
    await first.write(put_off, PutOff(settled.letters[0].row, case_id, LATER - MINUTE, "later"))
    assert await other.write(collect, Due(case_id, LATER - 2 * MINUTE, "other")) == []
    assert await found(first, "first") == []  # The other has looked, and has the case.
    assert [letter.attempts for letter in await collected(other, case_id, "other")] == [1]


async def test_an_answer_of_staff_is_found_by_whoever_may_carry_the_case(first: Memory, other: Memory) -> None:
    case_id, settled = await settled_by(first, "first")
    assert settled.letters is not None
    await first.write(mark_sent, Delivery(settled.letters[0].row, case_id, None, "…", LATER))
    await other.write(answer, StaffAnswer(case_id, "Hello!", "staff:linh", LATER))
    assert (await found(first, "first"), await found(other, "other")) == ([case_id], [])
    await execute(other, DIES, id="first")
    assert [letter.text for letter in await collected(other, case_id, "other")] == ["Hello!"]


async def test_who_lives_is_learnt_with_each_renewal(first: Memory) -> None:
    assert await first.write(live_on, "first") == (Process("first", "all"), Process("other", "all"))
    await execute(first, DIES, id="other")
    assert await first.write(live_on, "first") == (Process("first", "all"),)
    assert await first.write(live_on, "other") == ()


async def test_a_duty_is_with_one_process_at_a_time(first: Memory, other: Memory) -> None:
    takes = await asyncio.gather(
        *(memory.write(take_up, Duty("purge", name)) for memory, name in ((first, "first"), (other, "other")))
    )
    assert sorted(takes) == [False, True]
    holder, waits = ("first", "other") if takes[0] else ("other", "first")
    assert await first.write(take_up, Duty("purge", holder))
    assert await first.write(take_up, Duty("another", waits))
    assert not await first.write(take_up, Duty("purge", waits))
    await execute(first, DIES, id=holder)
    assert await first.write(take_up, Duty("purge", waits))
    assert not await first.write(take_up, Duty("purge", holder))
    await first.write(lay_down, Duty("purge", holder))
    assert await first.write(take_up, Duty("purge", waits))
    await first.write(lay_down, Duty("purge", waits))
    await first.write(begin, Process("third", "worker"))
    assert await first.write(take_up, Duty("purge", "third"))


async def test_on_sqlite_a_new_process_finds_what_the_last_one_held(sqlite_url: str, keys: Keyring) -> None:
    memory = Memory.open(sqlite_url, keys)
    try:
        await memory.write(begin, Process("first", "all"))
        assert await memory.write(take_up, Duty("purge", "first"))
        case_id, _ = await settled_by(memory, "first")
        assert await found(memory, "second") == []
        assert await memory.write(begin, Process("second", "all")) == (Process("second", "all"),)
        assert await memory.write(take_up, Duty("purge", "second"))
        assert await found(memory, "second") == [case_id]
        assert len(await collected(memory, case_id, "second")) == 1
    finally:
        await memory.close()


async def test_a_life_ends_some_seconds_after_it_was_told(first: Memory) -> None:
    def left(connection, keys):  # type: ignore[no-untyped-def]
        from sqlalchemy import text

        return connection.scalar(text("SELECT min(alive_until - started_at) FROM processes"))

    assert timedelta(seconds=14) < await first.read(left) < timedelta(seconds=16)

"""Settling: at once or not at all."""

import asyncio
from dataclasses import replace

import pytest
from fixtures.storing import ASK, MINUTE, NOON, converse, count_of, hear, letters_of, outcome, permit, work_of
from sqlalchemy.exc import IntegrityError

from bot.messages import Said, Typed
from storage.audit import Note, notes_of
from storage.cases import case_of
from storage.flagged import flagged
from storage.memory import Memory
from storage.permits import find_permit, permits_of
from storage.settling import Trip, settle, trip
from storage.transcript import entries

ASKED = Said((ASK(),))


async def test_a_settled_turn_moves_the_case(memory: Memory) -> None:
    work = await work_of(memory, (await hear(memory, "1")).case_id)
    case = replace(work.case, language="vi", answers={"passport": "C01X00T47"}, flags=frozenset({"b"}))
    assert await memory.write(settle, outcome(work, ASKED, case=case, audit=("consented",)))
    known = await memory.read(case_of, "telegram", "4711")
    assert known is not None
    assert (known.case, known.version) == (case, 2)
    assert await memory.read(notes_of, work.case_id) == [Note(NOON + MINUTE, "bot", "consented", work.case_id, "")]
    assert [entry.state for entry in await memory.read(entries, work.case_id)] == ["done", "unsent"]


async def test_a_turn_for_a_case_that_moved_writes_nothing(memory: Memory) -> None:
    work = await work_of(memory, (await hear(memory, "1")).case_id)
    assert await memory.write(settle, outcome(work, ASKED))
    again = outcome(work, ASKED, ASKED, permit=permit("A"), audit=("issued",), flags=("x",))
    assert not await memory.write(settle, again)
    assert await count_of(memory, "permits") == 0
    assert await count_of(memory, "audit") == 0
    assert len(await letters_of(memory, work.case_id)) == 1
    assert await memory.read(flagged) == []


async def test_of_two_outcomes_of_one_case_in_a_group_the_first_is_kept(memory: Memory) -> None:
    work = await work_of(memory, (await hear(memory, "1")).case_id)
    answers = await asyncio.gather(*(memory.write(settle, outcome(work, ASKED)) for _ in range(3)))
    assert [bool(answer) for answer in answers] == [True, False, False]
    assert len(await letters_of(memory, work.case_id)) == 1


async def test_a_permit_is_found_by_its_reference(memory: Memory) -> None:
    work = await converse(memory, "1", permit=permit("VN-1"))
    found = await memory.read(find_permit, "VN-1")
    assert found is not None
    assert (found.permit, found.case_id) == (permit("VN-1"), work.case_id)
    assert await memory.read(permits_of, work.case_id) == [permit("VN-1")]
    assert await memory.read(find_permit, "VN-2") is None


async def test_a_declaration_gets_one_permit(memory: Memory) -> None:
    await converse(memory, "1", permit=permit("VN-1"))
    work = await work_of(memory, (await hear(memory, "2")).case_id)
    with pytest.raises(IntegrityError):
        await memory.write(settle, outcome(work, ASKED, permit=permit("VN-2")))
    # Nothing of that turn was written: it is still there to be taken.
    assert (await work_of(memory, work.case_id)).row == work.row
    assert await memory.write(settle, outcome(work, ASKED, permit=permit("VN-3", 2)))
    assert len(await memory.read(permits_of, work.case_id)) == 2


async def test_a_bad_item_fails_alone(memory: Memory) -> None:
    await converse(memory, "first", permit=permit("VN-0"))
    bad = await work_of(memory, (await hear(memory, "bad")).case_id)
    taken = await asyncio.gather(*(hear(memory, str(n), address=f"other {n}") for n in range(20)))
    good = [await work_of(memory, each.case_id) for each in taken]
    outcomes = [outcome(work, ASKED) for work in good]
    outcomes.insert(7, outcome(bad, ASKED, permit=permit("VN-1")))
    answers = await asyncio.gather(*(memory.write(settle, each) for each in outcomes), return_exceptions=True)
    assert isinstance(answers.pop(7), IntegrityError)
    assert [answer.kept for answer in answers] == [True] * 20
    assert [len(await letters_of(memory, work.case_id)) for work in good] == [1] * 20
    assert not await letters_of(memory, bad.case_id)


async def test_of_800_increments_none_is_lost(memory: Memory) -> None:
    case_id = (await hear(memory, "0")).case_id
    # So far apart that they are no flood.
    await asyncio.gather(*(hear(memory, str(n), at=NOON + n * MINUTE / 10) for n in range(1, 800)))

    async def take_turns(times: int) -> None:
        while times:
            work = await work_of(memory, case_id)
            case = replace(work.case, tries=work.case.tries + 1)
            times -= bool(await memory.write(settle, outcome(work, case=case)))

    await asyncio.gather(*(take_turns(100) for _ in range(8)))
    known = await memory.read(case_of, "telegram", "4711")
    assert known is not None
    assert (known.case.tries, known.version) == (800, 801)


async def test_a_turn_that_fails_three_times_is_parked_and_staff_see_it(memory: Memory) -> None:
    taken = await hear(memory, "1", "bad")
    await hear(memory, "2", "good")
    assert taken.row is not None
    tripped = [await memory.write(trip, Trip(taken.row, "KeyError", NOON + MINUTE)) for _ in range(2)]
    assert tripped == [False, False]
    assert (await work_of(memory, taken.case_id)).attempts == 2
    assert await memory.write(trip, Trip(taken.row, "KeyError", NOON + MINUTE))
    work = await work_of(memory, taken.case_id)
    assert work.message == Typed("good")
    parked = (await memory.read(entries, taken.case_id))[0]
    assert (parked.state, parked.trouble) == ("parked", "KeyError")
    # The traveller goes on, and staff still see what failed.
    assert await memory.write(settle, outcome(work, ASKED, flags=("health",)))
    [case] = await memory.read(flagged)
    assert case.flags == ("health", "turn_failed")
    assert case.since == NOON + MINUTE


async def test_flags_keep_the_time_of_the_first_until_all_are_gone(memory: Memory) -> None:
    await converse(memory, "1", flags=("one",))
    await converse(memory, "2", flags=("two", "one"), at=NOON + 9 * MINUTE)
    [case] = await memory.read(flagged)
    assert (case.flags, case.since) == (("one", "two"), NOON + MINUTE)
    await converse(memory, "3", flags=())
    assert await memory.read(flagged) == []

"""Floods: one warning, nothing lost from the transcript, and nobody who is only quick is cut."""

import asyncio
from datetime import datetime, timedelta

import pytest
from fixtures.storing import ASK, NOON, arrival, hear, outcome, work_of

from bot.messages import Said, Sent, Strange, Typed
from storage.floods import HEARD_A_MINUTE, PAUSE, TOO_MANY, Chat, Hearing
from storage.memory import Memory
from storage.settling import settle
from storage.transcript import Entry, entries
from storage.turns import receive

SECOND = timedelta(seconds=1)
TURN, WARNING, NONE = Hearing


def hearings(chat: Chat, number: int, step: timedelta, since: datetime = NOON) -> list[Hearing]:
    """What so many messages in these steps get."""
    return [chat.hear(since + each * step) for each in range(number)]


def test_an_album_and_quick_answers_are_no_flood() -> None:
    assert hearings(Chat(), HEARD_A_MINUTE, timedelta()) == [TURN] * HEARD_A_MINUTE


def test_the_first_beyond_the_limit_is_warned_and_the_others_are_not_read() -> None:
    found = hearings(Chat(), 100, timedelta(milliseconds=1))
    assert found == [TURN] * HEARD_A_MINUTE + [WARNING] + [NONE] * (99 - HEARD_A_MINUTE)


def test_somebody_whose_messages_wait_but_come_slowly_is_not_cut() -> None:
    assert set(hearings(Chat(), 100, 60 * SECOND / HEARD_A_MINUTE)) == {TURN}


def test_a_flood_goes_on_while_it_does_not_pause_although_nothing_waits() -> None:
    times = [NOON + each * SECOND for each in range(HEARD_A_MINUTE)]
    chat = Chat(times, waits=False, flooding=True)
    assert chat.hear(times[-1] + PAUSE / 2) is NONE
    assert chat.hear(times[-1] + PAUSE * 2) is TURN


def test_a_quick_answer_that_nothing_waits_before_is_no_flood() -> None:
    chat = Chat([NOON] * HEARD_A_MINUTE)
    assert chat.hear(NOON + SECOND) is TURN


def test_a_clock_that_was_set_back_cuts_nobody() -> None:
    later = [NOON + timedelta(hours=1)] * HEARD_A_MINUTE
    assert Chat(later, waits=True).hear(NOON) is TURN


async def take_turns(memory: Memory, case_id: str, number: int) -> None:
    """Settle the turns of so many messages that wait."""
    for _ in range(number):
        assert await memory.write(settle, outcome(await work_of(memory, case_id), Said((ASK(),))))


async def flood(memory: Memory, number: int = 30, at: datetime = NOON) -> tuple[str, list[Entry]]:
    """Take so many messages of one chat in, five at a time; its case and its transcript."""
    for start in range(0, number, 5):
        five = range(start, start + 5)
        taken = await asyncio.gather(*(hear(memory, f"{at}{each}", f"message {each}", at=at) for each in five))
    case_id = taken[0].case_id
    return case_id, await memory.read(entries, case_id)


async def test_a_flood_stands_in_the_transcript_and_gets_one_warning(memory: Memory) -> None:
    case_id, kept = await flood(memory)
    assert [entry.incoming for entry in kept] == [Typed(f"message {each}") for each in range(30)]
    assert [entry.state for entry in kept] == ["waiting"] * (HEARD_A_MINUTE + 1) + ["done"] * 9
    assert [entry.trouble for entry in kept] == [None] * HEARD_A_MINUTE + [TOO_MANY] * 10
    await take_turns(memory, case_id, HEARD_A_MINUTE)
    assert (await work_of(memory, case_id)).message == Strange(TOO_MANY)
    await take_turns(memory, case_id, 1)
    assert [entry.state for entry in await memory.read(entries, case_id) if entry.incoming] == ["done"] * 30


async def test_a_flood_is_still_one_when_all_that_waited_had_its_turn(memory: Memory) -> None:
    case_id, _ = await flood(memory)
    await take_turns(memory, case_id, HEARD_A_MINUTE + 1)
    late = await memory.write(receive, arrival("late", at=NOON + SECOND))
    assert late.work is None
    assert (await memory.read(entries, case_id))[-1].state == "done"


async def test_who_pauses_after_the_warning_is_read_again(memory: Memory) -> None:
    case_id, _ = await flood(memory)
    await take_turns(memory, case_id, HEARD_A_MINUTE + 1)
    after = await memory.write(receive, arrival("after", "sorry", at=NOON + SECOND + PAUSE))
    assert after.work is None  # It is looked for, as always while the last that was heard was too much.
    assert (await work_of(memory, case_id)).message == Typed("sorry")
    await take_turns(memory, case_id, 1)
    next_one = await memory.write(receive, arrival("next", at=NOON + 2 * SECOND + PAUSE))
    assert next_one.work is not None
    assert next_one.work.message == Typed("hello")


async def test_an_album_and_ten_quick_answers_all_get_their_turns(memory: Memory) -> None:
    album = [hear(memory, f"p{each}", Sent(None, f"file {each}")) for each in range(10)]
    quick = [hear(memory, f"q{each}", at=NOON + each * SECOND / 10) for each in range(10)]
    taken = await asyncio.gather(*album, *quick)
    kept = await memory.read(entries, taken[0].case_id)
    assert {(entry.state, entry.trouble) for entry in kept} == {("waiting", None)}
    assert len(kept) == 20


@pytest.mark.parametrize("number", [1, 2, 3, 33])
async def test_work_is_at_hand_for_what_nothing_waits_before(memory: Memory, number: int) -> None:
    received = await asyncio.gather(
        *(memory.write(receive, arrival(f"{each}", f"from {each}", address=f"a{each}")) for each in range(number)),
        *(memory.write(receive, arrival(f"again {each}", address=f"a{each}")) for each in range(number)),
    )
    works = [each.work for each in received[:number]]
    assert [work and (work.message, work.address) for work in works] == [
        (Typed(f"from {each}"), f"a{each}") for each in range(number)
    ]
    assert [each.work for each in received[number:]] == [None] * number
    for work in works:
        assert work == await work_of(memory, work.case_id if work else "")

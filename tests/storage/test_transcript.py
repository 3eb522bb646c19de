"""The transcript: taken in once, one case for an address, everything readable again."""

import asyncio

import pytest
from fixtures.storing import ASK, MINUTE, NOON, THANKS, converse, count_of, hear, letters_of, work_of

from bot.messages import Button, Opened, Pressed, Said, Sent, Strange, Typed
from storage.cases import case_of
from storage.letters import Delivery, mark_sent
from storage.memory import Memory
from storage.transcript import entries
from storage.turns import next_work, waiting_cases


async def test_a_repeated_update_is_taken_once(memory: Memory) -> None:
    first = await hear(memory, "1", "hello")
    again = await hear(memory, "1", "hello")
    assert first.row is not None
    assert again == type(first)(first.case_id, None)
    assert await count_of(memory, "transcript") == 1


async def test_the_same_update_twice_in_one_group_is_taken_once(memory: Memory) -> None:
    taken = await asyncio.gather(*(hear(memory, "1") for _ in range(8)))
    assert [each.row is not None for each in taken] == [True] + [False] * 7
    assert await count_of(memory, "transcript") == 1


async def test_updates_of_two_channels_may_have_the_same_id(memory: Memory) -> None:
    one = await hear(memory, "1", channel="telegram")
    other = await hear(memory, "1", channel="zalo_oa")
    assert one.row is not None
    assert other.row is not None
    assert one.case_id != other.case_id


async def test_two_arrivals_of_a_new_address_make_one_case(memory: Memory) -> None:
    taken = await asyncio.gather(hear(memory, "1"), hear(memory, "2"), hear(memory, "3", address="4712"))
    assert taken[0].case_id == taken[1].case_id != taken[2].case_id
    assert await count_of(memory, "cases") == 2
    assert await count_of(memory, "addresses") == 2


async def test_two_processes_that_meet_a_new_address_make_one_case(database_url: str, keys) -> None:
    memories = [Memory.open(database_url, keys) for _ in range(2)]
    taken = await asyncio.gather(*(hear(memory, f"{n}-{m}") for n in range(5) for m, memory in enumerate(memories)))
    assert len({each.case_id for each in taken}) == 1
    assert await count_of(memories[0], "cases") == 1
    for memory in memories:
        await memory.close()


async def test_messages_of_a_case_get_their_turns_in_order(memory: Memory) -> None:
    case_id = (await hear(memory, "1", "first")).case_id
    await hear(memory, "2", "second")
    assert (await work_of(memory, case_id)).message == Typed("first")
    await converse(memory, "1b")
    # The turn of the first was settled, although a third message had come by then.
    assert (await work_of(memory, case_id)).message == Typed("second")


async def test_cases_with_work_are_found_longest_wait_first(memory: Memory) -> None:
    taken = [await hear(memory, str(n), address=str(n % 3)) for n in range(6)]
    wanted = [each.case_id for each in taken[:3]]
    assert await memory.read(waiting_cases, NOON, 10) == wanted
    assert await memory.read(waiting_cases, NOON, 2) == wanted[:2]


async def test_a_case_without_work_has_no_work(memory: Memory) -> None:
    work = await converse(memory, "1")
    assert await memory.read(next_work, work.case_id) is None


async def test_a_case_is_found_by_its_address_and_starts_in_the_language_reported(memory: Memory) -> None:
    taken = await hear(memory, "1", language="fr")
    known = await memory.read(case_of, "telegram", "4711")
    assert known is not None
    assert (known.case_id, known.version, known.case.language) == (taken.case_id, 1, "fr")
    assert await memory.read(case_of, "webchat", "4711") is None


async def test_all_that_was_heard_and_said_is_read_again(memory: Memory) -> None:
    messages = [
        Typed("xin chào"),
        Pressed("purpose:work"),
        Sent("ab", "cd", "x.jpg", 7),
        Opened("vi", "x"),
        Strange("v"),
    ]
    for number, message in enumerate(messages):
        case_id = (await hear(memory, str(number), message)).case_id
    said = Said((ASK(),), (Button("passport:none", ASK),))
    await converse(memory, "last", said)
    letter = (await letters_of(memory, case_id))[0]
    await memory.write(mark_sent, Delivery(letter.row, case_id, "99", "Số hộ chiếu?", NOON + 2 * MINUTE))
    read = await memory.read(entries, case_id)
    assert [entry.incoming for entry in read[:5]] == messages
    assert (read[-1].direction, read[-1].said, read[-1].shown) == ("said", said, "Số hộ chiếu?")
    assert (read[-1].state, read[-1].platform_id, read[-1].channel) == ("sent", "99", "telegram")
    assert read[0].at == NOON
    assert await memory.read(entries, case_id, read[1].row, 2) == read[2:4]


@pytest.mark.parametrize("words", ["", "\0", "\ud83d", "\udc00\ud800", "🇻🇳" * 2000, "\u202e\u200b", "' OR 1=1 --"])
async def test_whatever_a_platform_sends_is_kept_as_it_came(memory: Memory, words: str) -> None:
    work = await converse(memory, "1", Said((THANKS(name=words),)), message=words)
    [letter] = await letters_of(memory, work.case_id)
    await memory.write(mark_sent, Delivery(letter.row, work.case_id, "9", words, NOON))
    heard, said = await memory.read(entries, work.case_id)
    assert heard.incoming == Typed(words)
    assert said.said == letter.said == Said((THANKS(name=words),))
    assert said.shown == words

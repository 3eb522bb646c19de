"""Letters: in order, put off together, given up alone."""

from fixtures.storing import ASK, MINUTE, NOON, THANKS, converse, hear, letters_of, outcome, work_of

from bot.messages import Said
from storage.letters import Blocked, Delivery, GiveUp, PutOff, block, give_up, mark_sent, put_off, unsent, unsent_cases
from storage.memory import Memory
from storage.settling import settle
from storage.transcript import entries

ONE, TWO, THREE = Said((ASK(),)), Said((THANKS(name="A"),)), Said((THANKS(name="B"),))
LATER = NOON + 10 * MINUTE


async def test_letters_come_in_the_order_in_which_they_were_said(memory: Memory) -> None:
    await converse(memory, "1", ONE, TWO)
    work = await converse(memory, "2", THREE)
    found = await letters_of(memory, work.case_id)
    assert [letter.said for letter in found] == [ONE, TWO, THREE]
    assert {(letter.channel, letter.address, letter.language) for letter in found} == {("telegram", "4711", "en")}
    assert [letter.replies_to for letter in found] == ["1", "1", "2"]
    assert await memory.read(unsent, work.case_id, NOON) == found


async def test_what_was_sent_is_not_sent_again(memory: Memory) -> None:
    work = await converse(memory, "1", ONE, TWO)
    first, second = await letters_of(memory, work.case_id)
    await memory.write(mark_sent, Delivery(first.row, work.case_id, "9", "…", LATER))
    assert await letters_of(memory, work.case_id) == [second]
    await memory.write(mark_sent, Delivery(second.row, work.case_id, None, "…", LATER))
    assert await memory.read(unsent_cases, LATER, 10) == []


async def test_a_letter_that_is_put_off_holds_those_behind_it(memory: Memory) -> None:
    work = await converse(memory, "1", ONE, TWO)
    first, second = await letters_of(memory, work.case_id)
    await memory.write(put_off, PutOff(first.row, work.case_id, LATER, "RetryAfter"))
    assert await letters_of(memory, work.case_id) == []
    assert await memory.read(unsent_cases, LATER - MINUTE, 10) == []
    assert await memory.read(unsent_cases, LATER, 10) == [work.case_id]
    again = await letters_of(memory, work.case_id, LATER)
    assert [(letter.row, letter.attempts) for letter in again] == [(first.row, 1), (second.row, 0)]


async def test_letters_before_one_that_is_put_off_are_due(memory: Memory) -> None:
    work = await converse(memory, "1", ONE, TWO)
    first, second = await letters_of(memory, work.case_id)
    await memory.write(put_off, PutOff(second.row, work.case_id, LATER, "RetryAfter"))
    assert await letters_of(memory, work.case_id) == [first]


async def test_a_letter_that_is_given_up_lets_the_next_go(memory: Memory) -> None:
    work = await converse(memory, "1", ONE, TWO)
    first, second = await letters_of(memory, work.case_id)
    await memory.write(give_up, GiveUp(first.row, "BadRequest", LATER))
    assert await letters_of(memory, work.case_id) == [second]
    given_up = (await memory.read(entries, work.case_id))[1]
    assert (given_up.state, given_up.trouble) == ("failed", "BadRequest")


async def test_a_blocked_address_gets_nothing_until_it_writes_again(memory: Memory) -> None:
    work = await converse(memory, "1", ONE, TWO)
    await memory.write(block, Blocked("telegram", "4711", LATER))
    assert await letters_of(memory, work.case_id) == []
    assert [entry.state for entry in await memory.read(entries, work.case_id)] == ["done", "failed", "failed"]
    back = await work_of(memory, (await hear(memory, "2")).case_id)
    assert await memory.write(settle, outcome(back, THREE))
    assert [letter.said for letter in await letters_of(memory, work.case_id)] == [THREE]


async def test_cases_with_letters_are_found_longest_wait_first(memory: Memory) -> None:
    cases = []
    for number in range(3):
        taken = await hear(memory, str(number), address=str(number))
        assert await memory.write(settle, outcome(await work_of(memory, taken.case_id), ONE))
        cases.append(taken.case_id)
    assert await memory.read(unsent_cases, LATER, 10) == cases
    assert await memory.read(unsent_cases, LATER, 2) == cases[:2]

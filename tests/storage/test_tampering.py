"""Sealed in place: nothing personal is readable in the file, and nothing sealed can be moved."""

from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.storing import ASK, MINUTE, NOON, THANKS, converse, execute, hear, letters_of, outcome, work_of

from bot.messages import Said
from bot.permit.permit import Permit
from storage.flagged import StaffAnswer, answer
from storage.keys import Keyring, Tampered
from storage.letters import Delivery, mark_sent
from storage.memory import Memory
from storage.permits import find_permit
from storage.settling import settle
from storage.transcript import entries

NAME, PASSPORT, PHONE, ADDRESS = "Mustermann", "C01X00T47", "+4915112345678", "987654321012"


async def whole_session(memory: Memory) -> None:
    """A conversation in which every personal word was heard, kept, said, shown, issued and answered."""
    taken = await hear(memory, "1", f"I am {NAME}, {PASSPORT}, {PHONE}", address=ADDRESS)
    work = await work_of(memory, taken.case_id)
    case = replace(work.case, answers={"name": NAME, "passport": PASSPORT, "phone": PHONE})
    issued = Permit("VN-1", 1, NOON, PASSPORT, {"name": NAME, "phone": PHONE})
    said = Said((THANKS(name=NAME),))
    assert await memory.write(settle, outcome(work, said, case=case, permit=issued))
    [letter] = await letters_of(memory, work.case_id)
    await memory.write(mark_sent, Delivery(letter.row, work.case_id, "9", f"Thank you, {NAME}.", NOON + MINUTE))
    await memory.write(answer, StaffAnswer(work.case_id, f"Dear {NAME}, we call {PHONE}.", "linh", NOON))


def contents(folder: Path) -> dict[str, bytes]:
    """The files of the database, the write-ahead log among them."""
    return {path.name: path.read_bytes() for path in folder.glob("khaibao.db*")}


async def test_nothing_personal_is_readable_in_the_files(tmp_path: Path, sqlite_url: str, keys: Keyring) -> None:
    memory = Memory.open(sqlite_url, keys)
    await whole_session(memory)
    while_open = contents(tmp_path)
    await memory.close()
    closed = contents(tmp_path)
    assert "khaibao.db-wal" in while_open
    assert b"VN-1" in b"".join(while_open.values())  # The search finds what is there to be found.
    for content in (*while_open.values(), *closed.values()):
        for word in (NAME, PASSPORT, PHONE, PHONE[1:], ADDRESS):
            assert word.encode() not in content
            assert word.upper().encode() not in content


async def test_a_message_moved_to_another_row_does_not_open(memory: Memory) -> None:
    work = await converse(memory, "1", Said((ASK(),)), Said((THANKS(name="A"),)))
    first, second = await letters_of(memory, work.case_id)
    await execute(
        memory,
        "UPDATE transcript SET content = (SELECT content FROM transcript WHERE id = :one) WHERE id = :two",
        one=first.row,
        two=second.row,
    )
    with pytest.raises(Tampered):
        await letters_of(memory, work.case_id)
    with pytest.raises(Tampered):
        await memory.read(entries, work.case_id)


async def test_a_message_moved_to_another_case_does_not_open(memory: Memory) -> None:
    work = await converse(memory, "1", Said((ASK(),)))
    other = await hear(memory, "2", address="4712")
    await execute(memory, "UPDATE transcript SET case_id = :other WHERE case_id <> :other", other=other.case_id)
    assert await memory.read(entries, work.case_id) == []
    with pytest.raises(Tampered):
        await memory.read(entries, other.case_id)


async def test_a_state_moved_to_another_case_does_not_open_and_spoils_no_other_turn(memory: Memory) -> None:
    one = await hear(memory, "1")
    two = await hear(memory, "2", address="4712")
    await execute(
        memory,
        "UPDATE cases SET state = (SELECT state FROM cases WHERE id = :one) WHERE id = :two",
        one=one.case_id,
        two=two.case_id,
    )
    with pytest.raises(Tampered):
        await work_of(memory, two.case_id)
    assert (await work_of(memory, one.case_id)).row == one.row


async def test_an_address_given_to_another_case_does_not_open(memory: Memory) -> None:
    victim = await converse(memory, "1", Said((ASK(),)))
    thief = await hear(memory, "2", address="4712")
    await execute(memory, "DELETE FROM addresses WHERE case_id = :case_id", case_id=victim.case_id)
    await execute(
        memory,
        "UPDATE addresses SET case_id = :victim WHERE case_id = :thief",
        victim=victim.case_id,
        thief=thief.case_id,
    )
    with pytest.raises(Tampered):
        await letters_of(memory, victim.case_id)


async def test_a_permit_under_another_reference_does_not_open(memory: Memory) -> None:
    await whole_session(memory)
    await execute(memory, "UPDATE permits SET reference = 'VN-2'")
    with pytest.raises(Tampered):
        await memory.read(find_permit, "VN-2")

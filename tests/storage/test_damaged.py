"""Damaged: a case that does not open goes to a person, and nothing that was heard in it is lost."""

import pytest
from fixtures.certified import reasons
from fixtures.storing import MINUTE, NOON, execute, hear, work_of

from storage.audit import notes_of
from storage.damaged import Damage, set_down
from storage.keys import Tampered
from storage.memory import Memory
from storage.transcript import entries
from storage.turns import next_works


async def test_what_waits_in_a_case_that_does_not_open_is_set_down_for_a_person(memory: Memory) -> None:
    damaged = (await hear(memory, "1", "first")).case_id
    sound = (await hear(memory, "2", address="4712")).case_id
    await execute(
        memory, "UPDATE cases SET state = :state WHERE id = :case_id", state=b"\1" + bytes(60), case_id=damaged
    )
    await hear(memory, "3", "second")
    with pytest.raises(Tampered):
        await work_of(memory, damaged)
    await memory.write(set_down, Damage(damaged, "Tampered", NOON + MINUTE))
    assert await memory.look(next_works, damaged) is None
    heard = await memory.read(entries, damaged)
    assert [(each.incoming, each.state, each.trouble) for each in heard] == [
        (each.incoming, "parked", "Tampered") for each in heard
    ]
    assert len(heard) == 2
    assert await reasons(memory) == {damaged: ("damaged",)}
    [note] = await memory.read(notes_of, damaged)
    assert (note.action, note.note) == ("set_down", "Tampered")
    assert (await work_of(memory, sound)).case_id == sound

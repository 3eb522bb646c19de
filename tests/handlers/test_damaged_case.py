"""Damaged: a case that does not open goes to a person; Telegram repeats nothing, and the others are served."""

from __future__ import annotations

import pytest
from fixtures.certified import reasons
from fixtures.house import OpenHouse
from fixtures.storing import execute
from fixtures.telegram_stand_in import Phone

from storage.cases import case_of
from storage.transcript import entries

pytestmark = pytest.mark.asyncio(loop_scope="session")


def parked(opened: OpenHouse) -> float:
    """How many messages were parked since the start."""
    value: float = opened.house.metrics.turns.labels("parked")._value.get()
    return value


async def test_a_case_that_does_not_open_goes_to_a_person_and_holds_nobody_up(
    open_house_on_loopback: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    opened, memory = open_house_on_loopback, open_house_on_loopback.house.memory
    phone, other = Phone(opened.stand_in, 66_301), Phone(opened.stand_in, 66_302)
    assert await phone.text("/start") == 200
    await phone.reply()
    known = await memory.read(case_of, "telegram", "66301")
    assert known is not None
    sealed = b"\1" + bytes(60)
    await execute(memory, "UPDATE cases SET state = :state WHERE id = :id", state=sealed, id=known.case_id)
    before = parked(opened)

    assert await phone.text("hello?") == 200
    assert await other.text("/start") == 200
    assert (await other.reply()).text
    await opened.look()
    assert (await reasons(memory))[known.case_id] == ("damaged",)
    heard = (await memory.read(entries, known.case_id))[-1]
    assert (heard.direction, heard.state, heard.trouble) == ("heard", "parked", "Tampered")
    assert parked(opened) == before + 1

"""References: guessing opens nothing, and tells nothing about what there is."""

from __future__ import annotations

import math
import os
import re
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from fixtures.house import OpenHouse
from fixtures.killing import declaration
from fixtures.storing import converse
from fixtures.storing import permit as permit_of
from fixtures.telegram_stand_in import Phone
from fixtures.webphone import WebPhone
from sqlalchemy import event

from bot.look_up import MOST_LOOK_UPS, MOST_NUMBERS, asked_for
from bot.permit.reference import ALPHABET, CHANCE_SIGNS, make_reference
from handlers.guesses import HOUR, MOST_AN_HOUR, Guesses
from storage.keys import Keyring
from storage.memory import Memory, Sqlite
from storage.permits import FoundPermit, look_up_permit

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSPORT = "C01X00T47"
_REFERENCE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reference(open_house_on_loopback: OpenHouse) -> AsyncIterator[str]:
    """The reference of a permit that somebody was given."""
    async with WebPhone(open_house_on_loopback.url, "en") as phone:
        lines: tuple[str, ...] = ()
        for message in declaration("Mia Keller", PASSPORT, open_house_on_loopback.clock(), None):
            assert isinstance(message, dict)
            await phone._post(message)
            heard = await phone.heard()
            lines = heard.lines if heard else ()
        found = _REFERENCE.search("\n".join(lines))
        assert found, lines
        yield found.group()


async def begin(phone: WebPhone) -> None:
    """Open the chat and agree; before that nothing is looked up."""
    await phone.open()
    await phone.heard()
    await phone._post({"press": "consent:yes"})
    await phone.heard()


async def asked(phone: WebPhone, text: str) -> tuple[str, ...]:
    """What the bot answers."""
    await phone.text(text)
    heard = await phone.heard()
    assert heard is not None
    return heard.lines


async def test_a_reference_alone_opens_nothing_so_the_passport_number_is_the_second_factor(
    open_house_on_loopback: OpenHouse, reference: str
) -> None:
    bits = CHANCE_SIGNS * math.log2(len(ALPHABET))
    assert bits >= 50
    async with WebPhone(open_house_on_loopback.url, "en") as stranger:
        await begin(stranger)
        alone = await asked(stranger, reference)
        assert PASSPORT not in "".join(alone)
        assert alone == await asked(stranger, nobodys())


def nobodys() -> str:
    """A well-formed reference that nobody was given."""
    return make_reference(Random(20261124).randrange)


async def test_an_unknown_reference_and_a_wrong_passport_number_get_the_same_answer(
    open_house_on_loopback: OpenHouse, reference: str
) -> None:
    async with WebPhone(open_house_on_loopback.url, "en") as stranger:
        await begin(stranger)
        wrong = await asked(stranger, f"{reference} X1234567")
        missing = await asked(stranger, f"{nobodys()} {PASSPORT}")
        right = await asked(stranger, f"{reference} {PASSPORT}")
    assert wrong == missing
    assert right != wrong
    assert "Mia" not in "".join(right)


async def test_guesses_end_after_a_few_and_neither_restart_nor_language_bring_new_ones(
    open_house_on_loopback: OpenHouse, reference: str
) -> None:
    async with WebPhone(open_house_on_loopback.url, "en") as guesser:
        await begin(guesser)
        first = await asked(guesser, f"{reference} X0000001")
        for number in range(2, MOST_LOOK_UPS + 1):
            assert await asked(guesser, f"{reference} X000000{number}") == first
        refused = await asked(guesser, f"{reference} {PASSPORT}")
        assert refused != first
        for again in (
            {"press": "do:restart"},
            {"press": "do:restart-yes"},
            {"open": {"language": "en"}},
            {"press": "do:language-en"},
        ):
            await guesser._post(again)
            await guesser.heard(1)
        assert await asked(guesser, f"{reference} {PASSPORT}") == refused


async def test_guessing_is_limited_in_every_channel(open_house_on_loopback: OpenHouse, reference: str) -> None:
    phone = Phone(open_house_on_loopback.stand_in, 66_201)
    await phone.text("/start")
    await phone.reply()
    await phone.tap("consent:yes")
    await phone.reply()
    said = []
    for number in range(MOST_LOOK_UPS + 1):
        await phone.text(f"{reference} X000000{number}")
        said.append((await phone.reply()).text)
    await phone.text(f"{reference} {PASSPORT}")
    said.append((await phone.reply()).text)
    assert said[-1] == said[-2] != said[0]
    assert len(set(said[:MOST_LOOK_UPS])) == 1


async def test_no_route_takes_a_reference_in_its_address(open_house_on_loopback: OpenHouse) -> None:
    # An address ends in logs, in histories and in Referer.
    for resource in open_house_on_loopback.house.app.router.resources():
        assert not re.search(r"{(?:reference|permit|passport|code|token)", resource.canonical)


class Counting(Keyring):
    """A ring that counts what is opened."""

    opened = 0

    def open(self, place: str, sealed: bytes) -> bytes:
        self.opened += 1
        return super().open(place, sealed)


async def test_an_unknown_reference_and_a_wrong_passport_number_are_the_same_work(sqlite_url: str) -> None:
    keys = Counting({1: os.urandom(32)}, os.urandom(32))
    memory = Memory.open(sqlite_url, keys)
    assert isinstance(memory._database, Sqlite)
    statements: list[str] = []

    @event.listens_for(memory._database._reader.sync_engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    async def work(reference: str, *numbers: str) -> tuple[FoundPermit | None, list[str], int]:
        statements.clear()
        keys.opened = 0
        found = await memory.read(look_up_permit, reference, numbers)
        return found, list(statements), keys.opened

    try:
        await converse(memory, "1", permit=permit_of("ABCD-2345-WXYZ"))
        right, needed, opened = await work("ABCD-2345-WXYZ", PASSPORT)
        assert right is not None
        assert (right.permit.passport_number, opened) == (PASSPORT, 1)
        assert len([statement for statement in needed if "permits" in statement]) == 1
        wrong, unknown = await work("ABCD-2345-WXYZ", "X1234567"), await work("WXYZ-2345-ABCD", PASSPORT)
        assert wrong == unknown == (None, needed, 0)
    finally:
        await memory.close()


async def test_a_message_that_guesses_many_numbers_at_once_asks_for_none() -> None:
    for many in (MOST_NUMBERS + 1, 300):
        asked = asked_for(f"{nobodys()} {' '.join(f'X00{number}' for number in range(many))}")
        assert asked is not None
        assert not asked.numbers


async def test_a_reference_with_spaces_is_no_passport_number() -> None:
    reference = nobodys()
    for written in (reference, reference.replace("-", " "), reference.replace("-", "").lower()):
        asked = asked_for(f"{written}, passport {PASSPORT}")
        assert asked is not None
        assert (asked.reference, asked.numbers) == (reference, {PASSPORT})


async def test_guesses_of_all_conversations_count_together_for_an_hour() -> None:
    seconds = 50.0
    guesses = Guesses(lambda: seconds)
    for _ in range(MOST_AN_HOUR):
        assert not guesses.are_too_many()
        guesses.add()
        seconds += 1
    assert guesses.are_too_many()
    seconds = 49.0 + HOUR
    assert guesses.are_too_many()
    # One by one they grow old, and so many new ones may come.
    seconds += 1
    assert not guesses.are_too_many()
    guesses.add()
    seconds += 0.5
    assert guesses.are_too_many()


async def test_new_conversations_bring_no_new_guesses(open_house_on_loopback: OpenHouse, reference: str) -> None:
    guesses = open_house_on_loopback.house.turns._desk.guesses
    guesses._latest.clear()
    async with WebPhone(open_house_on_loopback.url, "en") as guesser:
        await begin(guesser)
        none = await asked(guesser, f"{reference} X1234567")
        right = await asked(guesser, f"{reference} {PASSPORT}")
    assert len(guesses._latest) == 1
    for _ in range(MOST_AN_HOUR):
        guesses.add()
    last = guesses._latest[-1]
    try:
        async with WebPhone(open_house_on_loopback.url, "en") as stranger:
            await begin(stranger)
            refused = await asked(stranger, f"{reference} {PASSPORT}")
            assert refused not in (none, right)
            assert await asked(stranger, f"{nobodys()} X1234567") == refused
        # What is refused is no guess, so that refusing ends.
        assert guesses._latest[-1] == last
    finally:
        guesses._latest.clear()

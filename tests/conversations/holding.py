"""Holds a written talk over one channel, and keeps what was said."""

from __future__ import annotations

import asyncio
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, datetime

from fixtures.house import OpenHouse
from fixtures.telegram_stand_in import STRANGE
from fixtures.webphone import Message
from sqlalchemy import Connection
from talk import ROW, Exchange, Expected, Talk
from telephones import CHANNELS, TelegramPhone, Telephone, telephone

from bot.certificates import specimens
from storage.cases import case_of
from storage.flagged import GiveBack, StaffAnswer, answer, give_back
from storage.keys import Keyring
from storage.letters import unsent
from storage.standing import has_waiting

STAFF = "lan"
REFERENCE = r"[2-9A-HJ-NP-Z]{4}(?:-[2-9A-HJ-NP-Z]{4}){2}"
_NAMED = re.compile(r"\{(reference[0-9]*)\}")
_LOOK_AGAIN = 0.005
_SOME_TEXT = "a long story "


@dataclass(frozen=True, slots=True)
class Permitted:
    """A permit that was told: its reference, and the summary that was confirmed before."""

    reference: str
    rows: tuple[str, ...]


@dataclass(slots=True)
class Held:
    """A talk that was held: what was said (references by their names), the permits, and the case that got them."""

    case_id: str = ""
    said: list[tuple[str, Message]] = field(default_factory=list)
    permits: list[Permitted] = field(default_factory=list)


async def hold(talk: Talk, channel: str, opened: OpenHouse) -> Held:
    """Hold the talk from its beginning to its end; AssertionError tells where it went another way."""
    async with AsyncExitStack() as stack:
        holding = _Holding(talk, channel, opened, stack)
        opened.clock.set(talk.today)
        for exchange in talk.exchanges:
            if exchange.who not in CHANNELS or exchange.who == channel:
                await holding.exchange(exchange)
        await holding.silence(talk.exchanges[-1])
        holding.held.case_id = await holding.case_id()
    return holding.held


class _Holding:
    """A talk under way."""

    def __init__(self, talk: Talk, channel: str, opened: OpenHouse, stack: AsyncExitStack) -> None:
        self.held = Held()
        self._talk, self._channel, self._opened, self._stack = talk, channel, opened, stack
        self._phones: dict[str, Telephone] = {}
        self._names: dict[str, str] = {}
        self._rows: tuple[str, ...] = ()

    async def exchange(self, exchange: Exchange) -> None:
        """Let somebody do something, and hear what is said to it."""
        if exchange.who == "calendar":
            self._opened.clock.set(date.fromisoformat(exchange.does))
            return
        if exchange.who == "staff":
            await self._staff(exchange.does)
        else:
            await self._do(await self._phone(exchange), _filled(exchange.does, self._names))
        for expected in exchange.hears:
            await self._hear(exchange, expected)
        if exchange.silent:
            await self.silence(exchange)

    async def silence(self, exchange: Exchange) -> None:
        """Nothing is said that has not been heard, now that every turn is taken and every letter sent."""
        for phone in self._phones.values():
            while await self._opened.house.memory.read(_is_busy, phone, self._opened.clock()):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_AGAIN)
            unheard = await phone.unheard()
            assert not unheard, self._where(exchange.line, "nothing more", *unheard)

    async def case_id(self) -> str:
        """The case of the traveller."""
        return await self._opened.house.memory.read(_case_id, self._phones["traveller"])

    async def _phone(self, exchange: Exchange) -> Telephone:
        who = "traveller" if exchange.who in CHANNELS else exchange.who
        if who not in self._phones:
            new = telephone(self._opened, self._channel, self._talk.language)
            self._phones[who] = await self._stack.enter_async_context(new)
        return self._phones[who]

    async def _do(self, phone: Telephone, does: str) -> None:
        if does.startswith("["):
            return await phone.tap(does[1:-1])
        if not does.startswith("("):
            return await phone.text(does.replace(" ⏎ ", "\n"))
        act, _, what = does[1:-1].partition(" ")
        match act:
            case "open":
                return await phone.open(what or None)
            case "photo":
                return await phone.photo((specimens.folder() / what).read_bytes())
            case "file":
                return await phone.document((specimens.folder() / what).read_bytes(), what, "image/png")
            case "writes":
                long = int(what.split()[0])
                return await phone.text((_SOME_TEXT * long)[:long])
            case "edits:" if isinstance(phone, TelegramPhone):
                assert await phone.phone.edit(what) == 200
                return None
            case _ if isinstance(phone, TelegramPhone) and act in STRANGE:
                assert await phone.phone.strange(act) == 200
                return None
        raise ValueError(f"nobody can do this: {does}")

    async def _staff(self, does: str) -> None:
        memory, at = self._opened.house.memory, self._opened.clock()
        if does == "(gives back)":
            assert await memory.write(give_back, GiveBack(await self.case_id(), STAFF, at))
        else:
            assert await memory.write(answer, StaffAnswer(await self.case_id(), does, STAFF, at))
        await self._opened.look()

    async def _hear(self, exchange: Exchange, expected: Expected) -> None:
        phone = self._phones["traveller" if exchange.who in (*CHANNELS, "staff") else exchange.who]
        message = await phone.heard()
        if message is None:
            raise AssertionError(self._where(expected.line, "\n".join(expected.lines)))
        lines = (*message.lines, *(ROW + row for row in message.rows))
        fits = len(lines) == len(expected.lines) and all(map(self._fits, expected.lines, lines))
        if not fits or expected.labels not in (None, message.labels):
            wanted = "\n".join([*expected.lines, _buttons(expected.labels or ())])
            raise AssertionError(self._where(expected.line, wanted, message))
        if exchange.who not in CHANNELS:
            self.held.said.append((exchange.who, self._named(message)))
        self._rows = message.rows or self._rows

    def _fits(self, expected: str, line: str) -> bool:
        """Whether a line is what was expected; a reference that comes for the first time gets its name."""
        open_end = expected.endswith("…")
        pattern = re.escape(_filled(expected.removesuffix("…"), self._names)) + (".*" if open_end else "")
        new = _NAMED.findall(_filled(expected, self._names))
        for name in new:
            pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>{REFERENCE})", 1)
        found = re.fullmatch(pattern, line)
        if found:
            self._names |= found.groupdict()
            self.held.permits += [Permitted(found[name], self._rows) for name in new]
        return found is not None

    def _named(self, message: Message) -> Message:
        def named(line: str) -> str:
            for name, reference in self._names.items():
                line = line.replace(reference, f"{{{name}}}")
            return line

        return Message(tuple(map(named, message.lines)), tuple(map(named, message.rows)), message.labels)

    def _where(self, line: int, wanted: str, *said: Message) -> str:
        """Where the talk went another way, with what was said in the form in which talks are written."""
        written = "\n\n".join(write(message) for message in said) or "(nothing)"
        return f"{self._talk.path.name}:{line} over {self._channel}\nwanted:\n{wanted}\n\nsaid:\n{written}"


def _case_id(connection: Connection, keys: Keyring, phone: Telephone) -> str:
    known = case_of(connection, keys, phone.channel, phone.address)
    assert known is not None
    return known.case_id


def _is_busy(connection: Connection, keys: Keyring, phone: Telephone, now: datetime) -> bool:
    """Whether a turn is still to be taken for this telephone, or a letter to be sent there."""
    case_id = _case_id(connection, keys, phone)
    return has_waiting(connection, keys, case_id) or bool(unsent(connection, keys, case_id, now))


def write(message: Message) -> str:
    """A message as talks are written."""
    lines = [*message.lines, *(ROW + row for row in message.rows), _buttons(message.labels)]
    return "\n".join(f"< {line}" for line in lines if line)


def _buttons(labels: tuple[str, ...]) -> str:
    return " ".join(f"[{label}]" for label in labels)


def _filled(text: str, names: dict[str, str]) -> str:
    for name, reference in names.items():
        text = text.replace(f"{{{name}}}", reference)
    return text

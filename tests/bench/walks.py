"""The updates of a traveller's walk, written once as whole HTTP requests, so that sending one costs next to nothing.

Numbers have a fixed width: a chat has ten digits and an update twelve, so a template is filled without counting again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

SECRET: Final = "the-secret-of-the-bench"  # of a server on loopback that lives for minutes
TOKEN: Final = "123456:bench-token_ABCDEFGHIJKLMNOPQRSTUVW"
FIRST_CHAT: Final = 1_000_000_000
# What stands for the numbers until they are filled in; both are as wide as what takes their place.
CHAT: Final = 4_444_444_444
UPDATE: Final = 555_555_555_555
PASSPORT: Final = "C01X66666666"
NAMES: Final = ("form", "tourist", "probe")


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps of a walk, each a template of a whole request."""

    steps: tuple[bytes, ...]

    def request(self, step: int, chat: int) -> bytes:
        """The request of a step by a traveller's chat."""
        number = b"%d" % chat
        update = b"%d%02d" % (chat, step)
        filled = self.steps[step].replace(b"%d" % CHAT, number).replace(b"%d" % UPDATE, update)
        return filled.replace(PASSPORT.encode(), b"C01X" + number[-8:])


@dataclass(frozen=True, slots=True)
class Said:
    """What a traveller writes."""

    text: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button that a traveller taps, by what it carries."""

    press: str


def tourist(today: date) -> tuple[Said | Tapped, ...]:
    """All that a tourist says from the first opening to the submission; every one of them is a right answer."""
    arrives, leaves = today + timedelta(days=12), today + timedelta(days=27)
    return (
        *(Said("/start"), Tapped("consent:yes"), Tapped("entrant_class:tourist"), Said("Germany")),
        *(Said(arrives.isoformat()), Tapped("port:noi-bai"), Said("VN 30"), Said(leaves.isoformat())),
        *(Said("Anna Maria Specimen"), Said("14 May 1990"), Tapped("sex:female"), Said(PASSPORT)),
        *(Said("2024-03-02"), Said("2034-03-01"), Said("anna@example.org")),
        *(Said("Hotel Metropole, 15 Ngô Quyền, Hà Nội"), Tapped("minors:0"), Tapped("countries:DE")),
        *(Tapped("symptoms:none"), Tapped("exposure:no"), Tapped("certificate:none"), Tapped("do:submit")),
    )


def form() -> tuple[Said | Tapped, ...]:
    """The beginning, and one plain answer to each of the baselines' twenty questions."""
    return (Said("/start"), *(Said(f"an answer to question {number}") for number in range(20)))


def walk_of(name: str, port: int, today: date) -> Walk:
    """The walk of this name to a server; a `probe` is no update but a call of the Bot API itself."""
    if name == "probe":
        body = json.dumps({"chat_id": CHAT, "text": "an answer"}).encode()
        return Walk(tuple(_request(f"/bot{TOKEN}/sendMessage", body, port) for _ in range(21)))
    said = tourist(today) if name == "tourist" else form()
    return Walk(tuple(_request("/telegram/webhook", _update(one, place), port) for place, one in enumerate(said)))


def length_of(name: str, today: date) -> int:
    """How many steps the walk of this name has."""
    return len(walk_of(name, 80, today).steps)


def _update(one: Said | Tapped, place: int) -> bytes:
    """An update as Telegram sends it, in UTF-8 without blanks."""
    person = {"id": CHAT, "is_bot": False, "first_name": "Anna", "username": "anna_specimen", "language_code": "en"}
    chat = {"id": CHAT, "first_name": "Anna", "username": "anna_specimen", "type": "private"}
    message: dict[str, object] = {"message_id": 2 * place + 1, "date": 1795478400, "chat": chat}
    content: dict[str, object]
    if isinstance(one, Said):
        message |= {"from": person, "text": one.text}
        if one.text.startswith("/"):
            message["entities"] = [{"offset": 0, "length": len(one.text), "type": "bot_command"}]
        content = {"message": message}
    else:
        bot = {"id": 123456, "is_bot": True, "first_name": "bot", "username": "stand_in_bot"}
        message |= {"message_id": 2 * place, "from": bot, "text": "A question?"}
        query = {"id": f"{UPDATE}", "from": person, "message": message, "chat_instance": "-1", "data": one.press}
        content = {"callback_query": query}
    return json.dumps({"update_id": UPDATE, **content}, ensure_ascii=False, separators=(",", ":")).encode()


def _request(path: str, body: bytes, port: int) -> bytes:
    head: Sequence[str] = (
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body

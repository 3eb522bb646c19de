"""What the web chat's page is told: its own words, and the messages of a conversation as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.certificates import specimens
from bot.messages import Pressed, Sent, Typed
from bot.pressing import label_of
from bot.words.catalog import LANGUAGES, Words, locale_of
from bot.words.text import Text
from handlers.channels import webchat_words as say
from handlers.channels.channel import undress
from storage.cases import KnownCase, case_of
from storage.keys import Keyring
from storage.standing import first_waiting
from storage.transcript import Entry, entries

SPECIMEN_FOLDER = Path(specimens.__file__).parent
# The largest file a browser may offer; the server counts again.
ACCEPT = "image/*,.heic,.heif,.avif,.tif,.tiff,.pdf,.txt,.json,.smart-health-card"


@dataclass(frozen=True, slots=True)
class Specimen:
    """A certificate to try the demonstration with."""

    label: Text
    path: Path


SPECIMENS: Mapping[str, Specimen] = {
    name: Specimen(label, SPECIMEN_FOLDER / name)
    for name, label in (
        ("good.png", say.SPECIMEN_GOOD),
        ("foreign-key.png", say.SPECIMEN_FOREIGN),
        ("tampered.png", say.SPECIMEN_TAMPERED),
        ("another-person.png", say.SPECIMEN_OTHER),
        ("blurred.jpg", say.SPECIMEN_BLURRED),
    )
}


@dataclass(frozen=True, slots=True)
class News:
    """A conversation as one reading found it: its case if it has begun, what may be shown, whether a turn is due."""

    known: KnownCase | None
    entries: tuple[Entry, ...]
    thinking: bool

    @property
    def case_id(self) -> str | None:
        """The case's id, once there is a case."""
        return self.known.case_id if self.known else None


def news(connection: Connection, keys: Keyring, channel: str, address: str, after: int) -> News:
    """What is new after a row; nothing behind a message that is still on its way, so that none is passed over.

    Nor anything behind one that waits for its turn: its answer may have a lower number than what another process has
    heard meanwhile, and be written later. So what waits is looked for first.
    """
    known = case_of(connection, keys, channel, address)
    if known is None:
        return News(None, (), False)
    waits = first_waiting(connection, keys, known.case_id)
    ready: list[Entry] = []
    for entry in entries(connection, keys, known.case_id, after):
        if (entry.direction != "heard" and entry.state == "unsent") or (waits is not None and entry.row > waits):
            break
        ready.append(entry)
    return News(known, tuple(ready), waits is not None)


def view(found: News, words: Words, after: int, language: str, said_in: str | None) -> dict[str, Any]:
    """The answer to a question for news; the page's words come with it when its language changed."""
    case = found.known.case if found.known else None
    language = case.language if case else language
    said = [entry.said for entry in found.entries if entry.said]
    progress = said[-1].progress if said else None
    answer: dict[str, Any] = {
        "messages": [told for entry in found.entries if (told := _message(entry, words, language))],
        "last": found.entries[-1].row if found.entries else after,
        "thinking": found.thinking,
        "language": language,
        "direction": locale_of(language).text_direction,
        "with_person": bool(case and case.with_person),
        "progress": {"done": progress.done, "left": progress.left} if progress else None,
        "expects": said[-1].expects if said else None,
    }
    if said_in != language:
        answer["words"] = page_words(words, language)
    return answer


def chrome(words: Words, language: str, demonstration: bool) -> dict[str, Any]:
    """What the page needs before the first message."""
    return {
        "language": language,
        "direction": locale_of(language).text_direction,
        "words": page_words(words, language),
        "languages": list(LANGUAGES.items()),
        "demonstration": demonstration,
        "accept": ACCEPT,
        "specimens": [
            {"name": name, "label": words.say(one.label, language), "url": f"/chat/specimens/{name}"}
            for name, one in SPECIMENS.items()
        ]
        if demonstration
        else [],
    }


def page_words(words: Words, language: str) -> dict[str, str]:
    """The page's own sentences in the language; `{n}` and other fields stay for the page to fill."""
    return {key: words.raw(text, language) for key, text in say.PAGE.items()}


def _message(entry: Entry, words: Words, language: str) -> dict[str, Any] | None:
    """One message for the page, or None where there is nothing to see."""
    at = entry.at.isoformat().replace("+00:00", "Z")
    told: dict[str, Any] = {"id": entry.row, "at": at, "buttons": [], "rows": [], "file": None, "client": None}
    if entry.direction != "heard":
        if not entry.shown:
            return None
        dressed = undress(json.loads(entry.shown))
        return told | {
            "from": "bot" if entry.direction == "said" else "staff",
            "text": dressed.text,
            "asides": dressed.asides,
            "buttons": [{"press": press, "label": label} for press, label in dressed.buttons],
            "rows": [{"label": label, "value": value, "press": press} for label, value, press in dressed.rows],
            "file": {"name": words.say(say.MARKED, language), "url": f"/chat/marked/{dressed.picture}"}
            if dressed.picture
            else None,
        }
    told |= {"from": "traveller", "text": "", "client": (entry.external_id or "").partition("/")[2]}
    match entry.incoming:
        case Typed(text):
            return told | {"text": text}
        case Pressed(press):
            return told | {"text": words.say(label_of(press), language)}
        case Sent(name=name):
            return told | {"file": {"name": name, "url": f"/chat/pictures/{entry.row}"}}
    return None

"""Messages: what a channel may bring in, and what it must be able to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.documents.photo_reading import PhotoReading
from bot.words.text import Line, Value, keep, recall, recall_line

# A button travels in Telegram's callback data, which holds 64 bytes.
PRESS_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Typed:
    """Text that somebody wrote."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was tapped: `question:choice`, or a command as `do:back`."""

    press: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent: the photo's own id when its bytes are stored, else the platform's name for it."""

    photo: str | None
    platform: str | None = None
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Pictured:
    """A file that was sent, after it was read; `marked` names the picture in which the trouble is marked, if any."""

    photo: str
    reading: PhotoReading
    marked: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The chat was opened or started: the language the platform reports, and what a deep link carried."""

    language: str | None = None
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Strange:
    """Something the declaration has no use for: a voice message, a sticker, an edited message, a place."""

    kind: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A person of the staff gives the conversation back to the bot."""


# What the transcript holds of a message that came in.
Incoming = Typed | Pressed | Sent | Opened | Strange | GivenBack
# What a turn hears: as it came in, but files have been read.
Heard = Typed | Pressed | Pictured | Opened | Strange | GivenBack


@dataclass(frozen=True, slots=True)
class Button:
    """A choice to tap: what comes back, and what it says."""

    press: str
    label: Value

    def __post_init__(self) -> None:
        if len(self.press.encode()) > PRESS_LIMIT:
            raise ValueError(f"a press takes {PRESS_LIMIT} bytes at most: {self.press}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the summary: what was asked, what was answered, and the press that changes it."""

    label: Value
    value: Value
    press: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many questions are answered, and how many really remain on this branch."""

    done: int
    left: int


Expects = Literal["text", "choice", "number", "date", "photo", "nothing"]


@dataclass(frozen=True, slots=True)
class Said:
    """One message to the traveller: paragraphs, then rows of a summary if any, then buttons.

    The last `asides` of the lines are hints, which a channel may show smaller. A message that `replaces` takes the
    place of the one whose button was tapped, where a channel can do that. `picture` names a kept one that is shown
    with the words.
    """

    lines: tuple[Line, ...]
    buttons: tuple[Button, ...] = ()
    rows: tuple[Row, ...] = ()
    expects: Expects = "text"
    progress: Progress | None = None
    replaces: bool = False
    asides: int = 0
    picture: str | None = None


def keep_incoming(message: Incoming) -> dict[str, Any]:
    """The message as JSON, for the transcript."""
    match message:
        case Typed(text):
            return {"typed": text}
        case Pressed(press):
            return {"pressed": press}
        case Sent(photo, platform, name, size):
            return {"sent": {"photo": photo, "platform": platform, "name": name, "size": size}}
        case Opened(language, start):
            return {"opened": {"language": language, "start": start}}
        case Strange(kind):
            return {"strange": kind}
        case GivenBack():
            return {"given_back": True}


def recall_incoming(kept: dict[str, Any]) -> Incoming:
    """The message that `keep_incoming` wrote; ValueError if it did not write this."""
    match kept:
        case {"typed": str(text)}:
            return Typed(text)
        case {"pressed": str(press)}:
            return Pressed(press)
        case {"sent": {"photo": photo, "platform": platform, "name": name, "size": size}}:
            return Sent(photo, platform, name, size)
        case {"opened": {"language": language, "start": start}}:
            return Opened(language, start)
        case {"strange": str(kind)}:
            return Strange(kind)
        case {"given_back": True}:
            return GivenBack()
    raise ValueError("not a message that was kept")


def keep_said(said: Said) -> dict[str, Any]:
    """The message as JSON, for the transcript; what is empty is left out."""
    kept: dict[str, Any] = {"lines": [keep(line) for line in said.lines], "expects": said.expects}
    if said.buttons:
        kept["buttons"] = [[button.press, keep(button.label)] for button in said.buttons]
    if said.rows:
        kept["rows"] = [[row.press, keep(row.label), keep(row.value)] for row in said.rows]
    if said.progress:
        kept["progress"] = [said.progress.done, said.progress.left]
    if said.replaces:
        kept["replaces"] = True
    if said.asides:
        kept["asides"] = said.asides
    if said.picture:
        kept["picture"] = said.picture
    return kept


def recall_said(kept: dict[str, Any]) -> Said:
    """The message that `keep_said` wrote; ValueError, KeyError or TypeError if it did not write this."""
    progress = kept.get("progress")
    return Said(
        lines=tuple(recall_line(line) for line in kept["lines"]),
        buttons=tuple(Button(press, recall(label)) for press, label in kept.get("buttons", ())),
        rows=tuple(Row(recall(label), recall(value), press) for press, label, value in kept.get("rows", ())),
        expects=kept["expects"],
        progress=Progress(*progress) if progress else None,
        replaces=kept.get("replaces", False),
        asides=kept.get("asides", 0),
        picture=kept.get("picture"),
    )

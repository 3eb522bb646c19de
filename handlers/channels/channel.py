"""A channel: what every door to travellers must do, and how a message is dressed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from bot.messages import Said
from bot.words.catalog import Words


class CannotOpen(Exception):
    """A channel cannot be opened as it is set up; the message says why, and names no secret."""


# ChannelTrouble
# ├── Later      the platform cannot take it now; send it again
# ├── Blocked    the traveller does not want to be written to
# ├── Refused    the platform will never take it: a bug, and an alarm
# └── NoFile     a file that was sent cannot be fetched
class ChannelTrouble(Exception):
    """Something that a channel could not do."""


class Later(ChannelTrouble):
    """The platform cannot take the message now; `seconds` says when to try again, if the platform said so."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("the platform cannot take it now")
        self.seconds = seconds


class Blocked(ChannelTrouble):
    """The traveller has left or blocked the bot; nothing may be sent there until they write again."""


class Refused(ChannelTrouble):
    """The platform refuses the message for good; somebody must look at the program."""


class NoFile(ChannelTrouble):
    """A file that was sent cannot be had: gone, too large, or from a place that is not the platform's."""


@dataclass(frozen=True, slots=True)
class Dressed:
    """A message in words: the text, the rows of a summary (label, value, press), and the buttons (press, label).

    Paragraphs of the text are parted by empty lines, and the last `asides` of them are hints. One that `replaces`
    takes the place of the message whose button was tapped, where the platform can edit. `picture` names a kept one
    that is shown with the words.
    """

    text: str
    rows: tuple[tuple[str, str, str], ...]
    buttons: tuple[tuple[str, str], ...]
    language: str
    replaces: bool = False
    asides: int = 0
    picture: str | None = None

    def keep(self) -> dict[str, Any]:
        """The message as JSON: what the transcript keeps of how it was shown."""
        return {
            "text": self.text,
            "rows": self.rows,
            "buttons": self.buttons,
            "language": self.language,
            "replaces": self.replaces,
            "asides": self.asides,
            "picture": self.picture,
        }


@dataclass(frozen=True, slots=True)
class Shipment:
    """A dressed message and where it goes: the address on the platform, and the platform's id of what it answers.

    `answers` is what the traveller's message is called by the platform (a callback query, say), if known. `picture`
    is the JPEG that the message shows, if it still is to be had.
    """

    address: str
    dressed: Dressed
    answers: str | None = None
    picture: bytes | None = None


class Channel(Protocol):
    """A door to travellers."""

    @property
    def name(self) -> str:
        """The channel's name in the database."""

    async def show(self, shipment: Shipment) -> str | None:
        """Show a message and give the platform's id of it; raises Later, Blocked or Refused."""

    async def fetch(self, platform_file: str) -> bytes:
        """The bytes of a file that was sent, by the platform's name for it; raises Later or NoFile."""


def dress(said: Said, words: Words, language: str) -> Dressed:
    """The message in words of the language."""
    return Dressed(
        text="\n\n".join(words.say(line, language) for line in said.lines),
        rows=tuple((words.say(row.label, language), words.say(row.value, language), row.press) for row in said.rows),
        buttons=tuple((button.press, words.say(button.label, language)) for button in said.buttons),
        language=language,
        replaces=said.replaces,
        asides=said.asides,
        picture=said.picture,
    )


def undress(kept: dict[str, Any]) -> Dressed:
    """The message that `Dressed.keep` wrote."""
    return Dressed(
        text=kept["text"],
        rows=tuple((label, value, press) for label, value, press in kept["rows"]),
        buttons=tuple((press, label) for press, label in kept["buttons"]),
        language=kept["language"],
        replaces=kept.get("replaces", False),
        asides=kept.get("asides", 0),
        picture=kept.get("picture"),
    )

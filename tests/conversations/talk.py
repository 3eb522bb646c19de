"""Talks as they are written down: what each side does and says, line by line.

    # The first line is what the talk shows
    language: en                    what the telephone or browser reports; `today:` may stand anywhere between exchanges
    today: 2026-11-24
    verdict: verified               of the certificate that a permit rests on, if one was read
    doubts: name_differs            for which staff see the permit

    > Anna Maria Specimen           the traveller writes; ⏎ is a line break
    > [I agree, begin]              … taps the newest button that says so; [✎ Name] is a line of the summary
    > (open)                        … opens the chat, perhaps by a link that carries something: (open port-noi-bai)
    > (photo good.png)              … sends a specimen as a photo, or as a file: (file good.png)
    > (writes 2500 letters)         … writes a text of that length
    < Every line that is said.      empty lines aside; … at the end of a line is the rest of it, whatever it is
    < | Name: Anna                  a line of the summary
    < [One button] [Another]        the buttons; a message without this line may have any
                                    an empty line parts one message from the next
    < (nothing)                     the bot is silent

    telegram> (voice)               on this channel only, like all that is said to it; see `Phone.strange` for kinds
    telegram> (edits: Student)      … changes a message that was sent
    other> (open)                   somebody else, in a conversation of their own
    staff> I am Lan.                a person of the staff writes, or (gives back)

`{reference}` is any permit's reference at first, and the same one wherever it comes again; `{reference2}` is another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROW = "| "
SILENCE = "(nothing)"
_DOES = re.compile(r"([a-z]*)>(?: (.*))?")
_SAYS = re.compile(r"<(?: (.*))?")
_SETS = re.compile(r"([a-z]+): *(.+)")
_BUTTONS = re.compile(r"\[([^\]]*)\]")
HEADS = ("language", "today", "verdict", "doubts")


@dataclass(slots=True)
class Expected:
    """One message that must be said: its lines, rows marked as such, and its buttons unless any will do."""

    line: int
    lines: list[str] = field(default_factory=list)
    labels: tuple[str, ...] | None = None


@dataclass(slots=True)
class Exchange:
    """Somebody does something, or a day begins, and this is said to it; `silent` if the bot must say nothing."""

    line: int
    who: str
    does: str
    hears: list[Expected] = field(default_factory=list)
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A whole talk; `today` is the day on which it begins."""

    path: Path
    shows: str
    language: str
    today: date
    verdicts: list[str]
    doubts: list[str]
    exchanges: list[Exchange]


def read_talk(path: Path) -> Talk:
    """Read a talk; ValueError names the line that cannot be read."""
    first, *lines = path.read_text().splitlines()
    heads = {"language": "en", "today": "2026-11-24"}
    exchanges: list[Exchange] = []
    block: Expected | None = None
    for number, line in enumerate(lines, 2):
        if not line.strip():
            block = None
        elif line.startswith("#"):
            continue
        elif match := _SAYS.fullmatch(line):
            block = _say(exchanges[-1], block, (match[1] or "").strip(), number)
        elif match := _DOES.fullmatch(line):
            exchanges.append(Exchange(number, match[1] or "traveller", match[2] or ""))
            block = None
        elif (match := _SETS.fullmatch(line)) and match[1] == "today" and exchanges:
            exchanges.append(Exchange(number, "calendar", match[2]))
        elif match and match[1] in HEADS:
            heads[match[1]] = match[2]
        else:
            raise ValueError(f"{path.name}:{number} cannot be read: {line}")
    return Talk(
        path=path,
        shows=first.removeprefix("# "),
        language=heads["language"],
        today=date.fromisoformat(heads["today"]),
        verdicts=heads.get("verdict", "").split(),
        doubts=heads.get("doubts", "").split(),
        exchanges=exchanges,
    )


def _say(exchange: Exchange, block: Expected | None, said: str, number: int) -> Expected | None:
    if said == SILENCE:
        exchange.silent = True
        return None
    if block is None:
        block = Expected(number)
        exchange.hears.append(block)
    if said.startswith("["):
        block.labels = (*(block.labels or ()), *_BUTTONS.findall(said))
    elif said:
        block.lines.append(said)
    return block

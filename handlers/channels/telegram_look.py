"""How a message looks on Telegram: parts that fit, and a keyboard under the last."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from handlers.channels.channel import Dressed, Shipment

TEXT_LIMIT: Final = 4096
"""UTF-16 units of one message, the narrowest reading of https://core.telegram.org/bots/api#sendmessage"""

LABEL_LIMIT: Final = 60
"""Characters of a button; telephones cut off what is longer than about forty."""

ROW_WIDTHS: Final = ((3, 9), (2, 17))
"""So many buttons stand side by side if none is wider than so many columns; any other stands alone."""

# Latin letters with those of Vietnamese, punctuation and arrows: one column each, so that none has to be looked up.
NARROW: Final = re.compile("[\u0000-\u02ff\u1e00-\u1eff\u2010-\u2027\u2190-\u21ff\u270e\u2713]*")

# Rows of buttons: https://core.telegram.org/bots/api#inlinekeyboardbutton
Keyboard = list[list[dict[str, str]]]


def split_text(text: str, most: int = TEXT_LIMIT) -> list[str]:
    """The text in parts of at most `most` UTF-16 units, cut between paragraphs, else lines, else words."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest.encode("utf-16-le", "surrogatepass")) // 2 > most:
        fits = _room(rest, most)
        least = fits // 2
        cut = next((place for mark in ("\n\n", "\n", " ") if (place := rest.rfind(mark, least, fits + 1)) > 0), 0)
        if not cut:
            cut = fits
            # A mark above or below a letter stays with its letter.
            while cut > least + 1 and unicodedata.category(rest[cut]).startswith("M"):
                cut -= 1
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _room(text: str, most: int) -> int:
    """How many characters of the text fit into `most` UTF-16 units."""
    units = 0
    for place, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > most:
            return place
    return len(text)


def whole_text(dressed: Dressed) -> str:
    """The text, and the rows of a summary below it."""
    rows = "\n".join(f"{label}: {value}" for label, value, _ in dressed.rows)
    return f"{dressed.text}\n\n{rows}" if rows else dressed.text


def bearer_of(shipment: Shipment) -> int | None:
    """The id of the message whose button was tapped, if this one is to take its place."""
    _, _, bearer = (shipment.answers or "").partition("/")
    return int(bearer) if shipment.dressed.replaces and bearer.isdecimal() else None


def keyboard_of(dressed: Dressed) -> Keyboard | None:
    """The buttons, short ones side by side, and below them two in a row those that change an answer."""
    buttons = [_button(press, label) for press, label in dressed.buttons]
    widths = [_columns(button["text"]) for button in buttons]
    laid: Keyboard = []
    place = 0
    while place < len(buttons):
        end = place + _side_by_side(widths[place:])
        laid.append(buttons[place:end])
        place = end
    changes = [_button(press, f"✎ {label}") for label, _, press in dressed.rows if press]
    laid += [changes[place : place + 2] for place in range(0, len(changes), 2)]
    return laid or None


def _button(press: str, label: str) -> dict[str, str]:
    shown = label if len(label) <= LABEL_LIMIT else label[: LABEL_LIMIT - 1].rstrip() + "…"
    return {"text": shown, "callback_data": press}


def _side_by_side(widths: Sequence[int]) -> int:
    """How many of the buttons that are left stand in the next row."""
    if len(widths) == 4 and max(widths) <= ROW_WIDTHS[1][1]:
        return 2
    return next((count for count, most in ROW_WIDTHS if len(widths) >= count and max(widths[:count]) <= most), 1)


def _columns(text: str) -> int:
    """How wide the text is, in the width of a Latin letter."""
    if NARROW.fullmatch(text):
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )

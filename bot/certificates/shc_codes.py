"""How SMART Health Cards are written in codes and files: digits behind `shc:/`, chunks, JSON (specification 1.4.0).

Every two digits of a code stand for one character of a compact signature; a long one is spread over several codes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.certificates.signed_json import JsonError, list_in, read_object

PREFIX = "shc:/"

MAX_TEXT = 256 * 1024
"""Characters of a file or of joined codes; a card with sixty vaccinations takes 12,000."""

MAX_CARDS = 20
"""Cards in one file."""

MAX_CHUNKS = 40
"""Codes over which one card is spread; the specification's own example has 17."""

MAX_CHUNK = 4296
"""Characters of one code; no QR code holds more."""

_CODE = re.compile(r"shc:/(?:([1-9][0-9]?)/([1-9][0-9]?)/)?([0-9]+)")
_CHUNK = re.compile(r"shc:/[0-9]+/[0-9]+/")
_FIRST, _LAST = ord("-"), ord("z")


class CodeError(ValueError):
    """The text of a code, of several, or of a file cannot be read as health cards.

    CodeError
    ├── WrongText         digits, numbering or file are not as the specification has them
    ├── TooLong           a code, a file or their number is beyond the limits
    ├── MissingChunks     some codes of a card are not there
    └── ConflictingChunks two codes claim one place, or codes of different cards are mixed
    """


class WrongText(CodeError):  # names in the tree say what happened
    """Digits, numbering or file are not as the specification has them."""


class TooLong(CodeError):
    """A code, a file or their number is beyond the limits."""


class MissingChunks(CodeError):
    """Some codes of a card are not there."""


class ConflictingChunks(CodeError):
    """Two codes claim one place, or codes of different cards are mixed."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    place: int
    of: int
    digits: str


def tokens_in(text: str) -> list[str]:
    """The compact signatures in the text of a code, of a file or in a bare signature; raises CodeError."""
    if len(text) > MAX_TEXT:
        raise TooLong("text too long")
    if text.startswith("{"):
        return _from_file(text)
    return [from_digits(text)] if text.startswith(PREFIX) else [text]


def from_digits(text: str) -> str:
    """The compact signature in one whole code (specification, "Encoding Chunks as QR Codes"); raises CodeError."""
    found = _CODE.fullmatch(text)
    if not found or len(found[3]) % 2:
        raise WrongText("not pairs of digits")
    if found[1] and (found[1], found[2]) != ("1", "1"):
        raise MissingChunks(f"code {found[1]} of {found[2]} by itself")
    digits = found[3]
    codes = [int(digits[at : at + 2]) + _FIRST for at in range(0, len(digits), 2)]
    if max(codes) > _LAST:
        raise WrongText("a pair of digits that stands for no character")
    return bytes(codes).decode("ascii")


def is_chunk(text: str) -> bool:
    """Whether this is one of several codes that only make a card together."""
    return bool(_CHUNK.match(text)) and not text.startswith("shc:/1/1/")


def join_chunks(texts: Iterable[str]) -> list[str]:
    """The texts of one picture with the codes that belong together joined into whole ones; raises CodeError.

    Codes may come in any order, and one that was read twice counts once. What is no part of a card stays as it is.
    """
    several = list(texts)
    chunks = [_chunk(text) for text in dict.fromkeys(several) if is_chunk(text)]
    whole = [text for text in several if not is_chunk(text)]
    if not chunks:
        return whole
    if len(chunks) > MAX_CHUNKS:
        raise TooLong("too many codes")
    total = chunks[0].of
    if any(chunk.of != total for chunk in chunks):
        raise ConflictingChunks("codes of different cards")
    by_place: dict[int, _Chunk] = {}
    for chunk in chunks:
        if by_place.setdefault(chunk.place, chunk) != chunk:
            raise ConflictingChunks(f"two codes {chunk.place} of {total}")
    missing = [str(place) for place in range(1, total + 1) if place not in by_place]
    if missing:
        raise MissingChunks(f"code {', '.join(missing)} of {total} is missing")
    return [*whole, PREFIX + "".join(by_place[place].digits for place in range(1, total + 1))]


def _chunk(text: str) -> _Chunk:
    if len(text) > MAX_CHUNK:
        raise TooLong("a code longer than any QR code")
    found = _CODE.fullmatch(text)
    if not found or not found[1] or len(found[3]) % 2 or int(found[1]) > int(found[2]):
        raise WrongText("a code numbered or written wrongly")
    return _Chunk(int(found[1]), int(found[2]), found[3])


def _from_file(text: str) -> list[str]:
    """The signatures in a .smart-health-card file (specification, "Via File Download")."""
    try:
        listed = list_in(read_object(text), "verifiableCredential")
    except JsonError as wrong:
        raise WrongText("not a file of health cards") from wrong
    if not listed:
        raise WrongText("no card in the file")
    if len(listed) > MAX_CARDS:
        raise TooLong("too many cards in the file")
    cards = [card for card in listed if isinstance(card, str)]
    if len(cards) != len(listed):
        raise WrongText("a card that is no text")
    return cards

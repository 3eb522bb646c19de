"""Tables for a terminal: columns no wider than they must be, and lines no wider than the terminal."""

import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence

GAP = "  "
ELSEWHERE = 140
"""Columns of a line where there is no terminal, and nothing says how wide one should be."""


def lay_out(rows: Sequence[Sequence[str]], floors: Sequence[int], width: int | None = None) -> Iterator[str]:
    """The lines of a table, whose widest columns give way until it fits, none below its floor.

    Where not even that is narrow enough, columns fall away from the right. Of the second column, which holds names of
    files, the end is kept where it is cut, and of the others the beginning. What is no printable character stands as
    "?", so that no text can move the cursor or turn the line round.
    """
    room = width if width is not None else shutil.get_terminal_size((ELSEWHERE, 24)).columns
    plain = [[_plain(text) for text in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*plain, strict=True)]
    least = [min(size, floor) for size, floor in zip(widths, floors, strict=True)]
    while len(least) > 1 and _total(least) > room:
        least.pop()
    del widths[len(least) :]
    while _total(widths) > room and widths != least:
        spare = [size if size > floor else 0 for size, floor in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    for row in plain:
        sized = enumerate(zip(row, widths, strict=False))
        yield GAP.join(_fit(text, size, at_end=place == 1) for place, (text, size) in sized).rstrip()


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: two for wide East Asian signs, none for marks upon another."""
    return sum(map(_column, text))


def _column(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def _plain(text: str) -> str:
    """A text on one line, of characters that this output can write."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    return shown.encode(encoding, "replace").decode(encoding)


def _fit(text: str, width: int, *, at_end: bool = False) -> str:
    """A text in exactly so many columns, its beginning or its end left out where it is longer."""
    short = columns(text) > width
    while text and columns(text) > width - short:
        text = text[1:] if at_end else text[:-1]
    if short:
        text = f"~{text}" if at_end else f"{text}~"
    return text + " " * (width - columns(text))

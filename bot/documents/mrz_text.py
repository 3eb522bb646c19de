"""Finds the machine readable zone in text that somebody pasted: small letters, lost fillers, other lines around it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from bot.documents.mrz import Mrz, NoZone, TooLong, parse_zone
from bot.documents.mrz_layout import ALLOWED, FILLER, LAYOUTS

LONGEST_TEXT = 4000
"""Characters of a text that is looked at."""

MOST_LINES = 40
"""Lines of a text that are looked at."""

FEWEST_SIGNS = 0.25
"""Of the length of a line: so much must have been pasted before missing fillers are added at its end."""

_SHAPES = sorted({(layout.lines, layout.width) for layout in LAYOUTS.values()}, reverse=True)
_FILLERS = {ord(sign): FILLER for sign in "‹〈⟨〱˂ᐸ❮﹤＜≺"} | {ord(sign): FILLER * 2 for sign in "«≪《⟪"}


def parse_lines(text: str) -> Mrz:
    """The zone in a text, the best where several readings are possible; raises NoZone or TooLong."""
    if len(text) > LONGEST_TEXT:
        raise TooLong("more text than anybody pastes")
    best: tuple[tuple[int, int, int], Mrz] | None = None
    for lines in dict.fromkeys(_candidates(_clean(text))):
        mrz = parse_zone(lines)
        score = _score(mrz)
        if _is_likely(mrz) and (best is None or score > best[0]):
            best = score, mrz
    if best is None:
        raise NoZone("nothing here has the form of a machine readable zone")
    return best[1]


def _clean(text: str) -> list[str]:
    """Lines in capitals with real fillers; blanks inside them stay."""
    plain = unicodedata.normalize("NFKC", text.translate(_FILLERS).replace("&lt;", FILLER).replace("&LT;", FILLER))
    lines = (line.strip().upper() for line in plain.translate(_FILLERS).splitlines()[:MOST_LINES])
    return [line for line in lines if line]


def _candidates(lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every way to see zones of whole length in these lines."""
    joined = ["".join("".join(lines).split())]
    for line in [*lines, *joined]:
        solid = "".join(line.split())
        for count, width in _SHAPES:
            if len(solid) == count * width and _is_zone_text(solid):
                yield tuple(solid[start : start + width] for start in range(0, len(solid), width))
    # First the lines as they are, then with fillers added at their ends.
    for added in (False, True):
        for count, width in _SHAPES:
            for start in range(len(lines) - count + 1):
                forms = [tuple(_forms(line, width, added)) for line in lines[start : start + count]]
                # Lines were all typed in one manner, so forms are not mixed.
                for chosen in zip(*forms, strict=True):
                    if all(chosen):
                        yield chosen


def _forms(line: str, width: int, added: bool) -> Iterator[str]:
    """The line without its blanks, and with fillers for them; empty where it does not come to this width."""
    for form in ("".join(line.split()), line.replace(" ", FILLER).replace("\t", FILLER)):
        trimmed = form.rstrip(FILLER)
        filled = trimmed.ljust(width, FILLER) if added and len(form) >= FEWEST_SIGNS * width else ""
        whole = form if len(form) == width else filled
        yield whole if len(whole) == width and _is_zone_text(whole) else ""


def _is_zone_text(text: str) -> bool:
    return set(text) <= set(ALLOWED["any"])


def _score(mrz: Mrz) -> tuple[int, int, int]:
    right = sum(check.valid for check in mrz.checks)
    return right, -len(mrz.doubts) - len(mrz.repairs), sum(field.sound for field in mrz.fields.values())


def _is_likely(mrz: Mrz) -> bool:
    """Whether this is a zone and not a sentence of the right length."""
    right = sum(check.valid for check in mrz.checks)
    odd = sum(not field.sound for field in mrz.fields.values())
    return right >= 2 or (right == 1 and odd <= 2) or (odd <= 1 and FILLER * 2 in "".join(mrz.lines))

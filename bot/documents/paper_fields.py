"""Finds in the lines of a card what a reviewer looks for: whose it is, what was given, when, and of which batch.

A value stands behind its label on the same line, else to the right of it or below. Dates and the names of vaccines
are known wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.documents.paper import LONGEST_TEXT, MOST_FIELDS, FieldKind, PaperField
from bot.documents.paper_dates import find_dates
from bot.documents.paper_labels import Labelled, labels_in, products_in
from bot.documents.paper_lines import PlacedLine
from bot.documents.paper_words import Label

MOST_BELOW = 6
"""Lines of a column that are looked through below its heading."""

FARTHEST_BELOW = 3.5
"""Heights of a line; a value farther below its label belongs to something else."""

LONGEST_NAME_WORDS = 7
"""Words of a name; more of them are a sentence."""

_BATCH = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z0-9-]*\d[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{2,14}(?![A-Za-z0-9])")
_FROM_A_NUMBER = re.compile(r"\S*\d.*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_EDGES = " \t.:：;,，/|-–—_#()（）[]*=<>"


@dataclass(slots=True)
class _Card:
    """The lines with what has been found in them so far."""

    lines: Sequence[PlacedLine]
    today: date
    labels: list[list[Labelled]]
    found: dict[tuple[FieldKind, str, int], None] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    """Lines whose date is a birth date."""

    def add(self, kind: FieldKind, value: str, line: int) -> None:
        self.found.setdefault((kind, value[:LONGEST_TEXT], line))


def find_fields(lines: Sequence[PlacedLine], today: date) -> tuple[PaperField, ...]:
    """The fields of a card's lines, in the order of the lines; `today` bounds its dates."""
    card = _Card(lines, today, [labels_in(line.text) for line in lines])
    for index, labels in enumerate(card.labels):
        for place, label in enumerate(labels):
            if label.kind != "other":
                _take(card, index, place, label.kind)
    for index, line in enumerate(lines):
        for name in products_in(line.text):
            card.add("product", name, index)
        if index not in card.taken:
            for _, _, days in find_dates(line.text, today):
                card.add("date", days, index)
    fields = sorted(card.found, key=lambda one: one[2])[:MOST_FIELDS]
    return tuple(PaperField(kind, value, index, lines[index].place) for kind, value, index in fields)


def _take(card: _Card, index: int, place: int, kind: Label) -> None:
    """Find the value of one label, on its own line or elsewhere."""
    labels = card.labels[index]
    end = labels[place + 1].start if place + 1 < len(labels) else None
    behind = card.lines[index].text[labels[place].end : end].strip(_EDGES)
    if behind:
        _accept(card, kind, behind, index)
        return
    if end is not None:
        # A label that another follows at once says the same in a second language, or heads a column of its own.
        return
    for other in _elsewhere(card, index):
        text = card.lines[other].text.strip(_EDGES)
        # Below a heading a whole column of batches may stand, but only one name or birth date.
        if _accept(card, kind, text, other) and kind != "batch":
            return


def _elsewhere(card: _Card, index: int) -> Iterator[int]:
    """Lines without labels to the right of this one, the nearest first, then those below it."""
    here = card.lines[index]
    right = [
        (line.left, other)
        for other, line in enumerate(card.lines)
        if line.left > here.right - here.height and abs(line.middle - here.middle) < 0.7 * here.height
    ]
    below = [
        (line.middle, other)
        for other, line in enumerate(card.lines)
        if line.middle > here.middle + 0.6 * here.height and min(line.right, here.right) > max(line.left, here.left)
    ]
    nearest = min(right, default=None)
    if nearest is not None and not card.labels[nearest[1]]:
        yield nearest[1]
        return
    last = here.middle
    for middle, other in sorted(below)[:MOST_BELOW]:
        if card.labels[other] or middle - last > FARTHEST_BELOW * here.height:
            return
        yield other
        last = middle


def _accept(card: _Card, kind: Label, text: str, index: int) -> bool:
    """Whether the text is a value of this kind; if so it is kept."""
    if kind == "birth_date":
        for _, _, days in find_dates(text, card.today, recent=False):
            card.taken.add(index)
            card.add("birth_date", days, index)
            return True
        if _YEAR.fullmatch(text):
            card.add("birth_date", text, index)
            return True
    elif kind == "batch":
        dates = [found[:2] for found in find_dates(text, card.today)]
        batches = [
            found.group()
            for found in _BATCH.finditer(text)
            if not any(start < found.end() and found.start() < end for start, end in dates)
        ]
        for batch in batches:
            card.add("batch", batch, index)
        return bool(batches)
    elif kind == "name":
        # A number that follows is that of a passport, a card or a street.
        name = _FROM_A_NUMBER.sub("", text).strip(_EDGES)
        if _is_name(name):
            card.add("name", name, index)
            return True
    elif kind == "product" and sum(sign.isalpha() for sign in text) >= 3 and not products_in(text):
        # Vaccines that are known are found wherever they stand.
        card.add("product", text, index)
        return True
    return False


def _is_name(text: str) -> bool:
    letters = sum(sign.isalpha() for sign in text)
    return letters >= 2 and len(text.split()) <= LONGEST_NAME_WORDS and not products_in(text)

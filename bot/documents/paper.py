"""What could be read on a paper card without a code; it helps the person who looks at it, and nothing is decided by it.

It stands apart from the reading itself, which only workers load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Place = tuple[int, int, int, int]
"""Left, top, right, bottom in points of the picture."""

FieldKind = Literal["name", "birth_date", "date", "product", "batch"]

MOST_LINES = 60
"""Lines of one card that are kept, in the order of reading."""

LONGEST_TEXT = 120
"""Characters of one line or value that are kept."""

MOST_FIELDS = 40
"""Fields of one card that are kept."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of text as it was read, its place in points of the picture, and how sure the reader was, 0 to 1."""

    text: str
    box: Place
    score: float


@dataclass(frozen=True, slots=True)
class PaperField:
    """Something a reviewer looks for: its value, and the line that says it, counted from 0, with the line's place.

    Days are ISO 8601 where they could be read; two that may be meant stand with " / " between them.
    """

    kind: FieldKind
    value: str
    line: int
    box: Place


@dataclass(frozen=True, slots=True)
class Paper:
    """The text of one picture, whose size in points all boxes are measured in."""

    width: int
    height: int
    lines: tuple[PaperLine, ...] = ()
    fields: tuple[PaperField, ...] = ()

    @property
    def is_card(self) -> bool:
        """Whether it names what was given: a product or a batch, which other papers with names and dates do not."""
        return any(field.kind in ("product", "batch") for field in self.fields)


def keep(paper: Paper) -> dict[str, Any]:
    """A paper as plain values that JSON can hold; `recall` is the way back."""
    return {
        "size": [paper.width, paper.height],
        "lines": [[line.text, list(line.box), line.score] for line in paper.lines],
        "fields": [[field.kind, field.value, field.line, list(field.box)] for field in paper.fields],
    }


def recall(kept: Mapping[str, Any]) -> Paper:
    """The paper that `keep` put away; raises ValueError when it is none."""
    try:
        width, height = kept["size"]
        lines = tuple(PaperLine(_text(text), _place(box), float(score)) for text, box, score in kept["lines"])
        fields = tuple(
            PaperField(_kind(kind), _text(value), int(line), _place(box)) for kind, value, line, box in kept["fields"]
        )
        paper = Paper(int(width), int(height), lines, fields)
    except (KeyError, TypeError) as wrong:
        raise ValueError("not a paper that was kept") from wrong
    if len(lines) > MOST_LINES or len(fields) > MOST_FIELDS:
        raise ValueError("more than a paper holds")
    if min(paper.width, paper.height) < 1 or any(not 0 <= field.line < len(lines) for field in fields):
        raise ValueError("a place that is not on the paper")
    return paper


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError("not a text of a paper")
    return value


def _kind(value: object) -> FieldKind:
    for kind in get_args(FieldKind):
        if value == kind:
            found: FieldKind = kind
            return found
    raise ValueError("not a kind of field")


def _place(value: Any) -> Place:
    left, top, right, bottom = map(int, value)
    return left, top, right, bottom

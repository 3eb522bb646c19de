"""Finds the labels of a card in a line of print, and the names of vaccines that are known.

Readers of print drop spaces and accents, so both are matched without them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process

from bot.documents.paper_words import LABELS, PRODUCTS, Label
from bot.written.folding import fold

CLOSE_LABEL = 80
"""Percent; how alike what stands before a colon must be to a label that is misread."""

CLOSE_PRODUCT = 85
"""Percent; how alike a word must be to a vaccine's name."""

SHORTEST_GUESSED = 7
"""Letters that a label or a vaccine's name must have before its spelling is guessed."""

_SPACES = r"[\s.]*"
_NUMBER_SIGN = re.compile(r"\s*(?:[#№]|(?:no|nr|n°|nº)\b\.?)?\s*")
# These are told by their form, so that their label may stand anywhere and needs no colon.
_TOLD_BY_FORM = ("birth_date", "batch", "other")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label in a line: what it announces, and from where to where it stands."""

    kind: Label
    start: int
    end: int


def labels_in(text: str) -> list[Labelled]:
    """The labels of a line in their order."""
    folded, places = _folded(text)
    found: list[Labelled] = []
    for match in _pattern().finditer(folded):
        kind = _kinds()[_bare(match.group())]
        if kind in _TOLD_BY_FORM or _announces(folded, match.start(), match.end(), found, places):
            end = match.end() + (_ending(folded, match.end()) if kind == "batch" else 0)
            found.append(Labelled(kind, places[match.start()], places[end]))
    head, colon, _ = folded.partition(":")
    if colon and all(label.kind == "other" for label in found):
        guess = process.extractOne(_bare(head), _long_labels(), scorer=fuzz.ratio, score_cutoff=CLOSE_LABEL)
        if guess:
            return [Labelled(_kinds()[guess[0]], 0, places[len(head) + 1])]
    return found


def products_in(text: str) -> list[str]:
    """The vaccines that a line names, each once, by the names reviewers know."""
    words = re.findall(r"[^\W_]+", fold(text))
    runs = {"".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, start + 5)}
    names = _product_names()
    found = {names[run] for run in runs if run in names}
    for run in runs:
        if len(run) >= SHORTEST_GUESSED and not found:
            guess = process.extractOne(run, _long_products(), scorer=fuzz.ratio, score_cutoff=CLOSE_PRODUCT)
            found |= {names[guess[0]]} if guess else set()
    # Chinese writes no spaces, so that a name is a part of a word.
    found |= {product for name, product in names.items() if not name.isascii() and name in "".join(words)}
    return [product for product in PRODUCTS if product in found]


def _announces(folded: str, start: int, end: int, before: list[Labelled], places: list[int]) -> bool:
    """Whether these words are a label and not a part of a sentence: they begin the line, or a colon follows."""
    if not folded[:start].strip(" .:/-|()*"):
        return True
    follows = bool(before) and not folded[:start].strip()[-1].isalnum() and before[-1].end <= places[start]
    return folded[end:].lstrip().startswith((":", "/")) or follows


def _ending(folded: str, end: int) -> int:
    """Letters of the "no." that may follow a label."""
    found = _NUMBER_SIGN.match(folded, end)
    return found.end() - end if found else 0


def _folded(text: str) -> tuple[str, list[int]]:
    """The text folded sign by sign, and for every sign of it (and its end) the place it comes from."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for plain in " " if sign.isspace() else fold(sign):
            signs.append(plain)
            places.append(place)
    return "".join(signs), [*places, len(text)]


def _bare(words: str) -> str:
    return re.sub(r"[\s.]", "", words)


@cache
def _kinds() -> dict[str, Label]:
    return {_bare(words): kind for kind, label in LABELS.items() for words in label.split("|")}


@cache
def _long_labels() -> tuple[str, ...]:
    return tuple(label for label in _kinds() if len(label) >= SHORTEST_GUESSED)


@cache
def _pattern() -> re.Pattern[str]:
    """Any label, the longest first, with or without the spaces and full stops in it."""
    words = sorted((words for label in LABELS.values() for words in label.split("|")), key=len, reverse=True)
    any_of = "|".join(_SPACES.join(re.escape(part) for part in re.split(r"[\s.]+", each)) for each in words)
    return re.compile(rf"(?<![a-z0-9])(?:{any_of})(?![a-z])")


@cache
def _product_names() -> dict[str, str]:
    names = {}
    for product, words in PRODUCTS.items():
        for name in words.split("|"):
            names["".join(re.findall(r"[^\W_]+", name))] = product
    return names


@cache
def _long_products() -> tuple[str, ...]:
    return tuple(name for name in _product_names() if len(name) >= SHORTEST_GUESSED)

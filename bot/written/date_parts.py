"""Takes a written date apart, and says which number is the day, the month or the year where that is plain."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel import Locale
from rapidfuzz import fuzz, process

from bot.written import date_words
from bot.written.digits import han_number
from bot.written.folding import fold

CLOSE_ENOUGH = 85
"""Similarity in percent from which a misspelt month is still that month."""

SHORTEST_GUESSED = 5
"""Letters that a month must have before its spelling is guessed."""

Part = Literal["d", "m", "y"]

_LOCALES = ("en", "vi", "ko", "ja", "ru", "fr", "de", "th", "km", "hi")


def fold_date(text: str) -> str:
    """Fold the text of a date; Thai and Hindi shorten months with signs inside the word (มิ.ย., जन॰), which go."""
    return re.sub(r"(?<=[\u0e00-\u0e7f])\.|[॰।]", "", fold(text))


@dataclass(frozen=True, slots=True)
class Parts:
    """Numbers whose part of the date is known, and numbers whose part is not."""

    known: dict[Part, str]
    open_numbers: tuple[str, ...]
    strange_words: int


def _alternatives(words: str) -> str:
    """A pattern of any of the words, folded, the longest first."""
    return "|".join(sorted((re.escape(fold_date(word)) for word in words.split("|")), key=len, reverse=True))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    before, after = date_words.LABELS_BEFORE, date_words.LABELS_AFTER
    labels = [
        # A number that a stroke follows is the beginning of 3/4/2026, whatever "ngày" before it says.
        *(
            rf"(?<![^\W\d_])(?:{_alternatives(before[part])})\s*(?P<{part}_before>\d+)(?!\s*[./-]\s*\d)"
            for part in before
        ),
        *(rf"(?P<{part}_after>\d+)\s*(?:{_alternatives(after[part])})" for part in after),
        r"(?P<number>\d+)",
        r"(?P<word>[^\W\d_](?:[^\W\d_]|[\u0900-\u0963\u0e31-\u0e4e\u17b4-\u17dd\u200c\u200d])*)",
    ]
    vietnamese = "|".join(re.escape(fold(word)) for word in date_words.VIETNAMESE_NUMBERS)
    eras = "|".join(date_words.ERAS)
    return {
        "piece": re.compile("|".join(labels)),
        "clock": re.compile(
            r"(?:(?<=\d)t|\b)\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[ap]m\b|z\b|[+-]\d{2}:?\d{2}\b)?"
            r"|\b\d{1,2}\s*(?:[ap]\.?m\b|uhr\b|h\d{0,2}\b)"
            r"|\bthu\s+[2-7]\b"  # Vietnamese counts the days of the week.
        ),
        "thang": re.compile(rf"\b(?:thang|thg)\s+({vietnamese})\b"),
        "han": re.compile(r"[〇零一二三四五六七八九十]+(?=\s*[年月日号號])"),
        "era": re.compile(rf"({eras})\s*(\d{{1,3}}|{date_words.ERA_FIRST_YEAR})\s*年"),
    }


def _plainer(folded: str) -> str:
    """The text without clock times and numbered weekdays, with eras and number words written as numbers."""
    patterns = _patterns()
    text = patterns["clock"].sub(" ", folded).replace("premier", "1 ")
    text = patterns["thang"].sub(lambda found: f"thang {_vietnamese_numbers()[found.group(1)]} ", text)
    text = patterns["han"].sub(_han_digits, text)
    return patterns["era"].sub(_era_year, text)


@cache
def _vietnamese_numbers() -> dict[str, int]:
    return {fold(word): value for word, value in date_words.VIETNAMESE_NUMBERS.items()}


def _han_digits(found: re.Match[str]) -> str:
    value = han_number(found.group())
    return found.group() if value is None else str(value)


def _era_year(found: re.Match[str]) -> str:
    era, year = found.groups()
    return f"{date_words.ERAS[era] + (1 if year == date_words.ERA_FIRST_YEAR else int(year))}年"


def date_parts(folded: str) -> Parts | None:
    """Sort the pieces of a date folded by fold_date; None if a part is named twice."""
    known: dict[Part, str] = {}
    open_numbers: list[str] = []
    strange = 0
    for piece in _patterns()["piece"].finditer(_plainer(folded)):
        name, value = str(piece.lastgroup), piece.group(str(piece.lastgroup))
        part = _PART_OF.get(name)
        if name == "number":
            open_numbers.append(value)
        elif name == "word":
            month = _month(value)
            strange += month is None and value not in _words_ignored()
            part, value = ("m", str(month)) if month else (None, "")
        if part and part in known:
            return None
        if part:
            known[part] = value
    return Parts(known, tuple(open_numbers), strange)


_PART_OF: dict[str, Part] = {
    "day_before": "d",
    "month_before": "m",
    "year_before": "y",
    "day_after": "d",
    "month_after": "m",
    "year_after": "y",
}


@cache
def _words_ignored() -> frozenset[str]:
    words = set(date_words.FILLERS.split("|"))
    for name in _LOCALES:
        for names in Locale.parse(name).days["format"].values():
            words.update(names.values())
    return frozenset(fold_date(part).strip(".") for word in words for part in (word, *word.split()))


@cache
def month_names() -> dict[str, int]:
    """Every name of a month in every language; no name means two months (a test holds that)."""
    found: dict[str, int] = {}
    for month, words in date_words.MORE_MONTHS.items():
        found.update(dict.fromkeys((fold_date(word) for word in words.split("|")), month))
    for locale in _LOCALES:
        names = Locale.parse(locale).months["format"]
        for width in ("wide", "abbreviated"):
            for month, word in names[width].items():
                found[fold_date(word).strip(".")] = month
    return {word: month for word, month in found.items() if not any(character.isdigit() for character in word)}


@cache
def _months_guessed() -> tuple[str, ...]:
    return tuple(word for word in month_names() if len(word) >= SHORTEST_GUESSED)


def _month(word: str) -> int | None:
    months = month_names()
    if word in months:
        return months[word]
    for filler in ("ខែ", "เดือน", "วันที่"):  # Thai and Khmer write no spaces.
        if word.startswith(filler) and word.removeprefix(filler) in months:
            return months[word.removeprefix(filler)]
    if len(word) < SHORTEST_GUESSED:
        return None
    guess = process.extractOne(word, _months_guessed(), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return months[guess[0]] if guess else None

"""Reads a date as people write it, and asks only where it could be two different days.

Order of day and month is never guessed: 03/04/2026 is read both ways if both are real days that the question allows.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

from bot.written import date_words
from bot.written.date_parts import Parts, date_parts, fold_date
from bot.written.digits import plain_digits

EARLIEST_YEAR = 1900
"""Nobody who travels was born before."""

YEARS_AHEAD = 20
"""No passport, visa or certificate runs longer than this."""

BUDDHIST_YEARS = range(2400, 2701)
"""Years that can only be counted in the Buddhist era of Thailand, Laos and Cambodia."""
BUDDHIST_AHEAD = 543

LONGEST_DATE = 100
"""Characters of an answer that is read as one date."""

LEAP_YEAR = 2000
"""Stands in where the year is not known, for every day of any year is a day of it."""

Toward = Literal["past", "future", "any"]
NoDateReason = Literal["not_a_date", "no_such_day", "no_year", "too_far"]


@dataclass(frozen=True, slots=True)
class OneDate:
    """The one day that was meant."""

    value: date


@dataclass(frozen=True, slots=True)
class EitherDate:
    """Two days may be meant; the reading customary in the traveller's language stands first."""

    values: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class BuddhistYear:
    """The day in the common era, read from a year of the Buddhist era: to be confirmed."""

    value: date
    typed_year: int


@dataclass(frozen=True, slots=True)
class NoDate:
    """No day could be read, and why."""

    reason: NoDateReason


DateRead = OneDate | EitherDate | BuddhistYear | NoDate

_MONTH_FIRST = ("mdy", "dmy", "ymd")
_DAY_FIRST = ("dmy", "mdy", "ymd")
_YEAR_FIRST = ("ymd", "mdy", "dmy")
_YEAR_FIRST_LANGUAGES = ("zh", "ja", "ko")


@dataclass(frozen=True, slots=True)
class _Question:
    """What the answer is read against."""

    language: str
    today: date
    toward: Toward

    def allows(self, day: date) -> bool:
        if self.toward == "past":
            return day <= self.today
        return self.toward == "any" or day >= self.today

    def spans(self, year: int) -> bool:
        return EARLIEST_YEAR <= year <= self.today.year + YEARS_AHEAD


def read_date(text: str, language: str, today: date, toward: Toward) -> DateRead:
    """Read one date; `language` is a tag such as "fr" or "zh-Hans", `toward` the side of `today` the question asks for.

    Two-digit years count only where `toward` leaves one century. A real day on the wrong side is returned all the same:
    whether the question accepts it is not decided here.
    """
    if len(text) > LONGEST_DATE:
        return NoDate("not_a_date")
    question = _Question(language, today, toward)
    folded = fold_date(plain_digits(text))
    return _relative(folded, question) or _written(folded, question)


def _relative(folded: str, question: _Question) -> DateRead | None:
    steps = _relative_days().get(folded.strip(" .!。")) or ()
    days = [question.today + timedelta(days=step) for step in steps if _may_step(question.today, step)]
    allowed = tuple(day for day in days if question.allows(day))
    if not days:
        return None
    if not allowed:
        return NoDate("not_a_date")
    return OneDate(allowed[0]) if len(allowed) == 1 else EitherDate(allowed)


def _may_step(today: date, step: int) -> bool:
    return date.min.toordinal() <= today.toordinal() + step <= date.max.toordinal()


@cache
def _relative_days() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for step, words in date_words.RELATIVE_DAYS.items():
        for word in words.split("|"):
            found[fold_date(word)] = (*found.get(fold_date(word), ()), step)
    return found


def _written(folded: str, question: _Question) -> DateRead:
    compact = re.fullmatch(r"\D{0,3}(\d{8})\D{0,3}", folded)
    if compact:
        return _compact(compact.group(1), question)
    parts = date_parts(folded)
    if parts is None:
        return NoDate("not_a_date")
    missing = {part for part in "dmy" if part not in parts.known}
    numbers = parts.open_numbers
    if len(numbers) == len(missing) - 1 and "y" in missing and not parts.strange_words:
        return _without_year(parts, question)
    if len(numbers) != len(missing) or (parts.strange_words and not _has_whole_year(parts)):
        return NoDate("not_a_date")
    readings = [_Reading(**parts.known | assigned) for assigned in _assignments(missing, numbers, question)]
    return _decide(readings, question)


def _has_whole_year(parts: Parts) -> bool:
    return any(len(value) == 4 for value in (*parts.open_numbers, parts.known.get("y", "")))


def _without_year(parts: Parts, question: _Question) -> NoDate:
    """A day and a month, but no year: say so only if they could be a day and a month."""
    known = {**parts.known, "y": str(LEAP_YEAR)}
    missing = {part for part in "dm" if part not in known}
    readings = [_Reading(**known | assigned) for assigned in _assignments(missing, parts.open_numbers, question)]
    if any(_day(LEAP_YEAR, reading) for reading in readings):
        return NoDate("no_year")
    return NoDate("no_such_day" if "m" in parts.known and readings else "not_a_date")


def _compact(digits: str, question: _Question) -> DateRead:
    """Eight digits in a row: the year stands first or last."""
    readings = [
        _Reading(y=digits[:4], m=digits[4:6], d=digits[6:]),
        *(
            _Reading(y=digits[4:], **{order[0]: digits[:2], order[1]: digits[2:4]})
            for order in _orders(question.language, (digits[4:],))
            if order[-1] == "y"
        ),
    ]
    inside = [reading for reading in readings if _day(LEAP_YEAR, reading) and _is_year(int(reading.y), question)]
    return _decide(inside or readings, question)


def _is_year(year: int, question: _Question) -> bool:
    return question.spans(year) or year in BUDDHIST_YEARS


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read the numbers, as typed."""

    d: str
    m: str
    y: str


def _orders(language: str, numbers: tuple[str, ...]) -> tuple[str, ...]:
    """The orders people write in, the customary one of the language first (CLDR short dates)."""
    if any(len(number) == 4 and int(number) in BUDDHIST_YEARS for number in numbers):
        return _DAY_FIRST  # Countries that count so write the day first.
    if language == "en":
        return _MONTH_FIRST
    return _YEAR_FIRST if language.startswith(_YEAR_FIRST_LANGUAGES) else _DAY_FIRST


def _assignments(missing: set[str], numbers: tuple[str, ...], question: _Question) -> list[dict[str, str]]:
    """Every way to give the numbers to the missing parts that has the right shape, the customary one first."""
    found: list[dict[str, str]] = []
    for order in _orders(question.language, numbers):
        assigned = dict(zip((part for part in order if part in missing), numbers, strict=True))
        if assigned not in found and _has_shape(assigned, numbers, question):
            found.append(assigned)
    return found


def _has_shape(assigned: dict[str, str], numbers: tuple[str, ...], question: _Question) -> bool:
    if any(len(value) > 2 for part, value in assigned.items() if part != "y"):
        return False
    year = assigned.get("y")
    if year is None or len(year) == 4:
        return True
    if len(year) != 2 or any(len(number) == 4 for number in numbers):
        return False
    # A year of two digits stands last, but in East Asia, or where the first number cannot be a day.
    leads = len(numbers) > 1 and next(iter(assigned)) == "y"
    return not leads or question.language.startswith(_YEAR_FIRST_LANGUAGES) or int(year) > 31


def _decide(readings: list[_Reading], question: _Question) -> DateRead:
    if not readings:
        return NoDate("not_a_date")
    buddhist = [reading for reading in readings if len(reading.y) == 4 and int(reading.y) in BUDDHIST_YEARS]
    if buddhist:
        return _buddhist(buddhist, question)
    days: list[date] = []
    troubles: list[NoDateReason] = []
    for reading in readings:
        found = _days_of(reading, question)
        if isinstance(found, date):
            days.append(found)
        else:
            troubles.append(found)
    distinct = list(dict.fromkeys(days))
    allowed = [day for day in distinct if question.allows(day)]
    if len(allowed) > 1:
        return EitherDate(tuple(allowed))
    if distinct:
        return OneDate((allowed or distinct)[0])
    reasons: tuple[NoDateReason, ...] = ("no_year", "too_far")
    return NoDate(next((reason for reason in reasons if reason in troubles), "no_such_day"))


def _days_of(reading: _Reading, question: _Question) -> date | NoDateReason:
    """The day a reading means, or why there is none."""
    year = int(reading.y)
    if len(reading.y) == 2:
        days = [_day(century + year, reading) for century in (1900, 2000) if question.spans(century + year)]
        if not _day(LEAP_YEAR, reading):
            return "no_such_day"
        allowed = [day for day in days if day and question.allows(day)]
        return allowed[0] if len(allowed) == 1 else "no_year"
    if not question.spans(year):
        return "too_far" if _day(LEAP_YEAR, reading) else "no_such_day"
    return _day(year, reading) or "no_such_day"


def _buddhist(readings: list[_Reading], question: _Question) -> DateRead:
    for reading in readings:
        typed = int(reading.y)
        day = _day(typed - BUDDHIST_AHEAD, reading)
        if day:
            return BuddhistYear(day, typed) if question.spans(day.year) else NoDate("too_far")
    return NoDate("no_such_day")


def _day(year: int, reading: _Reading) -> date | None:
    try:
        return date(year, int(reading.m), int(reading.d))
    except ValueError:
        return None

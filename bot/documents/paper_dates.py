"""Finds dates in a line of print; what each of them means is read as if a traveller had written it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bot.written.dates import EARLIEST_YEAR, BuddhistYear, EitherDate, OneDate, read_date

CENTURY = 2000
"""Vaccinations whose card writes the year with two digits were given in this century."""

_LANGUAGE = "vi"  # Only settles which of two readings stands first.
_NAMED = r"[^\W\d_]{3,12}"
_DATES = re.compile(
    "|".join(
        (
            r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日?",
            r"\d{1,2}\s*(?:tháng|thang)\s*\d{1,2}\s*(?:năm|nam)\s*\d{4}",
            r"(?<![\d./-])\d{1,4}\s?(?P<sign>[./-])\s?\d{1,2}\s?(?P=sign)\s?(?:\d{4}|\d{2})(?![\d/-])",
            rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?[\s./-]*(?:de\s+)?{_NAMED}\.?,?[\s./-]*(?:de\s+)?"
            rf"(?:\d{{4}}|\d{{2}})(?!\d)",
            rf"{_NAMED}\.?\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s*\d{{4}}(?!\d)",
            r"(?<!\d)(?:19|20)\d{6}(?!\d)",
        )
    ),
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"(?<=[\s./\-a-z])\d{2}$", re.IGNORECASE)
_WHOLE_YEAR = re.compile(r"\d{4}")


def find_dates(text: str, today: date, recent: bool = True) -> Iterator[tuple[int, int, str]]:
    """Start, end and days of each date: ISO 8601, with " / " between two that may be meant.

    Years of two digits count only where the day is `recent`, as that of a vaccination is.
    """
    for found in _DATES.finditer(text):
        days = _days(found.group(), today, recent)
        if days:
            yield found.start(), found.end(), " / ".join(day.isoformat() for day in days)


def _days(written: str, today: date, recent: bool) -> tuple[date, ...]:
    if recent and not _WHOLE_YEAR.search(written):
        written = _SHORT_YEAR.sub(lambda year: str(CENTURY + int(year.group())), written)
    read = read_date(written, _LANGUAGE, today, "past")
    match read:
        case OneDate(day) | BuddhistYear(day):
            return (day,) if day.year >= EARLIEST_YEAR else ()
        case EitherDate(days):
            return days
    return ()

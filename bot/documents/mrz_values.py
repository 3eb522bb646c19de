"""What fields of a machine readable zone mean: names, dates with their century, and states."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bot.documents.mrz_layout import FILLER
from bot.written.country_index import country_codes

SPECIMEN_STATE = "UTO"
"""Utopia, the state of specimens (ICAO 9303-3, section 5, part D)."""

LONGEST_LIFE = 120
"""Years; nobody who travels was born earlier."""

_DATE = re.compile(r"(\d\d)(\d\d|<<)(\d\d|<<)|<<<<<<")
# Codes on passports that ISO 3166 does not list or has withdrawn (ICAO 9303-3, section 5, and known issuers).
_OTHER_STATES = {"ZIM": "ZW", "XCE": "", "NTZ": "", "IAO": "", "XXK": "XK", SPECIMEN_STATE: ""}


@dataclass(frozen=True, slots=True)
class Names:
    """The holder's names; a holder of one name has it in `primary` (ICAO 9303-3, 4.6)."""

    primary: str
    secondary: str
    truncated: bool
    """Whether the field was too short for the whole name: its last place holds a letter (9303-4, 4.2.3)."""
    regular: bool
    """Whether the fillers stand as the standard wants them."""


@dataclass(frozen=True, slots=True)
class ZoneDate:
    """A date of the zone: two digits of the year, month and day, None where a filler says that it is unknown."""

    year: int | None
    month: int | None
    day: int | None


def read_names(field: str) -> Names:
    """Split a name field in primary and secondary identifier."""
    text = field.rstrip(FILLER)
    primary, _, secondary = text.partition(FILLER * 2)
    regular = bool(primary) and not primary.startswith(FILLER) and FILLER * 2 not in secondary
    regular = regular and not secondary.startswith(FILLER) and text.replace(FILLER, "").isalpha()
    return Names(_words(primary), _words(secondary), bool(field) and not field.endswith(FILLER), regular)


def _words(text: str) -> str:
    return " ".join(word for word in text.split(FILLER) if word)


def read_zone_date(field: str) -> ZoneDate | None:
    """A date field; None where no calendar has such a day in either century (ICAO 9303-3, 4.8)."""
    found = _DATE.fullmatch(field)
    if found is None:
        return None
    year, month, day = (int(part) if part and part.isdigit() else None for part in found.groups())
    if month is not None and not 1 <= month <= 12:
        return None
    if day is not None and (month is None or not 1 <= day <= monthrange(2000 + (year or 0), month)[1]):
        return None
    return ZoneDate(year, month, day)


def birth_year(written: ZoneDate, today: date) -> int | None:
    """The year of birth: the last one with these digits that is not in the future."""
    if written.year is None:
        return None
    year = 2000 + written.year
    begins = (year, written.month or 1, written.day or 1)
    return year if begins <= (today.year, today.month, today.day) else year - 100


def birth_date(field: str, today: date) -> date | None:
    """The day of birth; None where a part of it is unknown or impossible."""
    written = read_zone_date(field)
    year = birth_year(written, today) if written else None
    return _day(year, written) if written and year is not None else None


def expiry_date(field: str, today: date) -> date | None:
    """The last day of validity, in the century that brings it nearest to today; None where it is impossible."""
    written = read_zone_date(field)
    if written is None or written.year is None:
        return None
    century = today.year // 100 * 100 + written.year
    days = [day for year in (century - 100, century, century + 100) if (day := _day(year, written))]
    return min(days, key=lambda day: abs(day - today), default=None)


def _day(year: int, written: ZoneDate) -> date | None:
    if written.month is None or written.day is None:
        return None
    try:
        return date(year, written.month, written.day)
    except ValueError:
        # 29 February of a year that is no leap year.
        return None


def is_state(field: str) -> bool:
    """Whether a field holds a code of a state or organisation (ICAO 9303-3, section 5)."""
    code = field.rstrip(FILLER)
    # Germany alone has one letter; the codes of two letters are ISO's and stand in no passport.
    known = code == "D" or (len(code) == 3 and code.isalpha() and code in country_codes())
    return known or code in _OTHER_STATES


def country_of(field: str) -> str | None:
    """The country as this program names it (see bot.written.countries); None for specimens and unknown codes."""
    code = field.rstrip(FILLER)
    if not is_state(field):
        return None
    return _OTHER_STATES.get(code, country_codes().get(code)) or None

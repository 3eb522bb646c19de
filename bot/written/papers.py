"""Reads the number of a passport, of a flight and of a vehicle as people type them."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from bot.written.digits import plain_digits

LONGEST_PASSPORT_NUMBER = 12
"""A machine readable zone holds 9 characters (ICAO 9303-4); some states print longer numbers beside it."""

LONGEST_READ = 200
"""Characters of an answer that are looked at."""

FEWEST_ON_VEHICLE, MOST_ON_VEHICLE = 2, 40
"""Characters of a number plate or of the name of a bus company or ship."""

# Letters of Cyrillic and Greek keyboards that look like the Latin letter on the passport.
_LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJSABEZHIKMNOPTYX")

PassportTroubleReason = Literal["empty", "too_long", "no_digit", "other_signs"]
FlightTroubleReason = Literal["empty", "no_airline", "no_number", "not_a_flight"]
VehicleTroubleReason = Literal["empty", "too_short", "too_long"]


@dataclass(frozen=True, slots=True)
class PassportNumber:
    """1 to 12 characters A-Z and 0-9, at least one of them a digit."""

    value: str


@dataclass(frozen=True, slots=True)
class PassportTrouble:
    """Not the number of a passport, and why."""

    reason: PassportTroubleReason


@dataclass(frozen=True, slots=True)
class Flight:
    """A flight number in the form "VN 123", the last leg where several were named."""

    value: str


@dataclass(frozen=True, slots=True)
class FlightTrouble:
    """Not a flight number, and why."""

    reason: FlightTroubleReason


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A number plate, ship or bus company as written."""

    value: str


@dataclass(frozen=True, slots=True)
class VehicleTrouble:
    """Nothing that names a vehicle, and why."""

    reason: VehicleTroubleReason


_LABEL = re.compile(r"^(?:MY )?PASSPORT(?: NUMBER| NO| NR)?(?: IS)?[\s.:#]+")


def read_passport_number(text: str) -> PassportNumber | PassportTrouble:
    """Read a passport number: capitals, without spaces, hyphens, fillers; look-alikes of other keyboards mapped."""
    number = _LABEL.sub("", _capitals(text).translate(_LOOK_ALIKES))
    joined = re.sub(r"[\s.\-‐-―−_<#:]+", "", number)
    if not joined:
        return PassportTrouble("empty")
    if not re.fullmatch("[A-Z0-9]+", joined):
        return PassportTrouble("other_signs")
    if not re.search("[0-9]", joined):
        return PassportTrouble("no_digit")
    if len(joined) > LONGEST_PASSPORT_NUMBER:
        return PassportTrouble("too_long")
    return PassportNumber(joined)


# An airline has two characters, not both digits (IATA Resolution 762), or three letters (ICAO Doc 8585).
_FLIGHT = re.compile(r"(?<![A-Z0-9])([A-Z]{3}|[A-Z][A-Z0-9]|[0-9][A-Z])[\s\-‐-―.]*([0-9]{1,4})\s?([A-Z]?)(?![A-Z0-9])")
# Words of two or three letters that stand before a number and are no airline.
_NOT_AIRLINES = frozenset(
    ("NO", "NR", "AT", "ON", "IN", "TO", "OR", "THE", "SO", "CH", "MY", "IS", "T1", "T2", "AND", "VIA")
)
_NOT_AIRLINES |= frozenset(
    ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC", "BAY", "SO")
)


def read_flight(text: str) -> Flight | FlightTrouble:
    """Read the last flight number in an answer: airline, one to four digits, perhaps a letter; zeros in front go."""
    capitals = _capitals(text).translate(_LOOK_ALIKES)
    if not capitals:
        return FlightTrouble("empty")
    legs = [leg for leg in _FLIGHT.finditer(capitals) if leg.group(1) not in _NOT_AIRLINES and int(leg.group(2))]
    if legs:
        airline, number, suffix = legs[-1].groups()
        return Flight(f"{airline} {int(number)}{suffix}")
    if re.fullmatch(r"[0-9]{1,4}[A-Z]?", capitals):
        return FlightTrouble("no_airline")
    if re.fullmatch(r"(?=.*[A-Z])[A-Z0-9]{2,3}", capitals):
        return FlightTrouble("no_number")
    return FlightTrouble("not_a_flight")


def read_vehicle(text: str) -> Vehicle | VehicleTrouble:
    """Read a number plate, ship or bus company as written, with single spaces and without unseen characters."""
    shown = "".join(
        character if not character.isspace() else " "
        for character in unicodedata.normalize("NFC", text[:LONGEST_READ])
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    written = " ".join(shown.split())
    if not any(character.isalnum() for character in written):
        return VehicleTrouble("empty")
    if len(written) < FEWEST_ON_VEHICLE:
        return VehicleTrouble("too_short")
    return Vehicle(written) if len(written) <= MOST_ON_VEHICLE else VehicleTrouble("too_long")


def _capitals(text: str) -> str:
    """Plain digits, full-width letters narrowed, capitals, unseen characters gone, at most one space in a row."""
    narrow = unicodedata.normalize("NFKC", plain_digits(text[:LONGEST_READ]).replace("№", " ")).upper()
    seen = "".join(
        character for character in narrow if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(seen.split())

"""Numbers of passports, flights and vehicles are read as typed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.written.papers import (
    Flight,
    FlightTrouble,
    PassportNumber,
    PassportTrouble,
    Vehicle,
    VehicleTrouble,
    read_flight,
    read_passport_number,
    read_vehicle,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("C01X00T47", "C01X00T47"),
        (" c01x 00t47 ", "C01X00T47"),
        ("AB-123-456", "AB123456"),
        ("71 № 1234567", "711234567"),
        ("Ｃ０１Ｘ００Ｔ４７", "C01X00T47"),
        ("АВ123456", "AB123456"),
        ("ав123456", "AB123456"),
        ("AA๑๒๓๔๕๖๗", "AA1234567"),
        ("L898902C<", "L898902C"),
        ("1", "1"),
        ("My passport number is C1234567", "C1234567"),
        ("123456789012", "123456789012"),
    ],
)
def test_a_passport_number_is_read(typed: str, number: str) -> None:
    assert read_passport_number(typed) == PassportNumber(number)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("ABCDEF", "no_digit"),
        ("1234567890123", "too_long"),
        ("my number?", "other_signs"),
        ("C01/X00", "other_signs"),
        ("Ж1234567", "other_signs"),
    ],
)
def test_a_refused_passport_number_says_why(typed: str, reason: str) -> None:
    assert read_passport_number(typed) == PassportTrouble(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "flight"),
    [
        ("VN123", "VN 123"),
        ("vn 123", "VN 123"),
        ("VN-0123", "VN 123"),
        ("VJ 81", "VJ 81"),
        ("3K 551", "3K 551"),
        ("U2 1234", "U2 1234"),
        ("HVN 54", "HVN 54"),
        ("SQ186A", "SQ 186A"),
        ("flight QR970", "QR 970"),
        ("LH 772 then VN 36", "VN 36"),
        ("AF258 / VN 1234", "VN 1234"),
        ("ＶＮ１２３", "VN 123"),
        ("VN 123 on May 5", "VN 123"),
        ("航班 VN123", "VN 123"),
    ],
)
def test_a_flight_is_read(typed: str, flight: str) -> None:
    assert read_flight(typed) == Flight(flight)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("123", "no_airline"),
        ("VN", "no_number"),
        ("Vietnam Airlines", "not_a_flight"),
        ("VN 12345", "not_a_flight"),
        ("VN 0", "not_a_flight"),
        ("I don't know", "not_a_flight"),
    ],
)
def test_a_refused_flight_says_why(typed: str, reason: str) -> None:
    assert read_flight(typed) == FlightTrouble(reason)  # type: ignore[arg-type]


def test_a_vehicle_is_taken_as_written() -> None:
    assert read_vehicle("  51F-123.45 ") == Vehicle("51F-123.45")
    assert read_vehicle("Giant Ibis\nbus") == Vehicle("Giant Ibis bus")
    assert read_vehicle("ស៊ីអ៊ីម រាប") == Vehicle("ស៊ីអ៊ីម រាប")
    assert read_vehicle("--") == VehicleTrouble("empty")
    assert read_vehicle("7") == VehicleTrouble("too_short")
    assert read_vehicle("x" * 41) == VehicleTrouble("too_long")


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading_of_papers(text: str) -> None:
    number = read_passport_number(text)
    assert isinstance(number, PassportTrouble) or re.fullmatch("[A-Z0-9]{1,12}", number.value)
    read_flight(text)
    read_vehicle(text)

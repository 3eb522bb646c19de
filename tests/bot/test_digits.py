"""Digits of any script are read as digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.written.digits import han_number, plain_digits, read_number


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("123", "123"),
        ("๑๒๓", "123"),
        ("១២៣", "123"),
        ("१२३", "123"),
        ("١٢٣", "123"),
        ("۱۲۳", "123"),
        ("１２３", "123"),
        ("1️⃣", "1"),
        ("1\u20e32️⃣", "12"),
        ("\U0001f51f", "10"),
        ("①", "1"),
        ("⑫", "12"),
        ("❸", "3"),
        ("三", "3"),
        ("二十五", "25"),
        ("十", "10"),
        ("九十九", "99"),
        ("拾", "10"),
        ("三 四", "3 4"),
        ("三亚", "三亚"),
        ("一二三", "一二三"),
        ("½", "½"),
        ("๕ มิถุนายน", "5 มิถุนายน"),
        ("", ""),
    ],
)
def test_digits_of_any_script_become_plain(written: str, plain: str) -> None:
    assert plain_digits(written) == plain


@pytest.mark.parametrize(
    ("numeral", "value"), [("二〇二六", 2026), ("十二", 12), ("三十", 30), ("十十", None), ("", None)]
)
def test_chinese_numerals_count(numeral: str, value: int | None) -> None:
    assert han_number(numeral) == value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("3", 3),
        (" 3. ", 3),
        ("#3", 3),
        ("3)", 3),
        ("３", 3),
        ("3️⃣", 3),
        ("三", 3),
        ("3 people", 3),
        ("3人", 3),
        ("0003", 3),
        ("-3", None),
        ("1.5", None),
        ("three", None),
        ("31", None),
        ("0", None),
        ("I have 2 questions", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_a_number_is_read_within_its_limits(typed: str, value: int | None) -> None:
    assert read_number(typed, 1, 30) == value


def test_thousands_may_be_grouped() -> None:
    assert read_number("12,500", 0, 100_000) == 12_500


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading_of_digits(text: str) -> None:
    plain_digits(text)
    han_number(text)
    number = read_number(text, 0, 50)
    assert number is None or 0 <= number <= 50


@given(st.text(st.characters(categories=["Nd", "No"]), max_size=50))
def test_no_digits_break_the_reading(text: str) -> None:
    plain_digits(text)
    read_number(text, 0, 50)

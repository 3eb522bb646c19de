"""Dates are read as written, and asked about only where they could be two days."""

from datetime import date

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.written.date_parts import month_names
from bot.written.dates import BuddhistYear, DateRead, EitherDate, NoDate, OneDate, Toward, read_date

TODAY = date(2026, 4, 20)
LANGUAGES = ["en", "vi", "zh-Hans", "zh-Hant", "ko", "ja", "ru", "fr", "de", "th", "km", "hi"]


def future(text: str, language: str = "en") -> DateRead:
    return read_date(text, language, TODAY, "future")


def past(text: str, language: str = "en") -> DateRead:
    return read_date(text, language, TODAY, "past")


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "2026-06-05",
            "2026/6/5",
            "2026.06.05",
            "20260605",
            "5 June 2026",
            "5 Jun 2026",
            "June 5, 2026",
            "5th of June 2026",
        ),
        *("Friday, 5 June 2026", "jun 5th 2026", "5-Jun-2026", "5Jun2026", "2026 June 5", "5 june 26", "5/june/26"),
        *(
            "2026-06-05T00:00:00Z",
            "5 June 2026 at 10:30 am",
            "5 June 2026 10am",
            "5 juin 2026 à 10h",
            "thứ 6 ngày 5 tháng 6 năm 2026",
            "I arrive on 5 June 2026 :)",
        ),
        *(
            "ngày 5 tháng 6 năm 2026",
            "5 tháng 6, 2026",
            "ngay 5 thang 6 nam 2026",
            "mùng 5 tháng sáu năm 2026",
            "5 thg 6 2026",
        ),
        *(
            "2026年6月5日",
            "2026年06月05号",
            "二〇二六年六月五日",
            "2026年6月5日(金)",
            "令和8年6月5日",
            "民國115年6月5日",
            "２０２６年６月５日",
        ),
        *("2026년 6월 5일", "2026년6월5일 금요일"),
        *("5 июня 2026", "5 июня 2026 г.", "5-го июня 2026 года", "5 июнь 2026"),
        *("5 juin 2026", "le 5 juin 2026", "vendredi 5 juin 2026"),
        *("5. Juni 2026", "am 5. Juni 2026", "5. Jun. 2026"),
        *("5 มิถุนายน 2026", "วันที่ 5 มิ.ย. 2026", "๕ มิถุนายน ๒๐๒๖", "5มิถุนายน2026", "5 มิถุนายน ค.ศ. 2026"),
        *("៥ មិថុនា ២០២៦", "ថ្ងៃទី៥ ខែមិថុនា ឆ្នាំ២០២៦", "ថ្ងៃទី 5 ខែ 6 ឆ្នាំ 2026"),
        *("5 जून 2026", "५ जून २०२६"),
    ],
)
@pytest.mark.parametrize("language", ["en", "vi", "zh-Hans", "th"])
def test_a_plain_date_is_read_in_every_language(typed: str, language: str) -> None:
    assert future(typed, language) == OneDate(date(2026, 6, 5))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1er mai 1990", date(1990, 5, 1)),
        ("le premier mai 1990", date(1990, 5, 1)),
        ("1 févr. 1990", date(1990, 2, 1)),
        ("15 août 1990", date(1990, 8, 15)),
        ("3. März 1990", date(1990, 3, 3)),
        ("31 janv. 1990", date(1990, 1, 31)),
        ("29 Feb 2024", date(2024, 2, 29)),
        ("25/12/1990", date(1990, 12, 25)),
        ("12/25/1990", date(1990, 12, 25)),
        ("25.12.90", date(1990, 12, 25)),
        ("12 mai 1961", date(1961, 5, 12)),
        ("昭和45年3月3日", date(1970, 3, 3)),
        ("12 Febuary 1990", date(1990, 2, 12)),
        ("5/5/1990", date(1990, 5, 5)),
        ("25121990", date(1990, 12, 25)),
        ("3 फ़रवरी 1990", date(1990, 2, 3)),
        ("1990年12月25日", date(1990, 12, 25)),
        ("90/12/25", date(1990, 12, 25)),
    ],
)
def test_a_date_of_the_past_is_read(typed: str, day: date) -> None:
    assert past(typed) == OneDate(day)


@pytest.mark.parametrize(
    ("typed", "language", "first", "second"),
    [
        ("03/05/2026", "en", date(2026, 3, 5), date(2026, 5, 3)),
        ("03/05/2026", "fr", date(2026, 5, 3), date(2026, 3, 5)),
        ("03/05/2026", "vi", date(2026, 5, 3), date(2026, 3, 5)),
        ("3.5.2026", "de", date(2026, 5, 3), date(2026, 3, 5)),
        ("03/05/2026", "ja", date(2026, 3, 5), date(2026, 5, 3)),
        ("03052026", "ru", date(2026, 5, 3), date(2026, 3, 5)),
    ],
)
def test_an_ambiguous_order_is_asked_about(typed: str, language: str, first: date, second: date) -> None:
    assert read_date(typed, language, TODAY, "any") == EitherDate((first, second))


def test_an_order_is_not_asked_about_when_only_one_reading_is_on_the_right_side() -> None:
    assert future("03/05/2026") == OneDate(date(2026, 5, 3))
    assert past("03/05/2026", "fr") == OneDate(date(2026, 3, 5))


def test_a_day_on_the_wrong_side_is_still_read() -> None:
    assert future("5 June 1990") == OneDate(date(1990, 6, 5))


@pytest.mark.parametrize(
    "typed", ["5/6/2569", "5 มิถุนายน 2569", "5 มิ.ย. พ.ศ. 2569", "๕/๖/๒๕๖๙", "2569-06-05", "05062569"]
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_buddhist_year_is_noticed(typed: str, language: str) -> None:
    assert future(typed, language) == BuddhistYear(date(2026, 6, 5), 2569)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "not_a_date"),
        ("hello", "not_a_date"),
        ("5", "not_a_date"),
        ("2026", "not_a_date"),
        ("June 2026", "not_a_date"),
        ("13 floreal 2026", "not_a_date"),
        ("1 2 3 4", "not_a_date"),
        ("VN 123", "not_a_date"),
        ("+84 90 123 4567", "not_a_date"),
        ("31 June 2026", "no_such_day"),
        ("31/06/2026", "no_such_day"),
        ("29 Feb 2026", "no_such_day"),
        ("29/2/2027", "no_such_day"),
        ("2026-13-13", "no_such_day"),
        ("31 June", "no_such_day"),
        ("5 June", "no_year"),
        ("5/6", "no_year"),
        ("6월 5일", "no_year"),
        ("ngày 5 tháng 6", "no_year"),
        ("5/6/25", "no_year"),
        ("5 June 1875", "too_far"),
        ("5 June 2060", "too_far"),
        ("5 June 9999", "too_far"),
        ("9" * 300, "not_a_date"),
    ],
)
def test_a_refusal_says_why(typed: str, reason: str) -> None:
    assert future(typed) == NoDate(reason)  # type: ignore[arg-type]


def test_a_short_year_counts_only_where_one_century_is_left() -> None:
    assert past("25/12/15") == NoDate("no_year")
    assert past("25/12/62") == OneDate(date(1962, 12, 25))
    assert future("25/12/26") == OneDate(date(2026, 12, 25))
    assert read_date("26.12.25", "ko", TODAY, "future") == OneDate(date(2026, 12, 25))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        *(
            (today, 20)
            for today in (
                "today",
                "Hôm nay",
                "今天",
                "今日",
                "오늘",
                "сегодня",
                "aujourd’hui",
                "heute",
                "วันนี้",
                "ថ្ងៃនេះ",
                "आज",
            )
        ),
        *(
            (morrow, 21)
            for morrow in ("Tomorrow!", "ngày mai", "ngay mai", "明天", "明日", "내일", "завтра", "demain", "morgen")
        ),
        *((morrow, 21) for morrow in ("พรุ่งนี้", "ថ្ងៃស្អែក", "कल")),
        *(
            (later, 22)
            for later in ("day after tomorrow", "ngày kia", "后天", "後天", "明後日", "모레", "übermorgen", "परसों")
        ),
    ],
)
def test_days_near_today_are_read(typed: str, day: int) -> None:
    assert future(typed) == OneDate(date(2026, 4, day))


def test_days_near_today_keep_to_their_side() -> None:
    assert past("yesterday") == OneDate(date(2026, 4, 19))
    assert past("tomorrow") == NoDate("not_a_date")
    assert past("कल") == OneDate(date(2026, 4, 19))
    assert read_date("कल", "hi", TODAY, "any") == EitherDate((date(2026, 4, 21), date(2026, 4, 19)))


def test_every_month_of_every_language_is_known() -> None:
    for locale in ("en", "ru", "fr", "de", "th", "km", "hi"):
        for width in ("wide", "abbreviated"):
            for month, name in Locale.parse(locale).months["format"][width].items():
                assert past(f"7 {name} 1990", locale) == OneDate(date(1990, month, 7)), name
    assert set(month_names().values()) == set(range(1, 13))


@given(st.text(max_size=400), st.sampled_from(LANGUAGES), st.dates(), st.sampled_from(["past", "future", "any"]))
def test_no_text_breaks_the_reading_of_dates(text: str, language: str, today: date, toward: Toward) -> None:
    read_date(text, language, today, toward)


@given(st.text("0123456789/.- 年月日juneтnămราคm", max_size=24), st.sampled_from(LANGUAGES))
def test_nothing_like_a_date_breaks_the_reading(text: str, language: str) -> None:
    read_date(text, language, TODAY, "any")


@given(st.dates(date(1900, 1, 1), date(2046, 12, 31)), st.sampled_from(LANGUAGES))
def test_every_day_written_in_iso_order_is_that_day(day: date, language: str) -> None:
    assert read_date(day.isoformat(), language, TODAY, "any") == OneDate(day)

"""What a machine readable zone answers in the declaration, and what it leaves to the traveller."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.declaration.questions import BY_ID
from bot.documents.mrz import parse_zone
from bot.documents.mrz_text import parse_lines
from bot.documents.passport import FIELDS_OF, PassportFields, passport_fields
from tests.bench.drawn_passports import digit
from tests.bot.test_mrz import documents

TODAY = date(2026, 11, 24)
UPPER = "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<"
LOWER = "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"


def fields_of(upper: str = UPPER, lower: str = LOWER) -> PassportFields:
    return passport_fields(parse_zone((upper, lower)), TODAY)


def with_digits(lower: str) -> str:
    """The second line of a passport with its last digit put right."""
    return lower[:43] + digit(lower[:10] + lower[13:20] + lower[21:43])


def test_a_passport_answers_six_questions() -> None:
    fields = fields_of()
    assert fields.document == "passport"
    assert fields.answers == {
        "nationality": "DE",
        "name": "MUSTERMANN ERIKA",
        "birth_date": date(1964, 8, 12),
        "sex": "female",
        "passport_number": "C01X00T47",
        "passport_expires": date(2027, 2, 28),
    }
    assert fields.confirmed == ("birth_date", "passport_number", "passport_expires")
    assert fields.to_confirm == ("nationality", "name", "sex")
    assert (fields.to_ask, fields.doubts) == ((), ())


def test_a_number_with_a_wrong_digit_is_asked_and_its_doubtful_signs_are_named() -> None:
    fields = fields_of(lower=LOWER.replace("C01X00T478", "C01X0OT478"))
    assert "passport_number" in fields.to_ask
    assert "passport_number" not in fields.answers
    assert (2, 6, "O", ("0",)) in [(doubt.line, doubt.column, doubt.read, doubt.candidates) for doubt in fields.doubts]
    assert fields.confirmed == ()


def test_a_specimen_state_is_no_nationality() -> None:
    fields = fields_of("P<UTO" + UPPER[5:], with_digits(LOWER[:10] + "UTO" + LOWER[13:]))
    assert fields.to_ask == ("nationality",)


def test_a_document_for_a_refugee_leaves_the_nationality_to_be_asked() -> None:
    assert fields_of(lower=LOWER[:10] + "XXB" + LOWER[13:]).to_ask == ("nationality",)


def test_a_name_that_was_cut_is_asked() -> None:
    upper = "P<D<<" + "ABDULRAHMAN<ALFARSI<<MOHAMMED<ALEXANDER<KHALID"[:39]
    assert fields_of(upper).to_ask == ("name",)


def test_an_unknown_birth_date_is_asked() -> None:
    lower = with_digits(LOWER[:13] + "64<<<<" + digit("64<<<<") + LOWER[20:])
    fields = fields_of(lower=lower)
    assert fields.to_ask == ("birth_date",)


def test_neither_a_visa_nor_a_card_gives_its_number_for_that_of_the_passport() -> None:
    visa = parse_lines("V<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nC01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<<")
    fields = passport_fields(visa, TODAY)
    assert fields.document == "visa"
    assert set(fields.to_ask) == {"passport_number", "passport_expires"}
    assert fields.answers["birth_date"] == date(1964, 8, 12)


@given(documents, st.dates(date(2024, 1, 1), date(2035, 1, 1)))
def test_every_answer_is_one_that_its_question_keeps(made, today) -> None:  # type: ignore[no-untyped-def]
    fields = passport_fields(parse_zone(made.lines), today)
    for question, value in fields.answers.items():
        kind = BY_ID[question].kind
        assert kind.recall(kind.keep(value)) == value
    parts = [*fields.confirmed, *fields.to_confirm, *fields.to_ask]
    assert sorted(parts) == sorted(FIELDS_OF)
    assert "name" not in fields.confirmed

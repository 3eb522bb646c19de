"""The passport in the talk: what its zone says is shown, confirmed, and only then an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_dialogue import PHOTO, TOURIST, at, hear

from bot import sentences as say
from bot.documents.mrz import Mrz, parse_zone
from bot.documents.photo_reading import PhotoReading
from bot.messages import Pictured, Pressed, Typed

# The specimen of ICAO 9303-4, Appendix A, with dates that are still to come.
ZONE = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F3404159ZE184226B<<<<<16",
)
GERMAN = (
    "P<D<<KELLER<<MIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
    "C01X00T478D<<9005145F3403015<<<<<<<<<<<<<<<2",
)
SMUDGED = (GERMAN[0], GERMAN[1].replace("9005145", "9005147"))


def zone(lines: tuple[str, ...] = GERMAN) -> Mrz:
    return parse_zone(lines)


def photo(lines: tuple[str, ...] = GERMAN) -> Pictured:
    return Pictured(PHOTO, PhotoReading("no_code", mrz=zone(lines)))


def test_the_specimen_of_the_test_is_sound() -> None:
    assert zone().valid
    assert not zone(SMUDGED).valid


def test_a_photo_is_shown_and_taken_over_only_when_confirmed() -> None:
    shown = hear(at("name"), photo())
    assert dict(shown.case.answers) == dict(at("name").answers)
    assert [row.press.partition(":")[2] for row in shown.said[0].rows] == [
        "name",
        "birth_date",
        "sex",
        "passport_number",
        "passport_expires",
    ]
    taken = hear(shown.case, Pressed("passport:yes"))
    assert taken.stage == "passport_issued"
    assert taken.case.answers["passport_number"] == "C01X00T47"
    assert taken.case.answers["birth_date"] == "1990-05-14"
    assert taken.case.answers["sex"] == "female"


@pytest.mark.parametrize(("word", "stage"), [("yes", "passport_issued"), ("Yes!", "passport_issued"), ("no", "name")])
def test_a_typed_yes_or_no_is_about_what_was_read(word: str, stage: str) -> None:
    assert hear(at("name"), photo(), Typed(word)).stage == stage


def test_a_tap_on_a_wrong_line_asks_that_line_and_takes_the_others() -> None:
    turn = hear(at("name"), photo(), Pressed("passport:birth_date"))
    assert turn.stage == "birth_date"
    assert "birth_date" not in turn.case.answers
    assert turn.case.answers["passport_number"] == "C01X00T47"


def test_no_takes_nothing() -> None:
    turn = hear(at("name"), photo(), Pressed("passport:no"))
    assert turn.stage == "name"
    assert "passport_number" not in turn.case.answers
    again = hear(turn.case, Pressed("passport:yes"))
    assert again.said[0].lines[0] == say.OLD_BUTTON()


def test_an_answer_typed_instead_is_an_answer() -> None:
    turn = hear(at("name"), photo(), Typed("Mia Keller"))
    assert turn.stage == "birth_date"
    assert turn.case.answers["name"] == "Mia Keller"
    assert "passport_number" not in turn.case.answers


def test_pasted_lines_do_as_well() -> None:
    turn = hear(at("name"), Typed("\n".join(GERMAN).lower()), Pressed("passport:yes"))
    assert turn.case.answers["passport_number"] == "C01X00T47"


def test_a_field_under_a_wrong_digit_is_asked_and_never_taken() -> None:
    shown = hear(at("name"), photo(SMUDGED))
    assert "passport:birth_date" not in [row.press for row in shown.said[0].rows]
    assert say.PASSPORT_REST() in shown.said[0].lines
    taken = hear(shown.case, Pressed("passport:yes"))
    assert taken.stage == "birth_date"


def test_what_is_answered_the_same_is_not_asked_again() -> None:
    turn = hear(at(), photo())
    assert turn.said[0].lines[0] == say.PASSPORT_NOTHING_NEW()
    assert turn.stage == "review"


def test_what_differs_is_shown_and_the_journey_goes_on() -> None:
    turn = hear(at(passport_number="X1234567"), photo())
    assert [row.press for row in turn.said[0].rows] == ["passport:passport_number"]
    taken = hear(turn.case, Pressed("passport:yes"))
    assert taken.case.answers["passport_number"] == "C01X00T47"
    assert taken.stage == "review"


def test_the_nationality_is_taken_over_as_well() -> None:
    turn = hear(at("nationality"), photo(ZONE), Pressed("passport:yes"))
    # Utopia is no country, so it is asked.
    assert turn.stage == "nationality"
    assert turn.case.answers["name"]


def test_without_consent_no_passport_is_looked_at() -> None:
    turn = hear(replace(at(), consent=None, answers={}), photo())
    assert turn.said[0].lines[0] == say.CONSENT_NO_PHOTO()
    assert not turn.case.answers
    assert turn.unwanted == (PHOTO,)


def test_after_the_permit_a_passport_changes_nothing() -> None:
    turn = hear(at(), Pressed("do:submit"), photo())
    assert turn.said[0].lines[0] == say.ALREADY_SUBMITTED()


def test_a_whole_tourist_with_a_passport_has_five_questions_less() -> None:
    asked = 0
    case = hear(
        at("entrant_class"), TOURIST["entrant_class"], TOURIST["nationality"], photo(), Pressed("passport:yes")
    ).case
    while (stage := hear(case, Pressed("do:again")).stage) != "review":
        case, asked = hear(case, TOURIST[stage]).case, asked + 1
    assert asked == len(TOURIST) - 2 - 5


def test_of_a_visa_the_passport_number_is_asked() -> None:
    visa = (
        "V<D<<KELLER<<MIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "L8988901C4D<<9005145F3403015<<<<<<<<<<<<<<<<",
    )
    shown = hear(at("name"), photo(visa))
    assert say.PASSPORT_OTHER_DOCUMENT() in shown.said[0].lines
    assert hear(shown.case, Pressed("passport:yes")).stage == "passport_number"


def test_lines_that_cannot_be_read_for_certain_are_told_and_nothing_is_taken() -> None:
    turn = hear(at("name"), Pictured(PHOTO, PhotoReading("no_code", zone_unclear=True)))
    assert turn.said[0].lines[0] == say.PASSPORT_UNCLEAR()
    assert turn.case.answers == at("name").answers

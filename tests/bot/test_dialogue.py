"""The dialogue by examples: back, edit, proposals, tries, stale buttons, deep links, double submission, look-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import locales
from bot import sentences as say
from bot.case import Case
from bot.declaration.choices import NOT_A_CHOICE
from bot.declaration.questions import BY_ID
from bot.dialogue import Turn, take_turn
from bot.documents.photo_reading import PhotoReading
from bot.look_up import MOST_LOOK_UPS
from bot.messages import GivenBack, Heard, Opened, Pictured, Pressed, Strange, Typed
from bot.permit.permit import Permit
from bot.words.catalog import load_words
from bot.words.text import Text
from bot.world import World

WORDS = load_words(Path(locales.__path__[0]))
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
REFERENCE, OTHER = "J2VG-TZ9P-3X7A", "5DHW-9EK5-M925"
PHOTO = "0" * 32

# A tourist's answers in the order of the questions.
TOURIST: dict[str, str] = {
    "entrant_class": "tourist",
    "nationality": "Germany",
    "arrival_date": "5 December 2026",
    "port": "Noi Bai",
    "flight": "VN 30",
    "departure_date": "20 December 2026",
    "name": "Mia Keller",
    "birth_date": "14 May 1990",
    "sex": "female",
    "passport_number": "C01X00T47",
    "passport_issued": "2 March 2024",
    "passport_expires": "1 March 2034",
    "contact": "+49 151 23456789",
    "address": "Hotel Metropole, 15 Ngô Quyền, Hà Nội",
    "minors": "0",
    "countries": "Thailand",
    "symptoms": "none",
    "exposure": "no",
    "certificate": "none",
}
AGREED: tuple[Heard, ...] = (Opened("en"), Pressed("consent:yes"))


def tap(press: str) -> Pressed:
    return Pressed(press)


def hear(case: Case, *messages: Heard | str, found: Permit | None = None, now: datetime = NOON) -> Turn:
    """The last of several turns; a plain text is typed."""
    turn = Turn(case, (), "", ())
    for message in messages:
        heard = Typed(message) if isinstance(message, str) else message
        turn = take_turn(turn.case, heard, World(now, REFERENCE, WORDS, found))
    return turn


def at(question: str | None = None, language: str = "en", **changed: str) -> Case:
    """A tourist's case at this question, or at the review."""
    case = hear(Case(language), *AGREED).case
    for name, answer in (TOURIST | changed).items():
        if name == question:
            return case
        case = hear(case, answer).case
    return case


def sentences(turn: Turn) -> list[Text]:
    return [line.text for said in turn.said for line in said.lines]


def presses(turn: Turn) -> list[str]:
    return [button.press for said in turn.said for button in said.buttons]


def shown(turn: Turn, language: str = "en") -> str:
    return "\n".join(WORDS.say(line, language) for said in turn.said for line in said.lines)


def test_a_tourist_who_answers_comes_to_the_review_and_to_one_permit() -> None:
    case = at()
    turn = hear(case, tap("do:submit"))
    assert turn.stage == "permit"
    assert turn.issued is not None
    assert turn.issued.snapshot["answers"].keys() == TOURIST.keys()
    assert turn.flags == ()
    assert REFERENCE in shown(turn)


# ---- consent (A7)


@pytest.mark.parametrize("no", ["no", "No.", tap("consent:no"), "nope"])
def test_who_declines_is_let_go_politely_and_nothing_is_kept(no: Heard | str) -> None:
    turn = hear(Case("en"), Opened("en", "port-noi-bai"), no)
    assert (turn.stage, turn.case.answers, turn.case.consent) == ("declined", {}, None)
    assert hear(turn.case, "my name is Mia Keller").case.answers == {}
    assert hear(turn.case, tap("consent:yes")).stage == "entrant_class"


def test_a_photo_before_consent_is_not_kept() -> None:
    turn = hear(Case("en"), Opened(), Pictured(PHOTO, PhotoReading("no_code")))
    assert turn.unwanted == (PHOTO,)
    assert sentences(turn)[0] == say.CONSENT_NO_PHOTO


def test_the_consent_names_its_version_and_its_time_and_a_second_tap_changes_nothing() -> None:
    agreed = hear(Case("en"), *AGREED).case
    assert agreed.consent is not None
    assert (agreed.consent.version, agreed.consent.at) == (say.PRIVACY_VERSION, NOON)
    later = hear(agreed, tap("consent:yes"), tap("consent:no"), now=NOON + timedelta(hours=1))
    assert (later.case, later.said) == (agreed, ())


# ---- commands, digits and years of every script (A4)


@pytest.mark.parametrize(
    ("language", "typed", "stage"),
    [
        ("en", "back", "sex"),
        ("en", "/back", "sex"),
        ("en", "Go back!", "sex"),
        ("vi", "quay lại", "sex"),
        ("vi", "QUAY LAI", "sex"),
        ("vi", "back", "sex"),
        ("en", "talk to a person", "person"),
        ("vi", "gặp nhân viên", "person"),
        ("en", "skip", "passport_number"),
        ("vi", "bỏ qua", "passport_number"),
        ("en", "help", "passport_number"),
        ("vi", "trợ giúp", "passport_number"),
        ("en", "stop", "passport_number"),
        ("vi", "tạm dừng", "passport_number"),
        ("en", "status", "passport_number"),
        ("en", "privacy", "passport_number"),
    ],
)
def test_commands_are_understood_in_the_travellers_language_and_in_english(
    language: str, typed: str, stage: str
) -> None:
    case = at("passport_number", language)
    turn = hear(case, typed)
    assert turn.stage == stage
    assert turn.case.answers == case.answers
    assert turn.said


@pytest.mark.parametrize("three", ["3", "３", "٣", "३", "៣", "3️⃣"])
def test_digits_of_every_script_are_digits(three: str) -> None:
    assert hear(at("minors"), three).case.answers["minors"] == 3


def test_a_language_is_changed_at_any_question_and_no_answer_is_lost() -> None:
    case = at("passport_number")
    turn = hear(case, tap("do:language-vi"))
    assert turn.case == replace(case, language="vi")
    assert turn.stage == "passport_number"
    assert WORDS.say(BY_ID["passport_number"].ask, "vi") in shown(turn, "vi")


def test_a_year_of_the_buddhist_era_is_asked_about_and_a_typed_yes_takes_it() -> None:
    asked = hear(at("departure_date"), "20/12/2569")
    assert "20 December 2026" in shown(asked)
    assert "departure_date" not in asked.case.answers
    assert hear(asked.case, "yes").case.answers["departure_date"] == "2026-12-20"


# ---- deep links (A6)


@pytest.mark.parametrize(
    ("start", "language", "port"),
    [
        ("lang-vi_port-noi-bai", "vi", "noi-bai"),
        ("port-moc-bai_lang-vi", "vi", "moc-bai"),
        ("lang-vi", "vi", None),
        ("port-tan-son-nhat", "en", "tan-son-nhat"),
        ("lang-xx_port-atlantis", "en", None),
        ("noi-bai", "en", None),
        ("_-_", "en", None),
        ("", "en", None),
        (None, "en", None),
    ],
)
def test_a_deep_link_carries_language_and_port(start: str | None, language: str, port: str | None) -> None:
    case = hear(Case("en"), Opened(None, start)).case
    assert (case.language, case.answers.get("port")) == (language, port)


def test_a_deep_link_never_changes_a_port_that_was_answered() -> None:
    turn = hear(at("flight"), Opened(None, "port-moc-bai"))
    assert turn.case.answers["port"] == "noi-bai"
    assert turn.stage == "flight"
    assert say.WELCOME_BACK in sentences(turn)


def test_who_comes_by_a_link_is_not_asked_for_the_port() -> None:
    case = hear(Case("en"), Opened(None, "port-noi-bai"), tap("consent:yes")).case
    assert hear(case, "tourist", "Germany", "5 December 2026").stage == "flight"


# ---- back (B4)


def test_one_can_go_back_to_the_first_question_and_on_again_without_losing_an_answer() -> None:
    case = at()
    visited = []
    turn = hear(case, "back")
    while say.FIRST_QUESTION not in sentences(turn):
        visited.append(turn.stage)
        turn = hear(turn.case, "back")
    assert visited == list(reversed(TOURIST))
    assert turn.case.answers == case.answers
    assert hear(turn.case, tap("do:keep")).stage == "review"


def test_a_question_gone_back_to_shows_the_answer_so_far_and_a_button_to_keep_it() -> None:
    turn = hear(at("flight"), tap("do:back"))
    assert turn.stage == "port"
    assert say.SO_FAR in sentences(turn)
    assert "do:keep" in presses(turn)
    assert hear(turn.case, "keep").stage == "flight"


def test_going_back_over_a_branch_keeps_the_answers_of_the_other_branch() -> None:
    by_land = hear(at(), tap("edit:port"), "Moc Bai")
    assert by_land.stage == "vehicle"
    there = hear(by_land.case, "Sapaco bus")
    assert there.stage == "review"
    by_air = hear(there.case, tap("edit:port"), "Noi Bai")
    assert by_air.stage == "review"
    assert by_air.case.answers["flight"] == "VN 30"
    again = hear(by_air.case, tap("edit:port"), "Moc Bai")
    assert again.stage == "review"
    assert again.case.answers["vehicle"] == "Sapaco bus"


def test_answers_of_a_branch_not_taken_are_not_in_the_permit() -> None:
    case = hear(at(), tap("edit:port"), "Moc Bai", "Sapaco bus").case
    issued = hear(case, tap("do:submit")).issued
    assert issued is not None
    assert "vehicle" in issued.snapshot["answers"]
    assert "flight" not in issued.snapshot["answers"]


# ---- edit (B6)


@pytest.mark.parametrize("question", list(TOURIST))
def test_every_row_of_the_summary_opens_its_question_and_the_answer_leads_back_to_the_summary(question: str) -> None:
    case = at()
    row = f"edit:{question}"
    opened = hear(case, tap(row))
    assert opened.stage == question
    answered = hear(opened.case, TOURIST[question])
    assert answered.stage == "review"
    assert answered.case.answers == case.answers


@pytest.mark.parametrize(
    ("edited", "answer", "asked"),
    [
        ("entrant_class", "student", ["host"]),
        ("entrant_class", "transit", ["destination"]),
        ("entrant_class", "crew", []),
        ("entrant_class", "family", ["purpose", "relative"]),
        ("port", "Hai Phong port", ["vessel"]),
        ("arrival_date", "24 December 2026", ["departure_date"]),
        ("name", "Erika Müller", ["name_latin"]),
        ("birth_date", "1 June 2024", ["passport_issued"]),
        ("address", "12 Main Street", ["province"]),
        ("minors", "2", ["minors_named"]),
        ("certificate", "paper", ["vaccine_disease", "vaccine_product", "vaccine_doses", "vaccine_last"]),
        ("countries", "Laos", []),
    ],
)
def test_after_an_edit_only_what_depends_on_it_is_asked_again(edited: str, answer: str, asked: list[str]) -> None:
    answers = TOURIST | {"departure_date": "30 December 2026", "passport_issued": "1 July 2024"}
    answers |= {"host": "Viet Duc University", "destination": "Laos", "purpose": "visit", "relative": "Hoa, my wife"}
    answers |= {"vessel": "Ocean Star", "name_latin": "yes", "province": "Hanoi", "minors_named": "Tom, 3 May 2018"}
    answers |= {"vaccine_disease": "covid", "vaccine_product": "Comirnaty", "vaccine_doses": "2"}
    answers |= {"vaccine_last": "1 June 2025"}
    turn = hear(at(), tap(f"edit:{edited}"), answer)
    stages = []
    while turn.stage != "review":
        stages.append(turn.stage)
        turn = hear(turn.case, answers[turn.stage])
    assert stages == asked


def test_an_edit_says_which_answers_there_are_when_the_declaration_is_not_complete() -> None:
    turn = hear(at("sex"), "edit")
    assert [row.press for row in turn.said[0].rows] == [f"edit:{name}" for name in list(TOURIST)[:8]]
    assert hear(hear(Case("en"), *AGREED).case, "edit").said[0].lines[0].text == say.NOTHING_TO_EDIT


# ---- what cannot be taken (B7)


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("entrant_class", "astronaut on duty"),
        ("nationality", "Atlantis"),
        ("arrival_date", "31 February 2027"),
        ("arrival_date", "1 November 2026"),
        ("port", "Lisbon"),
        ("flight", "the morning one"),
        ("departure_date", "1 December 2026"),
        ("name", "12345"),
        ("birth_date", "14 May 2090"),
        ("passport_number", "ABCDEF"),
        ("contact", "call me"),
        ("minors", "21"),
        ("exposure", "perhaps perhaps"),
        ("name", Strange("voice")),
        ("sex", "x" * 5000),
    ],
)
def test_what_cannot_be_taken_is_told_and_the_question_comes_again_with_its_buttons(
    question: str, wrong: Heard | str
) -> None:
    asked = hear(at(question), "help")
    turn = hear(at(question), wrong)
    assert turn.stage == question
    assert question not in turn.case.answers
    assert sentences(turn)[1:] == sentences(asked)[1:]
    assert presses(turn) == presses(asked)
    assert turn.said[0].lines[0].text.name != "help"


def test_after_three_tries_a_person_is_offered_and_staff_see_it() -> None:
    case = at("contact")
    first, second = hear(case, "call me"), hear(case, "call me", "call me")
    third = hear(second.case, "call me")
    assert "do:person" not in presses(first) + presses(second)
    assert "do:person" in presses(third)
    assert say.OFFER_PERSON in sentences(third)
    assert (second.flags, third.flags) == ((), ("three_tries",))
    assert hear(third.case, "mia@example.org").case.tries == 0


def test_tries_are_counted_for_one_question_only() -> None:
    turn = hear(at("contact"), "call me", "call me", "mia@example.org", "x", "x")
    assert turn.case.tries == 2
    assert turn.flags == ()


@pytest.mark.parametrize(
    ("answer", "kept"), [("yes", "TH"), ("Yes!", "TH"), (tap("ok:nationality:0"), "TH"), ("Austria", "AT")]
)
def test_a_close_spelling_is_proposed_and_taken_once_it_is_confirmed(answer: Heard | str, kept: str) -> None:
    proposed = hear(at("nationality"), "Thailnd")
    assert "Did you mean: Thailand?" in shown(proposed)
    assert "nationality" not in proposed.case.answers
    assert hear(proposed.case, answer).case.answers["nationality"] == kept


@pytest.mark.parametrize("no", ["no", "nope", tap("do:again")])
def test_a_proposal_that_is_denied_is_forgotten(no: Heard | str) -> None:
    denied = hear(at("nationality"), "Thailnd", no)
    assert denied.stage == "nationality"
    assert denied.case.proposal is None
    assert say.OLD_BUTTON in sentences(hear(denied.case, tap("ok:nationality:0")))


@pytest.mark.parametrize(
    ("answer", "place"), [("1", 0), ("2", 1), ("2️⃣", 1), ("٢", 1), (Pressed("ok:arrival_date:1"), 1)]
)
def test_one_of_several_proposals_is_chosen_by_its_number(answer: Heard | str, place: int) -> None:
    proposed = hear(at("arrival_date"), "03/04/2027")
    assert proposed.case.proposal is not None
    days = proposed.case.proposal.answers
    assert sorted(days) == ["2027-03-04", "2027-04-03"]
    assert hear(proposed.case, answer).case.answers["arrival_date"] == days[place]


@pytest.mark.parametrize("unsure", ["yes", "confirm", tap("do:submit")])
def test_which_of_two_days_is_meant_is_never_decided_for_the_traveller(unsure: Heard | str) -> None:
    turn = hear(at("arrival_date"), "03/04/2027", unsure)
    assert "arrival_date" not in turn.case.answers


def test_an_old_button_to_submit_never_confirms_what_was_proposed() -> None:
    turn = hear(at("nationality"), "Thailnd", tap("do:submit"))
    assert "nationality" not in turn.case.answers


@pytest.mark.parametrize("no", ["no", "No.", "nope", "2", tap("exposure:no")])
def test_a_plain_no_answers_a_question_that_is_answered_by_yes_or_no(no: Heard | str) -> None:
    turn = hear(at("exposure"), no)
    assert (turn.case.answers["exposure"], turn.stage) == ("no", "certificate")


# ---- dates and countries (B10)


@pytest.mark.parametrize(
    ("typed", "echoed"),
    [
        ("5 December 2026", "5 December 2026"),
        ("2026-12-05", "5 December 2026"),
        ("13/12/2026", "13 December 2026"),
        ("25.12.26", "25 December 2026"),
    ],
)
def test_a_date_is_told_again_in_words(typed: str, echoed: str) -> None:
    turn = hear(at("arrival_date"), typed)
    assert turn.stage == "port"
    assert f"Arrival: {echoed}" in shown(turn)


@pytest.mark.parametrize("typed", ["Germany", "Deutschland", "German", "DE", "🇩🇪", "德国", "Đức", "germany "])
def test_a_country_is_known_by_name_people_code_and_flag(typed: str) -> None:
    assert hear(at("nationality"), typed).case.answers["nationality"] == "DE"


# ---- buttons of yesterday


@pytest.mark.parametrize(
    ("press", "note"),
    [
        ("purpose:work", say.OLD_BUTTON),
        ("flight:VN 30", say.OLD_BUTTON),
        ("edit:vehicle", say.OLD_BUTTON),
        ("ok:port:0", say.OLD_BUTTON),
        ("arrival_date:2020-01-01", say.OLD_BUTTON),
        ("departure_date:2026-12-24", say.OLD_BUTTON),
        ("nothing:at-all", say.UNKNOWN_BUTTON),
        ("do:dance", say.UNKNOWN_BUTTON),
        ("", say.UNKNOWN_BUTTON),
        (":::", say.UNKNOWN_BUTTON),
        ("sex:somebody", NOT_A_CHOICE),
    ],
)
def test_a_button_that_means_nothing_now_is_declined_and_answers_nothing(press: str, note: Text) -> None:
    case = at("sex")
    turn = hear(case, tap(press))
    assert replace(turn.case, tries=0) == case
    assert turn.stage == "sex"
    assert sentences(turn)[:2] == [note, BY_ID["sex"].ask]


def test_a_tap_on_an_earlier_question_changes_that_answer_and_asks_the_same_question_again() -> None:
    turn = hear(at("sex"), tap("entrant_class:diplomat"))
    assert turn.case.answers["entrant_class"] == "diplomat"
    assert say.CHANGED in sentences(turn)
    assert turn.stage == "host"
    assert hear(turn.case, "Embassy of Germany").stage == "sex"


def test_a_tap_that_repeats_an_answer_says_nothing() -> None:
    case = at("nationality")
    turn = hear(case, tap("entrant_class:tourist"))
    assert (turn.case, turn.said) == (case, ())


def test_after_the_permit_no_button_changes_the_declaration() -> None:
    case = hear(at(), tap("do:submit")).case
    for press in ("entrant_class:crew", "edit:name", "ok:name:0", "do:restart-yes", "do:back", "certificate:none"):
        assert hear(case, tap(press)).case == case


# ---- starting over


@pytest.mark.parametrize("yes", [tap("do:restart-yes"), "yes"])
def test_starting_over_wants_a_confirmation(yes: Heard | str) -> None:
    case = at("sex")
    asked = hear(case, "start over")
    assert asked.case.answers == case.answers
    assert say.RESTART_ASK in sentences(asked)
    done = hear(asked.case, yes)
    assert (done.case.answers, done.stage) == ({}, "entrant_class")
    assert done.case.consent == case.consent


@pytest.mark.parametrize(("other", "stage"), [("no", "sex"), ("female", "passport_number"), (tap("do:again"), "sex")])
def test_anything_but_a_yes_keeps_every_answer(other: Heard | str, stage: str) -> None:
    case = at("sex")
    turn = hear(case, "restart", other)
    assert case.answers.items() <= turn.case.answers.items()
    assert turn.stage == stage
    assert hear(turn.case, "yes").case.answers != {}


# ---- one permit (E4)


@pytest.mark.parametrize("second", [tap("do:submit"), "submit", "yes", tap("consent:yes"), Opened("en")])
def test_submitting_twice_makes_one_permit(second: Heard | str) -> None:
    first = hear(at(), tap("do:submit"))
    again = hear(first.case, second, now=NOON + timedelta(minutes=1))
    assert again.issued is None
    assert again.case == first.case


def test_a_new_declaration_gets_a_permit_of_its_own_and_the_old_one_stays() -> None:
    first = hear(at(), tap("do:submit"))
    case = hear(first.case, "new declaration").case
    assert (case.declaration, case.permit, case.answers) == (2, None, {})
    second = hear(case, *TOURIST.values(), "submit")
    assert second.issued is not None
    assert second.issued.declaration == 2


@pytest.mark.parametrize("question", list(TOURIST))
def test_nothing_is_submitted_before_every_question_is_answered(question: str) -> None:
    turn = hear(at(question), tap("do:submit"))
    assert turn.issued is None
    assert say.NOT_READY in sentences(turn)
    assert turn.stage == question


def test_what_became_past_meanwhile_is_asked_again_before_the_submission() -> None:
    turn = hear(at(), tap("do:submit"), now=NOON + timedelta(days=30))
    assert turn.issued is None
    assert turn.stage == "arrival_date"


# ---- with a person (F1)


def test_the_bot_is_silent_while_a_person_is_called_and_goes_on_at_the_same_step() -> None:
    case = at("contact")
    called = hear(case, "person")
    assert (called.stage, called.flags) == ("person", ("person_asked",))
    for message in ("hello?", tap("do:back"), Strange("voice"), Pictured(PHOTO, PhotoReading("no_code"))):
        silent = hear(called.case, message)
        assert (silent.case, silent.said) == (called.case, ())
    for back in (GivenBack(), tap("do:resume"), "continue"):
        returned = hear(called.case, back)
        assert returned.stage == "contact"
        assert returned.case.answers == case.answers
        assert returned.said


# ---- looking up (H5 in the chat)

ISSUED = Permit(OTHER, 1, NOON, "C01X00T47", {})


@pytest.mark.parametrize(
    ("text", "found", "answer"),
    [
        (f"{OTHER} C01X00T47", ISSUED, say.LOOK_UP_FOUND),
        (f"c01x00t47 {OTHER.lower()}", ISSUED, say.LOOK_UP_FOUND),
        (f"{OTHER.replace('-', ' ')}, passport C01X00T47", ISSUED, say.LOOK_UP_FOUND),
        (f"{OTHER} C01X00T48", ISSUED, say.LOOK_UP_NONE),
        (f"{OTHER} C01X00T47", None, say.LOOK_UP_NONE),
        (OTHER, ISSUED, say.LOOK_UP_HOW),
        (OTHER, None, say.LOOK_UP_HOW),
    ],
)
def test_a_permit_is_told_only_to_who_knows_reference_and_passport(
    text: str, found: Permit | None, answer: Text
) -> None:
    case = at("sex")
    turn = hear(case, text, found=found)
    assert sentences(turn) == [answer]
    assert turn.case.answers == case.answers


def test_an_unknown_reference_and_a_wrong_passport_get_the_same_answer() -> None:
    case = at("sex")
    wrong, unknown = hear(case, f"{OTHER} X1", found=ISSUED), hear(case, f"{OTHER} X1", found=None)
    assert wrong == unknown


def test_after_five_wrong_look_ups_even_the_right_one_is_refused() -> None:
    case = at("sex")
    guessed = hear(case, *[f"{OTHER} X{guess}" for guess in range(MOST_LOOK_UPS)]).case
    refused: list[Any] = [sentences(hear(guessed, f"{OTHER} {number}", found=ISSUED)) for number in ("C01X00T47", "X9")]
    assert refused == [[say.LOOK_UP_OFTEN]] * 2

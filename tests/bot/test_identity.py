"""Is the person in the certificate the one who declares? Names and birth dates as different papers write them."""

import json
from datetime import date
from pathlib import Path

import pytest

from bot.certificates.identity import Difference, compare, name_parts
from bot.certificates.verdict import Subject

HOLDER = Path(__file__).parents[3] / "shared" / "testdata" / "holder"
BORN = date(1990, 5, 14)
ANNA = Subject("Specimen", "Anna Maria", "SPECIMEN", "ANNA<MARIA", "1990-05-14")

needs_cases = pytest.mark.skipif(not HOLDER.exists(), reason=f"the cases of others are not at {HOLDER}")


def held(family: str, given: str = "", birth_date: str = "1990-05-14") -> Subject:
    return Subject(family=family, given=given, birth_date=birth_date)


@needs_cases
def test_holders_are_told_apart_as_the_published_cases_do(capsys: pytest.CaptureFixture[str]) -> None:
    cases = json.loads((HOLDER / "dcc-holder-comparison.json").read_text())["data"]
    wrong = []
    for case in cases:
        for one, other in ((case["actHolderA"], case["actHolderB"]), (case["actHolderB"], case["actHolderA"])):
            subject = Subject(family_icao=one["nam"]["fnt"], given_icao=one["nam"]["gnt"], birth_date=one["dob"])
            declared = f"{other['nam']['gnt']} {other['nam']['fnt']}"
            found = compare(subject, [declared], date.fromisoformat(other["dob"]))
            if (found.name in ("same", "close") and found.birth == "same") != case["expIsSameHolder"]:
                wrong.append(case["description"])
    with capsys.disabled():
        print(f"\nsame holder: {2 * len(cases) - len(wrong)} of {2 * len(cases)}")
    assert not wrong


@needs_cases
def test_names_fall_into_parts_as_the_published_cases_do(capsys: pytest.CaptureFixture[str]) -> None:
    cases = json.loads((HOLDER / "dcc-holder-name-components.json").read_text())["data"]
    wrong = [case for case in cases if list(name_parts(case["actName"])) != case["expNameComponents"]]
    with capsys.disabled():
        print(f"\nname parts: {len(cases) - len(wrong)} of {len(cases)}")
    assert not wrong


@pytest.mark.parametrize(
    ("family", "given", "declared"),
    [
        ("Specimen", "Anna Maria", "Anna Maria Specimen"),
        ("Specimen", "Anna Maria", "SPECIMEN, ANNA MARIA"),
        ("Specimen", "Anna Maria", "SPECIMEN<<ANNA<MARIA"),
        ("Müller", "Jörg", "JOERG MUELLER"),
        ("Müller", "Jörg", "Jorg Muller"),
        ("MUXXLLER", "JOERG", "Müller Jörg"),
        ("Weiß", "Ägidius", "Weiss Aegidius"),
        ("Østergård", "Åse", "OESTERGAARD AASE"),
        ("van der Berg", "Jan", "Jan Vanderberg"),
        ("van der Berg", "Jan", "Jan Berg"),
        ("O'Brien", "Seán", "SEAN O BRIEN"),
        ("Smith-Jones", "Ann", "Ann Smith Jones"),
        ("Nguyễn", "Văn An", "NGUYEN VAN AN"),
        ("王", "小明", "王 小明"),
        ("HONG", "GIL DONG", "Hong Gildong"),
        ("Suharto", "", "SUHARTO"),
        ("Dr. Specimen", "Anna", "Anna Specimen"),
    ],
)
def test_one_name_written_in_two_ways_is_the_same(family: str, given: str, declared: str) -> None:
    found = compare(held(family, given), [declared], BORN)
    assert (found.name, found.birth, found.score) == ("same", "same", 1.0), found


@pytest.mark.parametrize(
    ("family", "given", "declared", "kind"),
    [
        ("Specimen", "Anna Maria", "Anna Specimen", "extra_name"),
        ("Specimen", "Anna", "Anna Maria Specimen", "missing_name"),
        ("Specimen", "Anna M.", "Anna Maria Specimen", "initial"),
        ("Ivanova", "Natalia", "Ivanova Nataliya", "spelling"),
        ("Specimen", "Anna", "Anan Specimen", "spelling"),
        ("WOLFESCHLEGELSTEINHAUSENBERGER", "HUB", "Hubert Wolfeschlegelsteinhausenberger", "spelling"),
    ],
)
def test_a_name_that_is_nearly_the_same_says_in_what(family: str, given: str, declared: str, kind: str) -> None:
    found = compare(held(family, given), [declared], BORN)
    assert found.name == "close"
    assert kind in {difference.kind for difference in found.differences}
    assert 0.5 <= found.score < 1


@pytest.mark.parametrize(
    ("family", "given", "declared"),
    [
        ("Specimen", "Anna", "Peter Muster"),
        ("Specimen", "Anna", "Erika Specimen"),
        ("Specimen", "Anna", "Anna Muster"),
        ("Specimen", "Anna", "Specimen"),
        ("Specimen", "Anna", "Anna"),
        ("Nguyễn", "Văn An", "Nguyễn Thị An"),
        ("Lê", "Văn An", "An Văn"),
        ("Specimen", "Jo", "Joe Specimen"),
    ],
)
def test_two_names_differ(family: str, given: str, declared: str) -> None:
    found = compare(held(family, given), [declared], BORN)
    assert found.name == "differs"
    assert found.score < 1
    assert found.differences


def test_the_most_alike_of_several_forms_counts() -> None:
    assert compare(ANNA, ["Анна Мария Спесимен", "SPECIMEN ANNA MARIA"], BORN).name == "same"
    assert compare(ANNA, [], BORN).name == "absent"
    assert compare(ANNA, ["", "???"], BORN).name == "absent"
    assert compare(Subject(), ["Anna"], BORN) == compare(Subject(), ["Anna"], None)


@pytest.mark.parametrize(
    ("born", "likeness"),
    [
        ("1990-05-14", "same"),
        ("1990-05", "partial"),
        ("1990", "partial"),
        ("", "absent"),
        ("1991", "differs"),
        ("1990-06", "differs"),
        ("1990-05-15", "differs"),
        ("199", "differs"),
    ],
)
def test_partial_birth_dates_are_compared_as_far_as_they_go(born: str, likeness: str) -> None:
    subject = Subject("Specimen", "Anna", birth_date=born)
    assert compare(subject, ["Anna Specimen"], BORN).birth == likeness
    assert compare(subject, ["Anna Specimen"], None).birth == "absent"


def test_a_day_and_month_the_other_way_round_are_pointed_out() -> None:
    found = compare(Subject("Specimen", "Anna", birth_date="1990-04-03"), ["Anna Specimen"], date(1990, 3, 4))
    assert found.differences == (Difference("birth_date_swapped", "1990-04-03", "1990-03-04"),)
    assert found.score < 0.5


def test_a_long_list_of_names_costs_no_time() -> None:
    endless = " ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 26] * (n % 7 + 1) for n in range(5000))
    assert compare(held(endless, endless), [endless[::-1]], BORN).score <= 1


def test_comparing_is_the_same_both_ways_round() -> None:
    for one, other in (("Anna Maria Specimen", "Anna Specimen"), ("Jan van der Berg", "Vanderberg Jan")):
        left, right = compare(held(one), [other], BORN), compare(held(other), [one], BORN)
        assert (left.score, left.name) == (right.score, right.name)

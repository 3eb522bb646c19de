"""The parser of machine readable zones: every kind, every check digit, and nothing taken on trust."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.mrz import Mrz, NoZone, parse_zone
from bot.documents.mrz_layout import LAYOUTS, check_digit
from bot.documents.mrz_repair import LIKE
from bot.documents.mrz_values import birth_date, country_of, expiry_date, is_state, read_names, read_zone_date
from tests.bench.drawn_passports import Document, digit, document

TODAY = date(2026, 11, 24)
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
LONG_CARD = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")

documents = st.builds(
    lambda seed, kind: document(random.Random(seed), kind), st.integers(0, 2**32), st.sampled_from(sorted(LAYOUTS))
)


def changed(lines: tuple[str, ...], place: int, sign: str) -> list[str]:
    """The lines with another sign at one place, counted through all of them from 0."""
    width = len(lines[0])
    zone = "".join(lines)
    zone = zone[:place] + sign + zone[place + 1 :]
    return [zone[start : start + width] for start in range(0, len(zone), width)]


def texts(mrz: Mrz) -> dict[str, str]:
    return {name: field.text for name, field in mrz.fields.items()}


def test_a_passport_is_read_field_by_field() -> None:
    mrz = parse_zone(PASSPORT)
    assert (mrz.kind, mrz.valid, mrz.doubts, mrz.repairs, mrz.to_ask) == ("TD3", True, (), (), ())
    assert {name: field.value for name, field in mrz.fields.items()} == {
        "document_code": "P",
        "issuing_state": "UTO",
        "document_number": "L898902C3",
        "nationality": "UTO",
        "birth_date": "740812",
        "sex": "F",
        "expiry_date": "120415",
        "names": "ERIKSSON ANNA MARIA",
        "optional_data": "ZE184226B",
    }
    assert (mrz.names.primary, mrz.names.secondary, mrz.names.truncated) == ("ERIKSSON", "ANNA MARIA", False)


def test_only_what_a_check_digit_covers_is_confirmed() -> None:
    confirmed = {name for name, field in parse_zone(PASSPORT).fields.items() if field.mark == "confirmed"}
    assert confirmed == {"document_number", "birth_date", "expiry_date", "optional_data"}
    assert set(parse_zone(PASSPORT).to_confirm) == {"document_code", "issuing_state", "nationality", "sex", "names"}


def test_cards_have_three_lines_and_one_digit_over_two_of_them() -> None:
    mrz = parse_zone(CARD)
    assert (mrz.kind, mrz.valid, len(mrz.checks)) == ("TD1", True, 4)
    assert mrz.fields["document_number"].value == "D23145890"


def test_a_long_number_goes_on_in_the_optional_data_of_a_card() -> None:
    mrz = parse_zone(LONG_CARD)
    assert mrz.valid
    assert mrz.fields["document_number"].value == "D23145890734"
    assert mrz.fields["document_number"].mark == "confirmed"
    assert mrz.fields["optional_data"].value == ""


def test_an_empty_field_may_have_a_filler_for_its_digit() -> None:
    lower = "L898902C36UTO7408122F1204159" + "<" * 14
    for own in "<0":
        line = lower + own
        line += digit(line[:10] + line[13:20] + line[21:43])
        mrz = parse_zone((PASSPORT[0], line))
        assert mrz.valid
        assert mrz.fields["optional_data"].value == ""


@given(documents)
def test_every_right_document_is_valid(made: Document) -> None:
    mrz = parse_zone(made.lines)
    assert (mrz.kind, mrz.lines, mrz.valid) == (made.kind, made.lines, True)
    assert mrz.fields["birth_date"].mark == mrz.fields["expiry_date"].mark == "confirmed"
    assert mrz.fields["names"].mark == mrz.fields["nationality"].mark == "unconfirmed"


@given(documents, st.data())
def test_one_changed_sign_is_never_confirmed_unless_it_counts_the_same(made: Document, data: st.DataObject) -> None:
    """Signs that count alike, such as G and 6, no check digit can tell apart; every other change is noticed."""
    zone = "".join(made.lines)
    place = data.draw(st.integers(0, len(zone) - 1))
    sign = data.draw(st.sampled_from("<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    truth = parse_zone(made.lines)
    try:
        mrz = parse_zone(changed(made.lines, place, sign))
    except NoZone:
        return
    alike = check_digit(sign) == check_digit(zone[place])
    for name, field in mrz.fields.items():
        if field.mark == "confirmed" and mrz.kind == made.kind and not alike:
            assert field.text == texts(truth).get(name, field.text), (place, sign)


@given(documents, st.data())
def test_a_letter_taken_for_a_digit_is_put_right_where_only_digits_stand(made: Document, data: st.DataObject) -> None:
    layout = LAYOUTS[made.kind]  # type: ignore[index]
    zone = "".join(made.lines)
    spans = [layout.span(name) for name in ("birth_date", "expiry_date")]
    places = [place for span in spans for place in range(span.start, span.end + 1)]
    place = data.draw(st.sampled_from(places))
    letters = [sign for sign in LIKE if sign.isalpha() and LIKE[sign][0] == zone[place]]
    if not letters:
        return
    mrz = parse_zone(changed(made.lines, place, data.draw(st.sampled_from(letters))))
    assert mrz.lines == made.lines
    assert [(repair.line, repair.column) for repair in mrz.repairs] == [layout.at(place)]
    assert mrz.valid


def test_a_repair_that_the_digits_do_not_confirm_is_not_made() -> None:
    # S stands for 5, and another digit is wrong too.
    mrz = parse_zone(changed(changed(PASSPORT, 44 + 25, "S"), 44 + 24, "7"))  # type: ignore[arg-type]
    assert not mrz.repairs
    assert not mrz.valid
    assert ("expiry_date", 2, 26, "S", ("5",)) in [
        (doubt.field, doubt.line, doubt.column, doubt.read, doubt.candidates) for doubt in mrz.doubts
    ]
    assert "expiry_date" in mrz.to_ask


def test_in_a_number_the_doubtful_signs_are_named_and_never_changed() -> None:
    mrz = parse_zone(changed(PASSPORT, 45, "B"))
    assert mrz.lines[1].startswith("LB98902C3")
    assert ("B", ("8",)) in [(doubt.read, doubt.candidates) for doubt in mrz.doubts]
    assert mrz.to_ask == ("document_number",)
    assert all(field.mark == "unconfirmed" for field in mrz.fields.values())


def test_a_digit_in_a_name_is_named() -> None:
    mrz = parse_zone((PASSPORT[0].replace("ERIKSSON", "ERIKSS0N"), PASSPORT[1]))
    assert [(doubt.field, doubt.column, doubt.candidates[0]) for doubt in mrz.doubts] == [("names", 12, "O")]
    assert mrz.to_ask == ("names",)
    assert mrz.fields["document_number"].mark == "confirmed"


@pytest.mark.parametrize(
    "lines",
    [(), ("P<UTO",), PASSPORT[:1], (PASSPORT[0], PASSPORT[1][:-1]), (PASSPORT[0], PASSPORT[1].lower()), CARD[:2]],
)
def test_other_forms_are_no_zone(lines: tuple[str, ...]) -> None:
    with pytest.raises(NoZone):
        parse_zone(lines)


@pytest.mark.parametrize(
    ("field", "primary", "secondary", "truncated", "regular"),
    [
        ("ERIKSSON<<ANNA<MARIA<<<", "ERIKSSON", "ANNA MARIA", False, True),
        ("VAN<DER<BERG<<JAN<<", "VAN DER BERG", "JAN", False, True),
        ("ARKFREITH<<<<", "ARKFREITH", "", False, True),
        ("NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K", "NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG K", True, True),
        ("<<ANNA<<<<", "", "ANNA", False, False),
        ("ERIKSSON<<ANNA<<MARIA<<", "ERIKSSON", "ANNA MARIA", False, False),
        ("<<<<<<", "", "", False, False),
    ],
)
def test_names_are_split(field: str, primary: str, secondary: str, truncated: bool, regular: bool) -> None:
    names = read_names(field)
    assert (names.primary, names.secondary, names.truncated, names.regular) == (primary, secondary, truncated, regular)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("740812", date(1974, 8, 12)),
        ("261124", date(2026, 11, 24)),
        ("261125", date(1926, 11, 25)),
        ("000229", date(2000, 2, 29)),
        ("7408<<", None),
        ("74<<<<", None),
        ("<<<<<<", None),
        ("741301", None),
        ("740230", None),
    ],
)
def test_births_are_never_in_the_future(field: str, expected: date | None) -> None:
    assert birth_date(field, TODAY) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [("120415", date(2012, 4, 15)), ("360101", date(2036, 1, 1)), ("991231", date(1999, 12, 31)), ("<<<<<<", None)],
)
def test_expiry_lies_in_the_nearest_century(field: str, expected: date | None) -> None:
    assert expiry_date(field, TODAY) == expected


@pytest.mark.parametrize(
    ("field", "possible"), [("<<<<<<", True), ("74<<<<", True), ("74<<12", False), ("990230", False)]
)
def test_unknown_parts_of_a_date_are_fillers(field: str, possible: bool) -> None:
    assert (read_zone_date(field) is not None) is possible


def test_an_unknown_birth_date_is_confirmed_as_unknown() -> None:
    line = "L898902C36UTO<<<<<<0F1204159" + "<" * 14 + "0"
    mrz = parse_zone((PASSPORT[0], line + digit(line[:10] + line[13:20] + line[21:43])))
    assert mrz.valid
    assert mrz.fields["birth_date"].mark == "confirmed"


@pytest.mark.parametrize(
    ("code", "country"),
    [("D<<", "DE"), ("DEU", "DE"), ("GBD", "GB"), ("GBR", "GB"), ("VNM", "VN"), ("XXA", "XXA"), ("RKS", "XK")],
)
def test_states_have_codes_of_their_own(code: str, country: str) -> None:
    assert is_state(code)
    assert country_of(code) == country


def test_utopia_is_a_state_and_no_country() -> None:
    assert is_state("UTO")
    assert country_of("UTO") is None
    assert not any(is_state(code) for code in ("ZZZ", "DE<", "<<<", "B<<", "GE0"))

"""The permit's reference: every slip is noticed, every way of writing it is read, and nothing else is taken for one."""

from __future__ import annotations

import math
import random
import string
from collections import Counter
from itertools import combinations

import pytest

from bot.permit.reference import ALPHABET, CHANCE_SIGNS, make_reference, read_reference

MANY = 100_000


def references(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [make_reference(chance.randrange) for _ in range(count)]


def test_no_two_signs_of_the_alphabet_look_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert set(ALPHABET) <= set(string.ascii_uppercase + string.digits)
    assert not set(ALPHABET) & set("01OIL")


def test_a_reference_has_three_groups_of_four_signs() -> None:
    for reference in references(200):
        assert [len(group) for group in reference.split("-")] == [4, 4, 4]
        assert set(reference) <= {*ALPHABET, "-"}
        assert read_reference(reference) == reference


@pytest.mark.parametrize("reference", references(4))
def test_every_single_wrong_sign_is_noticed(reference: str) -> None:
    for place, right in enumerate(reference):
        if right == "-":
            continue
        for wrong in set(string.ascii_uppercase + string.digits) - {right}:
            assert read_reference(f"{reference[:place]}{wrong}{reference[place + 1 :]}") is None


@pytest.mark.parametrize("reference", references(40))
def test_every_exchange_of_two_signs_is_noticed(reference: str) -> None:
    for one, other in combinations([place for place, sign in enumerate(reference) if sign != "-"], 2):
        signs = list(reference)
        signs[one], signs[other] = signs[other], signs[one]
        if signs[one] != signs[other]:
            assert read_reference("".join(signs)) is None


def test_a_sign_too_few_or_too_many_is_noticed() -> None:
    for reference in references(50):
        signs = reference.replace("-", "")
        assert read_reference(signs[1:]) is None
        assert read_reference(signs[:-1]) is None
        assert all(read_reference(f"{signs}{more}") is None for more in ALPHABET)
        assert all(read_reference(f"{more}{signs}") is None for more in ALPHABET)


@pytest.mark.parametrize(
    "written",
    [
        "{signs}",
        "{reference}",
        "{small}",
        "{spaced}",
        "my reference is {reference}.",
        "{reference}, C01X00T47",
        "mã tờ khai: {small}",
        "({spaced})",
        "\n{reference}\n",
        "permit {reference} and {reference}",
    ],
)
def test_a_reference_is_read_however_it_is_typed(written: str) -> None:
    for reference in references(30):
        forms = {
            "reference": reference,
            "signs": reference.replace("-", ""),
            "spaced": reference.replace("-", " "),
            "small": reference.lower(),
        }
        assert read_reference(written.format(**forms)) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+49 151 2345 6789",
        "0084 9012 3456",
        "2345 6789 2345",
        "4111 1111 1111 1111",
        "234567892345",
        "1990-05-14",
        "VN30 SGN HAN",
        "with kind help",
        "HOTEL METROPOLE",
        "C01X00T47",
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_nothing_else_is_taken_for_a_reference(text: str) -> None:
    assert read_reference(text) is None


def test_no_telephone_number_and_no_words_are_ever_taken_for_a_reference() -> None:
    chance = random.Random(2)
    for _ in range(MANY // 5):
        digits = "".join(chance.choice("23456789") for _ in range(12))
        letters = "".join(chance.choice(string.ascii_uppercase) for _ in range(12))
        assert read_reference(digits) is None
        assert read_reference(f"{letters[:4]} {letters[4:8]} {letters[8:]}") is None


def test_a_hundred_thousand_references_are_all_different_and_every_sign_is_as_likely_as_any_other() -> None:
    made = references(MANY)
    assert len(set(made)) == MANY
    counts = Counter(sign for reference in made for sign in reference.replace("-", "")[:CHANCE_SIGNS])
    expected = MANY * CHANCE_SIGNS / len(ALPHABET)
    # Letters alone are left out (one in 27), so a digit comes a little more often than a letter.
    assert all(abs(count / expected - 1) < 0.05 for count in counts.values())
    assert len(counts) == len(ALPHABET)
    left_out = (23 / 31) ** CHANCE_SIGNS + (8 / 31) ** CHANCE_SIGNS
    assert CHANCE_SIGNS * math.log2(len(ALPHABET)) + math.log2(1 - left_out) > 54


def test_the_check_character_takes_every_sign() -> None:
    assert {reference[-1] for reference in references(5_000)} == set(ALPHABET)

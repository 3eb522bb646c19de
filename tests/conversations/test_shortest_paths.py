"""How many questions each kind of traveller answers at least, and that none is asked twice."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from walking import walk_to_review

from bot.declaration.questions import ENTRANT_CLASSES, QUESTIONS
from bot.messages import Heard, Pressed, Typed

# The shortest honest way: by air, without children, with a certificate, a name in plain letters, a city in the address.
SHORTEST = {
    "tourist": 19,
    "expert": 20,
    "skilled": 20,
    "investor": 20,
    "repatriate": 19,
    "family": 21,
    "student": 20,
    "diplomat": 20,
    "crew": 17,
    "transit": 19,
}
LONGER: Mapping[str, Mapping[str, Heard]] = {
    "by land": {"port": Typed("Moc Bai border gate")},
    "by sea": {"port": Typed("Hai Phong port")},
    "a name in another script": {"name": Typed("สมชาย")},
    "an address without a province": {"address": Typed("Hotel Continental")},
    "a child": {"minors": Pressed("minors:1")},
    "a certificate on paper": {"certificate": Pressed("certificate:paper")},
}


def of_class(entrant_class: str) -> dict[str, Heard]:
    return {"entrant_class": Pressed(f"entrant_class:{entrant_class}")}


def test_the_table_names_every_class() -> None:
    assert list(SHORTEST) == [option.id for option in ENTRANT_CLASSES]


@pytest.mark.parametrize(("entrant_class", "count"), SHORTEST.items())
def test_a_traveller_answers_no_more_questions_than_these(entrant_class: str, count: int) -> None:
    walk = walk_to_review("en", of_class(entrant_class))
    assert walk.stage == "review"
    assert len(walk.asked) == count


@pytest.mark.parametrize("entrant_class", SHORTEST)
@pytest.mark.parametrize("longer", LONGER)
def test_no_question_is_asked_twice(entrant_class: str, longer: str) -> None:
    walk = walk_to_review("en", of_class(entrant_class) | LONGER[longer])
    assert len(walk.asked) == len(set(walk.asked))


@pytest.mark.parametrize("entrant_class", SHORTEST)
def test_every_way_ends_in_one_permit(entrant_class: str) -> None:
    walk = walk_to_review("en", of_class(entrant_class))
    issued = [walk.hear(Pressed("do:submit")).issued for _ in range(2)]
    assert issued[0] is not None
    assert issued[1] is None
    assert set(issued[0].snapshot["answers"]) == set(walk.asked)


def test_every_question_is_asked_of_somebody() -> None:
    asked = {
        question
        for entrant_class in SHORTEST
        for changed in LONGER.values()
        for question in walk_to_review("en", of_class(entrant_class) | changed).asked
    }
    assert asked == {question.id for question in QUESTIONS}

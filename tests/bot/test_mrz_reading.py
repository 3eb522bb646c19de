"""Reading machine readable zones in photos: the committed ones, those of others, and pictures without any."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageOps

from bot.documents.mrz import parse_zone
from bot.documents.mrz_deciding import decide
from bot.documents.mrz_layout import LAYOUTS
from bot.documents.mrz_letters import CHARACTERS, Opinions
from bot.documents.mrz_reading import MrzReading, read_mrz
from bot.documents.pixels import open_picture
from tests.bench.drawn_passports import digit
from tests.bench.passport_lines import read_line

PICTURES = Path(__file__).parents[1] / "specimens" / "passports"
TRUTH = json.loads((PICTURES / "lines.json").read_text())
SHARED = Path(__file__).parents[3] / "shared" / "testdata" / "mrz"
OTHERS = pytest.mark.skipif(not SHARED.exists(), reason=f"the test data of others is not at {SHARED}")
HARD = ("passport-moved",)
CUT = "passport-cut-off"


def read(path: Path) -> MrzReading:
    # Without a clock every look is taken, so a busy machine reads what a quiet one does.
    return read_mrz(open_picture(path.read_bytes()), clock=lambda: 0.0)


@pytest.mark.parametrize("name", [name for name in TRUTH if name not in (*HARD, CUT)])
def test_photos_are_read_exactly(name: str) -> None:
    reading = read(PICTURES / f"{name}.jpg")
    assert reading.mrz is not None
    assert list(reading.mrz.lines) == TRUTH[name]["lines"]
    assert reading.mrz.kind == TRUTH[name]["kind"]
    assert reading.mrz.valid
    assert len(reading.corners) == 4


@pytest.mark.parametrize("name", HARD)
def test_what_cannot_be_told_apart_is_named_and_the_rest_is_right(name: str) -> None:
    mrz = read(PICTURES / f"{name}.jpg").mrz
    assert mrz is not None
    truth = parse_zone(TRUTH[name]["lines"])
    for field in mrz.fields.values():
        if field.mark == "confirmed" or field.name not in mrz.to_ask:
            assert field.text == truth.fields[field.name].text


def test_nothing_is_made_up_for_what_the_photo_cuts_off() -> None:
    reading = read(PICTURES / f"{CUT}.jpg")
    assert (reading.mrz, reading.trouble) == (None, "unreadable")


@pytest.mark.parametrize("degrees", [45, 200])
def test_a_photo_may_lie_at_any_angle(degrees: int) -> None:
    photo = open_picture((PICTURES / "passport.jpg").read_bytes())
    turned = photo.convert("L").rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=90)
    mrz = read_mrz(turned, clock=lambda: 0.0).mrz
    assert mrz is not None
    assert list(mrz.lines) == TRUTH["passport"]["lines"]


def blank() -> Iterator[tuple[str, Image.Image]]:
    chance = numpy.random.default_rng(5)
    yield "white", Image.new("L", (900, 600), 255)
    yield "one point", Image.new("L", (1, 1), 0)
    yield "a thin strip", Image.new("L", (4, 20_000), 128)
    yield "a line and nothing else", Image.open(PICTURES / "passport.jpg").crop((0, 380, 1000, 520))
    yield "noise", Image.fromarray(chance.integers(0, 256, (700, 900)).astype(numpy.uint8))
    stripes = numpy.zeros((700, 900), dtype=numpy.uint8)
    stripes[::9] = 255
    yield "stripes", Image.fromarray(stripes)
    squares = numpy.kron(chance.integers(0, 2, (70, 90)), numpy.full((10, 10), 255))
    yield "squares", Image.fromarray(squares.astype(numpy.uint8))


@pytest.mark.parametrize(("name", "picture"), list(blank()), ids=lambda value: value if isinstance(value, str) else "")
def test_pictures_without_a_zone_have_none(name: str, picture: Image.Image) -> None:
    reading = read_mrz(picture, clock=lambda: 0.0)
    assert reading.mrz is None
    assert reading.trouble in ("no_zone", "unreadable")


def test_the_budget_ends_the_work() -> None:
    passed = iter(range(0, 10_000, 10))
    reading = read_mrz(open_picture((PICTURES / "passport.jpg").read_bytes()), clock=lambda: float(next(passed)))
    assert reading.looks <= 1


def chances_of(zone: str, doubtful: dict[int, dict[str, float]]) -> Opinions:
    """Chances as the network would give them for a zone it saw well, but for some places."""
    chances = numpy.full((len(zone), len(CHARACTERS)), numpy.log(1e-4), dtype=numpy.float32)
    for place, sign in enumerate(zone):
        for one, chance in doubtful.get(place, {sign: 0.99}).items():
            chances[place, CHARACTERS.index(one)] = numpy.log(chance)
    return chances


PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def test_check_digits_decide_between_two_likely_signs() -> None:
    # The 8 of the number looks a little more like a B.
    decided = decide(LAYOUTS["TD3"], chances_of(PASSPORT, {45: {"B": 0.55, "8": 0.44}}))
    assert "".join(decided.mrz.lines) == PASSPORT
    assert decided.agreed
    assert decided.mrz.fields["document_number"].mark == "confirmed"


def test_signs_that_count_the_same_are_left_to_the_traveller() -> None:
    # 6 and G count alike: no check digit tells them apart.
    zone = list(PASSPORT)
    zone[47], zone[53] = "6", "0"
    number = "".join(zone[44:53])
    zone[53] = digit(number)
    lower = "".join(zone[44:])
    zone[87] = digit(lower[:10] + lower[13:20] + lower[21:43])
    decided = decide(LAYOUTS["TD3"], chances_of("".join(zone), {47: {"6": 0.6, "G": 0.39}}))
    doubts = [(doubt.field, doubt.column, doubt.read, doubt.candidates) for doubt in decided.mrz.doubts]
    assert doubts == [("document_number", 4, "6", ("G",))]
    assert decided.mrz.to_ask == ("document_number",)


def test_a_sign_that_was_seen_clearly_is_not_bent_to_fit() -> None:
    wrong = PASSPORT[:45] + "3" + PASSPORT[46:]
    decided = decide(LAYOUTS["TD3"], chances_of(wrong, {}))
    assert not decided.agreed
    assert "document_number" in decided.mrz.to_ask


@OTHERS
def test_the_specimens_of_others_are_read() -> None:
    expected = json.loads((SHARED / "specimen" / "expected.json").read_text())
    right = 0
    for name, truth in expected.items():
        mrz = read(SHARED / "specimen" / name).mrz
        assert mrz is not None
        assert mrz.valid
        assert (mrz.kind, mrz.names.primary, mrz.names.secondary) == (truth["type"], truth["surname"], truth["names"])
        assert mrz.fields["issuing_state"].value == truth["country"]
        wanted = {"number": "document_number", "date_of_birth": "birth_date", "expiration_date": "expiry_date"}
        for theirs, ours in wanted.items():
            assert mrz.fields[ours].value == truth.get(theirs, mrz.fields[ours].value)
        right += 1
    print(f"specimens of others: {right} of {len(expected)}")


@OTHERS
def test_the_lines_of_others_are_read() -> None:
    rows = [json.loads(row) for row in (SHARED / "lines" / "ground_truth.jsonl").read_text().splitlines()][::4]
    right = 0
    for row in rows:
        with Image.open(SHARED.parent / row["file"]) as picture:
            right += read_line(ImageOps.expand(picture.convert("L"), 20, 255)) == row["text"]
    print(f"lines of others: {right} of {len(rows)}")
    assert right >= 0.98 * len(rows)

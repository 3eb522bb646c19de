"""Machine readable lines as people paste them."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.mrz import NoZone, TooLong
from bot.documents.mrz_layout import LAYOUTS
from bot.documents.mrz_text import parse_lines
from tests.bench.drawn_passports import Document, document

UPPER = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
LOWER = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
WIDE = str.maketrans({chr(sign): chr(sign + 0xFEE0) for sign in range(0x21, 0x7F)})

documents = st.builds(
    lambda seed, kind: document(random.Random(seed), kind), st.integers(0, 2**32), st.sampled_from(sorted(LAYOUTS))
)
MANNERS = {
    "as it is": "\n".join,
    "small letters": lambda lines: "\n".join(lines).lower(),
    "one long line": "".join,
    "one line with a blank": " ".join,
    "full-width": lambda lines: "\n".join(lines).translate(WIDE),
    "quotation marks": lambda lines: "\n".join(lines).replace("<<", "«").replace("<", "‹"),
    "as in a web page": lambda lines: "\r\n".join(lines).replace("<", "&lt;"),
    "other lines around": lambda lines: "Here is my passport:\n\n" + "\n".join(lines) + "\n\nThank you!",
    "indented, with empty lines": lambda lines: "\n\n".join(f"   {line}\t" for line in lines),
}


@given(documents, st.sampled_from(sorted(MANNERS)))
@settings(max_examples=200)
def test_every_manner_of_pasting_gives_the_same_lines(made: Document, manner: str) -> None:
    mrz = parse_lines(MANNERS[manner](made.lines))
    assert (mrz.kind, mrz.lines, mrz.valid) == (made.kind, made.lines, True)


def test_blanks_stand_for_lost_fillers() -> None:
    text = "P UTOERIKSSON  ANNA MARIA\nL898902C36UTO7408122F1204159ZE184226B     10"
    assert parse_lines(text).lines == (UPPER, LOWER)


def test_fillers_lost_at_the_end_come_back() -> None:
    assert parse_lines(f"{UPPER.rstrip('<')}\n{LOWER}").lines == (UPPER, LOWER)


def test_lines_written_in_groups_are_joined() -> None:
    spaced = "\n".join(" ".join(line[start : start + 4] for start in range(0, 44, 4)) for line in (UPPER, LOWER))
    assert parse_lines(spaced).lines == (UPPER, LOWER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "<",
        "My passport number is L898902C3 and I was born on 12 August 1974.",
        "AN ORDINARY SENTENCE OF FORTY FOUR LETTERS A\nAND ANOTHER ONE THAT IS JUST AS LONG AS THIS",
        UPPER,
        LOWER,
        "<" * 88,
        "A" * 90,
    ],
)
def test_other_text_is_no_zone(text: str) -> None:
    with pytest.raises(NoZone):
        parse_lines(text)


def test_nobody_pastes_a_book() -> None:
    with pytest.raises(TooLong):
        parse_lines("A" * 5000)


@given(st.text(max_size=300))
def test_no_text_upsets_the_parser(text: str) -> None:
    with suppress(NoZone):
        parse_lines(text)

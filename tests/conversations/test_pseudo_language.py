"""An invented language with an accent on every letter: whatever is said without one has leaked past the catalogs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from bot.certificates.verdict import Verdict
from bot.commands import COMMAND_WORDS, LABELS, MENU
from bot.declaration.proof import PHOTO_TROUBLES
from bot.declaration.questions import ENTRANT_CLASSES
from bot.documents.photo import PhotoReading
from bot.messages import GivenBack, Heard, Opened, Pictured, Pressed, Said, Strange, Typed
from bot.pressing import label_of
from bot.sentences import STRANGE
from bot.words.catalog import LANGUAGES, PSEUDO_LANGUAGE
from bot.words.text import Line, Listing, Text, Value
from handlers.channels.channel import dress
from handlers.channels.webchat_words import PAGE
from walking import ANNA, ANSWERS, GENUINE, NOW, REFERENCE, VACCINATED, WORDS, Walk, begin, glance, walk_to_review

PLAIN_WORD = re.compile(r"[A-Za-z]{3,}")
# What may stand there as it is: languages name themselves, and the rest is what the travellers of these walks wrote.
AS_IT_IS = frozenset(LANGUAGES.values()) | {
    *("Anna", "Maria", "Specimen", "Viet", "Duc", "University", "Pacific", "Star", "Hotel", "Continental"),
    *("Mia", "Keller", "March", "anna", "example", "org", "wife", "Comirnaty", "Hoa", "SMCHAY", "NEW", "NAME", "Atlantis"),
}
UNVERIFIED = Verdict("unverified", "signature_wrong", "hcert", subject=replace(ANNA, given="Mia", birth_date="1992-05"))
EXPIRED = Verdict("verified", "ok", "hcert", subject=ANNA, events=(VACCINATED,), expires_at=NOW, validity="expired")
PICTURES = [
    GENUINE,
    Pictured("photo", PhotoReading(None, UNVERIFIED)),
    Pictured("photo", PhotoReading(None, EXPIRED)),
    *(Pictured("photo", PhotoReading(trouble)) for trouble in PHOTO_TROUBLES),
]
# What people write that answers nothing, or answers in more than one way, or wants a second look.
ODD_ANSWERS = [
    *("", "?", "🙂", "77", "Atlantis", "Germany, Atlantis", "Germny", "turist", "x" * 200, "x" * 2100, "Anna 2", "12"),
    *("anna@example", "https://example.org", "123", "+49", "+491234", "0151 23456789", "ABCDEF", "C0-1X/00", "A" * 13 + "1"),
    *("VN", "30", "to be told", "Hai Phong", "Phu Quoc", "ha noi city", "yes", "no", "fever, cough", "feverish", "paper"),
    *("31 February 2027", "14 May", "14 May 1890", "14 May 1790", "14 May 3050", "03/04/2027", "03/04/1990", "14/05/2533"),
    *("23 November 2026", "1 December 2028", "1 December 2026", "1 June 2040", "1 June 1980", "1 January 1900"),
    "Congo, China, Laos, Peru, Chile, Cuba, Haiti, Iran, Iraq, Italy, Spain, Japan, India, Nepal, Oman, Qatar, France",
    f"{REFERENCE}",
    f"{REFERENCE} C01X00T47",
]
EVERYTHING: list[Heard] = [
    *map(Typed, ODD_ANSWERS),
    *(Typed(command) for command in COMMAND_WORDS),
    *(Pressed(f"do:{command}") for command in {**COMMAND_WORDS, **LABELS}),
    *(Strange(kind) for kind in STRANGE),
    *PICTURES,
    *(Pressed(press) for press in ("consent:yes", "consent:no", "edit:port", "port:noi-bai", "ok:name:0", "nobody:knows")),
    Opened(PSEUDO_LANGUAGE),
    Opened(PSEUDO_LANGUAGE, "port-da-nang"),
    GivenBack(),
]
WAYS: list[dict[str, Heard]] = [
    *({"entrant_class": Pressed(f"entrant_class:{option.id}")} for option in ENTRANT_CLASSES),
    {"port": Typed("Moc Bai"), "minors": Pressed("minors:2"), "address": Typed("Hotel Continental")},
    {"port": Typed("Hai Phong port"), "name": Typed("สมชาย"), "certificate": Pressed("certificate:paper")},
    {"symptoms": Typed("fever, cough, breath, throat, stomach, rash"), "sex": Typed("x"), "name_latin": Typed("NEW NAME")},
]


def steps(changed: dict[str, Heard]) -> Iterator[Walk]:
    """The walk as it stands at every stage, from before the greeting until after the permit."""
    walk = begin(PSEUDO_LANGUAGE)
    walk.case = replace(walk.case, consent=None, greeted=False)
    yield walk
    walk.hear(Opened(PSEUDO_LANGUAGE))
    yield walk
    walk.hear(Pressed("consent:yes"))
    yield walk
    while walk.stage != "review":
        walk.hear(changed.get(walk.stage) or ANSWERS[walk.stage])
        yield walk
    walk.hear(Typed("person"))
    yield walk
    walk.hear(GivenBack())
    walk.hear(Pressed("do:submit"))
    yield walk


@cache
def said_on(way: int) -> tuple[Said, ...]:
    """All that can be said on one way: at every stage everything is heard twice over, and the right answer at last."""
    said: list[Said] = []
    for walk in steps(WAYS[way]):
        for heard in EVERYTHING:
            # Three answers that cannot be taken bring up something new.
            tired = replace(walk.case, tries=2, look_ups=5)
            once = glance(walk.case, heard)
            again = glance(once.case, heard)
            said += [*once.said, *again.said, *glance(tired, heard).said]
        said += walk.turns[-1].said
    return tuple(said)


def leaks(words: str) -> set[str]:
    """The words that are not accented, and should be."""
    return set(PLAIN_WORD.findall(words.replace(REFERENCE, ""))) - AS_IT_IS


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_everything_that_is_said_goes_through_the_catalogs(way: int) -> None:
    for said in said_on(way):
        dressed = dress(said, WORDS, PSEUDO_LANGUAGE)
        rows = [word for label, value, _ in dressed.rows for word in (label, value)]
        for words in (dressed.text, *rows, *(label for _, label in dressed.buttons)):
            assert not leaks(words), words


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_button_that_was_tapped_is_told_in_the_language(way: int) -> None:
    presses = {button.press for said in said_on(way) for button in said.buttons}
    for press in sorted(presses | {row.press for said in said_on(way) for row in said.rows}):
        assert not leaks(WORDS.say(label_of(press), PSEUDO_LANGUAGE)), press


def test_menus_and_the_page_of_the_web_chat_go_through_the_catalogs() -> None:
    for text in (*MENU.values(), *PAGE.values()):
        assert not leaks(re.sub(r"\{\w+\}", "", WORDS.raw(text, PSEUDO_LANGUAGE))), text.name


def test_these_walks_leave_almost_nothing_unsaid() -> None:
    said = {name for way in range(len(WAYS)) for message in said_on(way) for name in names(message)}
    print(sorted(said))


def names(said: Said) -> set[str]:
    """The names of the sentences in a message."""
    values: list[Value] = [*said.lines, *(button.label for button in said.buttons)]
    values += [value for row in said.rows for value in (row.label, row.value)]
    found: set[str] = set()
    while values:
        match values.pop():
            case Text(name):
                found.add(name)
            case Line(text, held):
                found.add(text.name)
                values += held.values()
            case Listing(items):
                values += items
    return found

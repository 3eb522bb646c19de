"""An invented language with an accent on every letter: whatever is said without one has leaked past the catalogs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import chain

from babel.messages.pofile import read_po
from walking import ANNA, ANSWERS, GENUINE, NOW, REFERENCE, VACCINATED, WORDS, Walk, begin, glance

from bot.certificates.verdict import Verdict
from bot.commands import COMMAND_WORDS, LABELS, MENU
from bot.declaration.proof import PHOTO_TROUBLES
from bot.declaration.questions import ENTRANT_CLASSES
from bot.documents.mrz import Doubt, parse_zone
from bot.documents.paper import Paper, PaperField, PaperLine
from bot.documents.photo_reading import PhotoReading
from bot.messages import GivenBack, Heard, Opened, Pictured, Pressed, Said, Strange, Typed
from bot.permit.permit import Permit
from bot.pressing import label_of
from bot.sentences import STRANGE
from bot.words.catalog import LANGUAGES, PSEUDO_LANGUAGE, pseudo
from bot.words.text import Line, Listing, Text, Value
from bot.written.names import latin
from handlers.channels.channel import dress
from handlers.channels.webchat_words import PAGE
from handlers.service import LOCALES

PLAIN_WORD = re.compile(r"[A-Za-z]{3,}")
# Lines of a passport: as they ought to be, with a character that is none, of the one who declares, and hopeless.
ZONES = (
    ("P<D<<KELLER<<MIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<9005145F3403015<<<<<<<<<<<<<<<2"),
    ("P<D<<KELLER<<MIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<9005I75F3403015<<<<<<<<<<<<<<<2"),
    ("P<D<<SPECIMEN<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<9005145F3105319<<<<<<<<<<<<<<<8"),
    ("V<D<<KELLER<<MIA<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "L8988901C4D<<9005145F3403015<<<<<<<<<<<<<<<<"),
    ("P<UTO<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "1234567890UTO0000000F0000000<<<<<<<<<<<<<<00"),
)
UNVERIFIED = Verdict("unverified", "signature_wrong", "hcert", subject=replace(ANNA, given="Mia", birth_date="1992-05"))
EXPIRED = Verdict(
    "verified",
    "ok",
    "hcert",
    subject=replace(ANNA, family="Keller", given="Mia", birth_date="1992-05-14"),
    events=(VACCINATED,),
    expires_at=NOW,
    validity="expired",
)
NO_GUESS = Doubt("birth_date", 2, 18, "I", ())
CARD = Paper(
    900,
    600,
    (PaperLine("Lot EX8679", (40, 60, 300, 110), 0.97),),
    (PaperField("batch", "EX8679", 0, (40, 60, 300, 110)),),
)
PICTURES = [
    GENUINE,
    Pictured("photo", PhotoReading(None, UNVERIFIED)),
    Pictured("photo", PhotoReading(None, EXPIRED)),
    *(Pictured("photo", PhotoReading(trouble)) for trouble in PHOTO_TROUBLES),
    Pictured("photo", PhotoReading("no_code", paper=CARD)),
    *(Pictured("photo", PhotoReading("no_code", mrz=parse_zone(lines))) for lines in ZONES),
    Pictured("photo", PhotoReading("no_code", mrz=replace(parse_zone(ZONES[1]), doubts=(NO_GUESS,)))),
    Pictured("photo", PhotoReading("no_code", zone_unclear=True)),
]
# What people write that answers nothing, or answers in more than one way, or wants a second look. There is next to no
# plain English in it, for what travellers wrote is shown to them again as they wrote it.
ODD_ANSWERS = [
    *("", "?", "🙂", "🙂 ok", "7", "77", "Atlantis", "DE, Atlantis", "Germny", "Congo", "x", "x" * 101, "x" * 2001),
    *("Anna 2", "a@b", "https://a.b", "123", "+49", "+491234", "0151 23456789", "AB", "ABCDEF", "C0-1X/00", "A" * 151),
    *("1234567890123", "VN", "30", "Hai Phong", pseudo("turist"), pseudo("fever, cough"), pseudo("feverish"), "1", "2"),
    *(pseudo("paper"), pseudo("yes"), pseudo("no"), "1890-05-14", "1900-05-14", "- -", "3050-05-14", "2027-02-31"),
    *("14/5", "03/04/2027", "03/04/1990", "14/05/2533", "2026-11-23", "2028-12-01", "2026-12-01", "2040-06-01"),
    *("1980-06-01", "FR, ES, IT, PT, BE, NL, CH, AT, PL, CZ, SK, HU, RO, BG, GR", "Hà", REFERENCE),
    *(f"{REFERENCE} {number}" for number in ("C01X00T47", "C01X00T48")),
]
EVERYTHING: list[Heard] = [
    *map(Typed, ODD_ANSWERS),
    Typed(f"{REFERENCE[:-1]}{REFERENCE[-2]}"),  # one wrong sign
    *(Typed(pseudo(command)) for command in COMMAND_WORDS),
    *(Pressed(f"do:{command}") for command in {**COMMAND_WORDS, **LABELS}),
    *(Strange(kind) for kind in STRANGE),
    *PICTURES,
    *map(Pressed, ("consent:yes", "consent:no", "edit:port", "port:noi-bai", "ok:name:0", "nobody:knows")),
    *map(Pressed, (f"do:language-{PSEUDO_LANGUAGE}", "do:language-tlh", "symptoms:fever", "minors:3", "name:none")),
    Opened(PSEUDO_LANGUAGE),
    Opened(PSEUDO_LANGUAGE, "port-da-nang"),
    GivenBack(),
]
WAYS: list[dict[str, Heard]] = [
    *({"entrant_class": Pressed(f"entrant_class:{option.id}")} for option in ENTRANT_CLASSES),
    {"port": Typed("Moc Bai"), "minors": Pressed("minors:2"), "address": Typed("Hotel Continental")},
    {"port": Typed("Tien Sa"), "name": Typed("สมชาย"), "certificate": Pressed("certificate:paper")},
    {"symptoms": Pressed("symptoms:none"), "sex": Typed("x"), "certificate": PICTURES[1], "minors": Typed("20")},
    {"certificate": PICTURES[2]},
]
# Taps below what was read in a passport.
TAPS = [Pressed(f"passport:{choice}") for choice in ("yes", "no", "birth_date")]
# The permit that somebody else may look up.
PERMIT = Permit(REFERENCE, 1, NOW, "C01X00T47", {})
TYPED = [
    heard.text
    for heard in chain(ANSWERS.values(), EVERYTHING, *(way.values() for way in WAYS))
    if isinstance(heard, Typed)
]
# What may stand there as it is: languages name themselves, people's words are theirs and so is their passport's
# spelling of them, and Babel puts a word of its own before the last of a list.
AS_IT_IS = frozenset(PLAIN_WORD.findall(" ".join([*LANGUAGES.values(), *TYPED, *map(latin, TYPED), "and"])))
# Nobody can hear these: lists of words that are only read, menus, headings, and what other pages say.
NOT_SAID = re.compile(r".*_words|(command|menu|section|web|specimen)\..*")
# No way leads to these any more.
NEVER_SAID = {"choice.picture"}


def steps(way: dict[str, Heard]) -> Iterator[Walk]:
    """The walk as it stands at every stage, from before the greeting until after the permit."""
    walk = begin(PSEUDO_LANGUAGE)
    walk.case = replace(walk.case, consent=None, greeted=False)
    yield walk
    for heard in (Opened(PSEUDO_LANGUAGE), Pressed("consent:no"), Pressed("consent:yes")):
        walk.hear(heard)
        yield walk
    while walk.stage != "review":
        walk.hear(way.get(walk.stage) or ANSWERS[walk.stage])
        yield walk
    for heard in (Pressed("do:person"), GivenBack(), Pressed("do:submit")):
        walk.hear(heard)
        yield walk


@cache
def all_said() -> tuple[Said, ...]:
    """All that is said on these ways, and at every stage all that could be said there."""
    said: list[Said] = []
    stages: set[str] = set()
    for way in WAYS:
        for walk in steps(way):
            said += walk.turns[-1].said
            if walk.stage not in stages:
                said += whatever_is_heard(walk)
        stages |= {turn.stage for turn in walk.turns}
    return tuple(said)


def whatever_is_heard(walk: Walk) -> Iterator[Said]:
    """What is said to everything that can be heard where this walk stands, to some of it twice."""
    for heard in EVERYTHING:
        once = glance(walk.case, heard, PERMIT)
        yield from once.said
        if once.case.proposal:
            for then in (
                heard,
                Typed(pseudo("yes")),
                Typed(pseudo("no")),
                Typed("2"),
                Pressed(f"ok:{walk.stage}:0"),
                *TAPS,
            ):
                yield from glance(once.case, then, PERMIT).said
        elif isinstance(heard, Typed):
            # After three answers that cannot be taken, and after five wrong references, something else is said.
            yield from glance(replace(walk.case, tries=2, look_ups=5), heard, PERMIT).said


def leaks(words: str) -> set[str]:
    """The words that are not accented, and should be."""
    return set(PLAIN_WORD.findall(words.replace(REFERENCE, ""))) - AS_IT_IS


def test_everything_that_is_said_goes_through_the_catalogs() -> None:
    for said in all_said():
        dressed = dress(said, WORDS, PSEUDO_LANGUAGE)
        rows = [word for label, value, _ in dressed.rows for word in (label, value)]
        for words in (dressed.text, *rows, *(label for _, label in dressed.buttons)):
            assert not leaks(words), words


def test_a_button_that_was_tapped_is_told_in_words_of_the_language() -> None:
    presses = {button.press for said in all_said() for button in said.buttons}
    presses |= {row.press for said in all_said() for row in said.rows}
    told = {press: WORDS.say(label_of(press), PSEUDO_LANGUAGE) for press in presses}
    assert {press: words for press, words in told.items() if leaks(words) or words == press} == {}


def test_menus_and_the_page_of_the_web_chat_go_through_the_catalogs() -> None:
    for text in (*MENU.values(), *PAGE.values()):
        assert not leaks(re.sub(r"\{\w+\}", "", WORDS.raw(text, PSEUDO_LANGUAGE))), text.name


def test_these_walks_leave_no_sentence_unsaid() -> None:
    with (LOCALES / "messages.pot").open("rb") as file:
        names = {message.context for message in read_po(file) if message.context}
    unsaid = names - {name for said in all_said() for name in names_in(said)}
    assert {name for name in unsaid if not NOT_SAID.fullmatch(name)} == NEVER_SAID


def names_in(said: Said) -> set[str]:
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

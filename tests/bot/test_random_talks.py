"""Random talks: whatever thousands of travellers write, tap, send and leave out, the rules of the dialogue hold."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

import locales
from bot.case import Case, keep, recall
from bot.certificates.verdict import Event, Subject, Verdict
from bot.commands import COMMAND_WORDS, LABELS, find_command
from bot.declaration.journey import Journey
from bot.declaration.proof import PHOTO_TROUBLES
from bot.declaration.questions import BY_ID, QUESTIONS
from bot.dialogue import Turn, take_turn
from bot.documents.photo_reading import PhotoReading
from bot.following import RESTART
from bot.messages import (
    PRESS_LIMIT,
    GivenBack,
    Heard,
    Opened,
    Pictured,
    Pressed,
    Said,
    Strange,
    Typed,
    keep_said,
    recall_said,
)
from bot.permit.permit import Permit
from bot.permit.reference import make_reference, read_reference
from bot.sentences import PERMIT_READY, REVIEW
from bot.stages import OK, current_question, journey_of, stage_of
from bot.summary import EDIT, kept_rows
from bot.words.catalog import LANGUAGES, PSEUDO_LANGUAGE, load_words
from bot.words.text import keep as keep_value
from bot.world import World

TALKS = 1_200
LONGEST_TALK = 80
# How much of what a traveller says is an answer; without order nobody comes to the end.
OBEDIENCE = (0.5, 0.8, 0.93, 0.98)
CORES = 2
SEED = 20261120
WORDS = load_words(Path(locales.__path__[0]))
SPOKEN = (*LANGUAGES, PSEUDO_LANGUAGE)
BEGINNING = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
STAGES = {"consent", "declined", "review", "permit", "person", *BY_ID}

Some = tuple[str, ...]


def _days_on(least: int, most: int) -> Callable[[random.Random, date], str]:
    """A day between so many days from today, as people write it."""

    def day(chance: random.Random, today: date) -> str:
        chosen = today + timedelta(days=chance.randint(least, most))
        return chosen.strftime(chance.choice(("%Y-%m-%d", "%d %B %Y", "%d.%m.%Y", "%d/%m/%y", "%B %d, %Y")))

    return day


# What somebody may well write to each question; most of it is right.
WRITTEN: Mapping[str, Some | Callable[[random.Random, date], str]] = {
    "entrant_class": (
        "tourist",
        "2",
        "Highly skilled worker",
        "business",
        "family",
        "crew",
        "transit",
        "viet kieu",
        "7",
    ),
    "nationality": ("Germany", "한국", "FR", "🇯🇵", "Vietnam", "Nederlands", "the states", "Austrlia", "Congo"),
    "purpose": ("visit", "live there", "3", "studdy", "Medical care", "６"),
    "host": ("Viet Duc University, Ho Chi Minh City", "VDU", "Bệnh viện Chợ Rẫy"),
    "relative": ("Nguyễn Thị Hoa, my wife", "my brother"),
    "arrival_date": _days_on(0, 400),
    "port": (
        "Noi Bai",
        "SGN",
        "Moc Bai",
        "Hai Phong",
        "Hữu Nghị",
        "Saigon",
        "Da Nang",
        "2",
        "Lao Cai",
        "port of Vung Tau",
    ),
    "flight": ("VN 30", "from Doha QR 976, then vn 1544", "LH-782", "30"),
    "vehicle": ("on foot", "51F-123.45", "Sapaco bus"),
    "vessel": ("Ocean Star", "MS Europa 2"),
    "departure_date": _days_on(20, 500),
    "destination": ("Laos", "Cambodia", "AU"),
    "name": ("Mia Keller", "Jean-Luc O’Neill", "Nguyễn Thị Hoa", "王小明", "Erika Müller", "Sukarno", "Анна Каренина"),
    "name_latin": ("yes", "KELLER MIA", "MUELLER<<ERIKA", "ja"),
    "birth_date": _days_on(-30_000, 40),
    "sex": ("female", "m", "X", "3"),
    "passport_number": ("C01X00T47", "b 123 456-7", "passport no. P7654321", "АВ1234567"),
    "passport_issued": _days_on(-3_000, 10),
    "passport_expires": _days_on(-30, 4_500),
    "contact": ("+49 151 23456789", "mia@example.org", "0084 90 123 45 67", "0151 23456789"),
    "address": ("Hotel Metropole, 15 Ngô Quyền, Hà Nội", "12 Main Street", "a friend's house", "Resort Nha Trang"),
    "province": ("Đà Nẵng", "Hanoi", "3", "Quang Nin", "Khanh Hoa"),
    "minors": ("0", "none", "2", "٣", "4️⃣"),
    "minors_named": ("Mia Keller, 3 March 2018\nTom Keller, 1.1.2020",),
    "countries": ("Thailand, Laos", "Germany", "DE, FR and Italy", "Thailnd"),
    "symptoms": ("none", "fever, cough", "no", "2", "fever, coughh"),
    "exposure": ("no", "yes", "nope", "1"),
    "certificate": ("none", "paper", "yellow card", "no", "1"),
    "vaccine_disease": ("covid", "Yellow fever", "polio", "4"),
    "vaccine_product": ("Comirnaty", "Stamaril"),
    "vaccine_doses": ("2", "three", "٣"),
    "vaccine_last": _days_on(-900, 5),
}
WRONG = (
    *("", " ", "?", "yes", "no", "1", "2", "99", "-1", "0", "१२", "𝟙𝟚", "=1+1", "\x00", "\u202eabc", "a" * 3_000),
    *("31.02.2026", "03/04/2026", "12/2569", "http://x.example", "{x.__class__}", "{0}", "<b>bold</b>"),
)
PRESSES = (
    *("", ":", "do:", "do:nothing", "do:language-xx", "ok:", "ok:name", "ok:name:", "ok:name:9999999999999999"),
    *("ok:name:-1", "ok:port:٣", "edit:", "edit:nobody", "consent:", "consent:maybe", "purpose:fly", "port:"),
    *("minors:21", "certificate:verified", "symptoms:none:none", "arrival_date:yesterday", "name:yes", "\ud800"),
)
KINDS = ("voice", "video", "sticker", "edited", "place", "contact", "other", "poll")
STARTS = (None, "", "lang-vi", "lang-xx", "port-noi-bai", "lang-vi_port-noi-bai", "port-nowhere", "_-_-", "x" * 64)
NAMES = (Subject("Keller", "Mia", "KELLER", "MIA", "1990-05-14"), Subject("Other", "Person", birth_date="1985"), None)


@dataclass
class Talk:
    """One conversation, what was ever shown in it, and what must still be true at its end."""

    chance: random.Random
    obedience: float
    now: datetime
    case: Case
    presses: dict[str, None] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    reviewed: object = None
    permits: dict[int, Permit] = field(default_factory=dict)
    story: list[object] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What stood before a turn, and what was heard in it."""

    case: Case
    heard: Heard
    world: World
    journey: Journey


@dataclass
class Figures:
    """What was reached over all talks; the references issued, to which talks may refer."""

    turns: int = 0
    permits: int = 0
    stages: set[str] = field(default_factory=set)
    issued: dict[str, Permit] = field(default_factory=dict)
    rendered: set[str] = field(default_factory=set)


def arbitrary(chance: random.Random) -> str:
    """Any text at all: every plane, half characters, marks, digits of every script."""
    most = chance.choice((0x7F, 0x3000, 0xFFFF, 0x10FFFF))
    return "".join(chr(chance.randint(0, most)) for _ in range(chance.choice((1, 3, 12, 60))))


def reading(chance: random.Random) -> PhotoReading:
    """What a photo may have brought."""
    trouble = chance.choice((*PHOTO_TROUBLES, None, None, None, None))
    if trouble not in (None, "unknown_code"):
        return PhotoReading(trouble)
    outcome = "unreadable" if trouble else chance.choice(("verified", "unverified"))
    event = Event("vaccination", dose=2, doses=2, date=chance.choice(("2026-01-02", "2026", "")))
    return PhotoReading(
        trouble,
        Verdict(
            outcome,
            "ok" if outcome == "verified" else "issuer_unknown",
            "hcert",
            subject=chance.choice(NAMES),
            events=(event,) * chance.randint(0, 2),
            expires_at=chance.choice((None, BEGINNING)),
            validity=chance.choice(("valid", "expired", "not_yet_valid")),
        ),
        picture=b"jpeg",
    )


def answer(talk: Talk) -> Heard:
    """An answer to the question at hand, written or tapped; at other places what leads on."""
    world = World(talk.now, "", WORDS)
    chance, question = talk.chance, current_question(talk.case, journey_of(talk.case, world))
    if talk.case.with_person:
        return Pressed("do:resume")
    if talk.case.consent is None:
        return chance.choice((Pressed("consent:yes"), Typed("ok")))
    if talk.case.permit:
        return Pressed("do:new")
    if question is None:
        return chance.choice((Pressed("do:submit"), Typed("submit"), Typed("yes")))
    if question.id == "certificate" and chance.random() < 0.5:
        return Pictured(f"{chance.getrandbits(128):032x}", reading(chance))
    own = [press for press in talk.fresh if press.startswith((f"{question.id}:", f"{OK}:{question.id}:"))]
    if own and chance.random() < 0.5:
        return Pressed(chance.choice(own))
    written = WRITTEN[question.id]
    return Typed(written(chance, world.today) if callable(written) else chance.choice(written))


def whim(talk: Talk, figures: Figures) -> Heard:
    """Anything but an answer."""
    chance = talk.chance
    match chance.randrange(14):
        case 0 | 1:
            return Typed(chance.choice(WRONG))
        case 2:
            return Typed(arbitrary(chance))
        case 3 | 4 | 5:
            return Pressed(chance.choice((*talk.presses, PRESSES[0])))
        case 6:
            return Pressed(chance.choice((*PRESSES, arbitrary(chance)[:16])))
        case 7:
            return Typed(chance.choice((*COMMAND_WORDS, "/start over", "Language VI", "language english", "quay lại")))
        case 8:
            return Pressed(f"do:{chance.choice((*COMMAND_WORDS, *LABELS, *(f'language-{one}' for one in SPOKEN)))}")
        case 9:
            return Pictured(f"{chance.getrandbits(128):032x}", reading(chance))
        case 10:
            return Strange(chance.choice(KINDS))
        case 11:
            return Opened(chance.choice((None, "vi", "de", "zz")), chance.choice(STARTS))
        case 12:
            return GivenBack()
        case _:
            known = chance.choice((*list(figures.issued)[-3:], make_reference(chance.randrange)))
            return Typed(
                chance.choice((known, known.lower().replace("-", " "))) + chance.choice(("", " C01X00T47", " X1"))
            )


def may_change(step: Step, command: str | None) -> set[str]:
    """The questions whose answers this message may give or change; dropping all of them is another matter."""
    heard, question = step.heard, current_question(step.case, step.journey)
    if isinstance(heard, Opened):
        return {"port"} - set(step.case.answers)
    if isinstance(heard, Pictured) or command == "skip":
        return {"certificate"}
    if command == "submit" and isinstance(heard, Typed) and step.case.proposal:
        # "Confirm" was typed: that can only mean what was proposed last, and only if that was one thing.
        return {step.case.proposal.question} if len(step.case.proposal.answers) == 1 else set()
    if command or not isinstance(heard, Typed | Pressed):
        return set()
    if isinstance(heard, Typed):
        return {question.id} if question else set()
    head, _, rest = heard.press.partition(":")
    return {rest.partition(":")[0] if head == OK else head}


def through_json(case: Case) -> Case:
    """The case as it comes back from the memory, which keeps half characters as they came."""
    return recall(json.loads(json.dumps(keep(case), ensure_ascii=False)))


def check_words(said: Said, figures: Figures) -> None:
    """A message survives its keeping, fits its channels, and can be said in every language."""
    kept = json.dumps(keep_said(said), ensure_ascii=False)
    if kept in figures.rendered:
        return
    figures.rendered.add(kept)
    assert recall_said(json.loads(kept)) == said
    assert said.lines
    for value in (*said.lines, *(button.label for button in said.buttons), *(row.label for row in said.rows)):
        if (name := repr(value)) not in figures.rendered:
            figures.rendered.add(name)
            assert all(WORDS.say(value, language).strip() for language in SPOKEN)
    for row in said.rows:
        assert all(WORDS.say(row.value, language) for language in SPOKEN)
    for press in presses_of(said):
        assert 0 < len(press.encode()) <= PRESS_LIMIT


def presses_of(said: Said) -> tuple[str, ...]:
    """All that can be tapped in a message."""
    return (*(button.press for button in said.buttons), *(row.press for row in said.rows))


def check_answers(step: Step, turn: Turn, command: str | None) -> None:
    """No accepted answer is lost or changed but by an answer, a restart, a new declaration or a refusal to begin."""
    before, after, journey = step.case, turn.case, step.journey
    agrees = isinstance(step.heard, Typed) and before.proposal and before.proposal.question == RESTART
    refuses = before.consent is None and after.declined
    if command in ("restart-yes", "new") or ((agrees or refuses) and not after.answers):
        assert after.answers == {} or after.answers == before.answers
        return
    assert before.answers.keys() <= after.answers.keys()
    touched = {name for name, value in after.answers.items() if before.answers.get(name) != value}
    assert len(touched) <= 1
    assert touched <= may_change(step, command)
    later = journey_of(after, step.world) if touched else journey
    assert turn.stage == stage_of(after, later)
    for question in later.path:
        if question.id in journey.answers and question.id not in touched and question.id not in later.answers:
            # It is asked again only because it no longer goes with the answer that was changed.
            assert question.objects(journey.answers[question.id], later.answers, step.world.today)


def check_permit(talk: Talk, step: Step, turn: Turn) -> None:
    """A permit is issued once, after consent, for just what the traveller saw on the review."""
    before = step.case
    if turn.issued is None:
        assert turn.case.permit == before.permit or turn.case.permit is None
        return
    assert before.consent
    assert before.permit is None
    assert turn.issued.declaration == turn.case.declaration not in talk.permits
    assert turn.issued.reference == turn.case.permit.reference == step.world.spare_reference
    assert turn.issued.snapshot["summary"] == talk.reviewed
    assert not step.journey.missing
    assert any(line.text == PERMIT_READY for said in turn.said for line in said.lines)
    json.dumps(turn.issued.snapshot)


def check_turn(talk: Talk, step: Step, turn: Turn, figures: Figures) -> None:
    """Everything that must be true of one turn."""
    heard, before, after = step.heard, step.case, turn.case
    speaks = isinstance(heard, Typed | Pressed) and after != before
    command = find_command(heard, before.language, WORDS) if speaks else None
    assert after == before or through_json(after) == after
    for said in turn.said:
        check_words(said, figures)
    if before.with_person and not isinstance(heard, GivenBack) and command != "resume":
        assert (after, turn.said) == (before, ())
    if before.consent:
        assert after.consent == before.consent
    elif isinstance(heard, Pictured):
        assert turn.unwanted == (heard.photo,)
    assert after.declaration in (before.declaration, before.declaration + bool(command == "new" and before.permit))
    assert turn.flags == tuple(sorted(turn.flags))
    check_answers(step, turn, command)
    check_permit(talk, step, turn)


def take(talk: Talk, heard: Heard, figures: Figures) -> None:
    """One turn of the talk, checked and remembered."""
    chance = talk.chance
    reference = read_reference(heard.text) if isinstance(heard, Typed) else None
    found = figures.issued.get(reference) if reference else None
    world = World(talk.now, make_reference(chance.randrange), WORDS, found)
    talk.story.append((talk.now, heard))
    turn = take_turn(talk.case, heard, world)
    check_turn(talk, Step(talk.case, heard, world, journey_of(talk.case, world)), turn, figures)
    if chance.random() < 0.02:
        assert take_turn(through_json(talk.case), heard, world) == turn
    talk.case = turn.case
    figures.turns += 1
    figures.stages.add(turn.stage)
    for said in turn.said:
        remember(talk, said, world)
    if turn.issued:
        talk.permits[turn.issued.declaration] = turn.issued
        figures.issued[turn.issued.reference] = turn.issued


def remember(talk: Talk, said: Said, world: World) -> None:
    """What was shown, for the turns that follow; a review shows just what is declared."""
    talk.fresh = presses_of(said)
    talk.presses |= dict.fromkeys(talk.fresh)
    if any(line.text == REVIEW for line in said.lines):
        talk.reviewed = kept_rows(journey_of(talk.case, world))
        shown = [(row.press, keep_value(row.value)) for row in said.rows]
        assert shown == [(f"{EDIT}:{row['question']}", row["value"]) for row in talk.reviewed]


def one_talk(number: int, figures: Figures) -> None:
    """A whole talk; what was heard in it is told if a rule is broken."""
    chance = random.Random(f"{SEED}/{number}")
    start = BEGINNING + timedelta(hours=chance.randrange(10_000))
    talk = Talk(chance, chance.choice(OBEDIENCE), start, Case(chance.choice((*SPOKEN, "en"))))
    try:
        for _ in range(chance.randint(5, LONGEST_TALK)):
            heard = answer(talk) if chance.random() < talk.obedience else whim(talk, figures)
            take(talk, heard, figures)
            if chance.random() < 0.1:
                take(talk, heard, figures)
            talk.now += chance.choice((*[timedelta(seconds=3)] * 30, timedelta(days=chance.randint(1, 60))))
    except Exception as wrong:
        wrong.add_note(f"talk {number}:\n" + "\n".join(map(repr, talk.story)))
        raise
    assert sorted(talk.permits) == list(range(1, len(talk.permits) + 1))
    figures.permits += len(talk.permits)


def some_talks(numbers: range) -> Figures:
    """Many talks one after the other."""
    figures = Figures()
    for number in numbers:
        one_talk(number, figures)
    figures.rendered.clear()
    return figures


def test_whatever_travellers_do_the_rules_of_the_dialogue_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with ProcessPoolExecutor(CORES, get_context("spawn")) as processes:
        halves = list(processes.map(some_talks, [range(core, TALKS, CORES) for core in range(CORES)]))
    turns, permits = sum(half.turns for half in halves), sum(half.permits for half in halves)
    stages = set().union(*(half.stages for half in halves))
    asked = stages & set(BY_ID)
    with capsys.disabled():
        print(
            f"\nrandom talks: {TALKS:,} talks, {turns:,} turns, {permits:,} permits, "
            f"questions reached {len(asked)} of {len(QUESTIONS)}, stages {len(stages)} of {len(STAGES)}"
        )
    assert stages == STAGES
    assert len({reference for half in halves for reference in half.issued}) == permits


def test_every_question_has_something_that_may_be_written() -> None:
    assert set(WRITTEN) == set(BY_ID)

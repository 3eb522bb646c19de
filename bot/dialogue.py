"""The dialogue: a case and what was heard give the next case and what is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot import passport
from bot import sentences as say
from bot.answering import Answered, change, confirm, hear_answer, keep_certificate
from bot.case import Case, Consent
from bot.commands import find_command
from bot.declaration.choices import NO_WORDS, YES_WORDS
from bot.declaration.gates import PORTS
from bot.declaration.question import Question
from bot.declaration.questions import BY_ID
from bot.doubts import PERSON_ASKED, flags_of
from bot.following import RESTART, follow
from bot.issuing import record
from bot.look_up import look_up
from bot.messages import GivenBack, Heard, Opened, Pictured, Pressed, Said, Strange, Typed
from bot.permit.permit import Permit
from bot.stages import OK, current_question, greeting, journey_of, present, stage_of
from bot.summary import EDIT
from bot.words.catalog import LANGUAGES, fold
from bot.world import World

CERTIFICATE = BY_ID["certificate"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn leads to.

    `stage` names where the conversation now stands, `flags` why staff should see it, `issued` is the permit if this
    turn issued one, `unwanted` names photos that must not be kept, and `forget` asks to forget all that was heard.
    """

    case: Case
    said: tuple[Said, ...]
    stage: str
    flags: tuple[str, ...]
    issued: Permit | None = None
    unwanted: tuple[str, ...] = ()
    forget: bool = False


def take_turn(case: Case, heard: Heard, world: World) -> Turn:
    """One turn of the conversation. Pure: the same case, message and world always give the same turn."""
    turned, said = _route(case, heard, world)
    journey = journey_of(turned, world)
    issued = record(turned, journey, said, world) if turned.permit != case.permit and turned.permit else None
    unwanted = (heard.photo,) if isinstance(heard, Pictured) and case.consent is None else ()
    forget = turned.declined and not case.declined
    return Turn(turned, said, stage_of(turned, journey), flags_of(turned, journey), issued, unwanted, forget)


def _route(case: Case, heard: Heard, world: World) -> Answered:
    if isinstance(heard, GivenBack):
        return _given_back(case, world)
    if case.with_person:
        return _with_person(case, heard, world)
    if not case.greeted:
        return _greet(case, heard, world)
    match heard:
        case Opened(start=start):
            started = _from_link(case, start)
            notes = (say.WELCOME_BACK(),) if case.consent else ()
            return started, (present(started, world, *notes),)
        case Strange(kind):
            return case, (present(case, world, say.STRANGE.get(kind, say.STRANGE["other"])()),)
        case Pictured():
            return _picture(case, heard, world)
        case Typed() | Pressed():
            command = find_command(heard, case.language, world.words)
            if command == "submit" and case.permit and isinstance(heard, Typed):
                # A second tap is met with silence; a word is not.
                return case, (present(case, world),)
            question = current_question(case, journey_of(case, world))
            if command == "submit" and isinstance(heard, Typed) and question and _proposes_one(case, question):
                # "Confirm" was typed, and what waits to be confirmed is the answer proposed last.
                return confirm(case, question, 0, world)
            if command is not None:
                return follow(case, command, world)
            return _answer(case, heard, world)


def _proposes_one(case: Case, question: Question) -> bool:
    proposal = case.proposal
    return proposal is not None and proposal.question == question.id and len(proposal.answers) == 1


def _greet(case: Case, heard: Heard, world: World) -> Answered:
    greeted = replace(case, greeted=True)
    if isinstance(heard, Opened):
        greeted = _from_link(greeted, heard.start)
    command = find_command(heard, case.language, world.words) if isinstance(heard, Pressed) else None
    if command and command.startswith("language-"):
        greeted = follow(greeted, command, world)[0]
    return greeted, (greeting(greeted, world),)


def _from_link(case: Case, start: str | None) -> Case:
    """A deep link may carry a language and a port of entry: `lang-vi_port-noi-bai`."""
    for part in (start or "").split("_"):
        head, _, value = part.partition("-")
        if head == "lang" and value in LANGUAGES:
            case = replace(case, language=value)
        if head == "port" and "port" not in case.answers and value in PORTS:
            case = replace(case, answers={**case.answers, "port": value})
    return case


def _given_back(case: Case, world: World) -> Answered:
    returned = replace(case, with_person=False, flags=case.flags - {PERSON_ASKED})
    return returned, (present(returned, world, say.PERSON_GONE()),)


def _with_person(case: Case, heard: Heard, world: World) -> Answered:
    """The bot is silent while a person is called, but the traveller can go on alone at any time."""
    command = find_command(heard, case.language, world.words) if isinstance(heard, Typed | Pressed) else None
    if command == "resume":
        returned = replace(case, with_person=False)
        return returned, (present(returned, world, say.PERSON_GONE()),)
    return case, ()


def _picture(case: Case, heard: Pictured, world: World) -> Answered:
    """What a picture brings; one that cannot be used comes back with the place of the trouble marked."""
    turned, (first, *more) = _seen(case, heard, world)
    in_question = turned.proposal is not None and turned.proposal.question == CERTIFICATE.id
    return turned, (replace(first, picture=heard.marked) if heard.marked and in_question else first, *more)


def _seen(case: Case, heard: Pictured, world: World) -> Answered:
    if case.consent is None:
        return case, (present(case, world, say.CONSENT_NO_PHOTO()),)
    if case.permit:
        return case, (present(case, world, say.ALREADY_SUBMITTED()),)
    if heard.reading.mrz is not None and not _shows_certificate(heard):
        return passport.offer(case, heard.reading.mrz, world)
    journey = journey_of(case, world)
    question = current_question(case, journey)
    if question == CERTIFICATE:
        return hear_answer(case, heard, CERTIFICATE, world)
    if heard.reading.zone_unclear and not _shows_certificate(heard):
        return case, (present(case, world, say.PASSPORT_UNCLEAR()),)
    if CERTIFICATE in journey.path:
        return keep_certificate(case, heard, CERTIFICATE, world)
    return case, (present(case, world, say.PICTURE_NOT_NOW()),)


def _shows_certificate(heard: Pictured) -> bool:
    """Whether a certificate was read, or a paper card in the place of one."""
    verdict, paper = heard.reading.verdict, heard.reading.paper
    return (verdict is not None and verdict.outcome != "unreadable") or (paper is not None and paper.is_card)


def _answer(case: Case, heard: Typed | Pressed, world: World) -> Answered:
    if isinstance(heard, Pressed):
        return _press(case, heard.press, world)
    if case.consent is None:
        return _consent_typed(case, heard.text, world)
    if case.proposal and case.proposal.question == RESTART:
        return _restart_typed(case, heard, world)
    looked_up = look_up(case, heard.text, world)
    if looked_up is not None:
        return looked_up
    if case.permit:
        return case, (present(case, world),)
    if zone := passport.pasted_zone(heard.text):
        return passport.offer(case, zone, world)
    if case.proposal and case.proposal.question == passport.PASSPORT:
        return _passport_typed(case, heard, world)
    question = current_question(case, journey_of(case, world))
    if question is not None:
        return hear_answer(case, heard, question, world)
    if fold(heard.text) in world.words.alternatives(YES_WORDS, case.language):
        return follow(case, "submit", world)
    return case, (present(case, world),)


def _restart_typed(case: Case, heard: Typed, world: World) -> Answered:
    """Only a plain yes drops the answers; anything else is heard as if nothing had been asked."""
    if fold(heard.text) in world.words.alternatives(YES_WORDS, case.language):
        return follow(case, "restart-yes", world)
    calm = replace(case, proposal=None)
    if fold(heard.text) in world.words.alternatives(NO_WORDS, case.language):
        return calm, (present(calm, world),)
    return _answer(calm, heard, world)


def _passport_typed(case: Case, heard: Typed, world: World) -> Answered:
    """A plain yes or no is about what was read; anything else answers the question at hand."""
    for choice, words in (("yes", YES_WORDS), ("no", NO_WORDS)):
        if fold(heard.text) in world.words.alternatives(words, case.language):
            return passport.press(case, choice, world)
    return _answer(replace(case, proposal=None), heard, world)


def _consent_typed(case: Case, text: str, world: World) -> Answered:
    if fold(text) in world.words.alternatives(YES_WORDS, case.language):
        return _consent(case, "yes", world)
    if fold(text) in world.words.alternatives(NO_WORDS, case.language):
        return _consent(case, "no", world)
    return case, (present(case, world, *(() if case.declined else (say.CONSENT_FIRST(),))),)


def _consent(case: Case, choice: str, world: World) -> Answered:
    if case.consent is not None:
        return case, ()
    if choice == "yes":
        agreed = replace(case, consent=Consent(say.PRIVACY_VERSION, world.now), declined=False)
        return agreed, (present(agreed, world),)
    declined = replace(case, declined=True, answers={}, proposal=None)
    return declined, (present(declined, world),)


def _press(case: Case, press: str, world: World) -> Answered:
    head, _, rest = press.partition(":")
    if head == "consent" and rest in ("yes", "no"):
        return _consent(case, rest, world)
    if head == passport.PASSPORT:
        return passport.press(case, rest, world)
    named = rest.partition(":")[0] if head == OK else rest if head == EDIT else head
    question = BY_ID.get(named)
    if question is None:
        return case, (present(case, world, say.UNKNOWN_BUTTON()),)
    journey = journey_of(case, world)
    if case.consent is None or case.permit or question not in journey.path:
        return case, (present(case, world, say.OLD_BUTTON()),)
    if head == EDIT:
        reopened = replace(case, reopened=question.id, proposal=None, tries=0)
        return reopened, (present(reopened, world),)
    if head == OK:
        place = rest.rpartition(":")[2]
        return confirm(case, question, int(place) if place.isdecimal() else -1, world)
    if question == current_question(case, journey):
        return hear_answer(case, Pressed(rest), question, world)
    return change(case, question, rest, world)

"""Following: what a command does at whatever place the conversation stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot import sentences as say
from bot.answering import Answered, hear_answer
from bot.case import Case, Issued, Proposal
from bot.commands import command_button
from bot.declaration.journey import before
from bot.doubts import PERSON_ASKED, doubts
from bot.messages import Pressed, Said
from bot.stages import current_question, greeting, journey_of, languages, permit, present
from bot.summary import rows
from bot.words.catalog import language_for
from bot.world import World

# What is proposed when a typed yes would drop all answers; no question has this name.
RESTART = "restart"


def follow(case: Case, command: str, world: World) -> Answered:
    """Carry out a command that `find_command` found."""
    if command.startswith("language-"):
        return _set_language(case, command.removeprefix("language-"), world)
    return _COMMANDS[command](case, world)


def _set_language(case: Case, wanted: str, world: World) -> Answered:
    language = language_for(wanted)
    if language is None:
        return case, (languages(),)
    changed = replace(case, language=language)
    if case.consent is None and not case.declined:
        return changed, (greeting(changed, world),)
    return changed, (present(changed, world, say.LANGUAGE_SET()),)


def _back(case: Case, world: World) -> Answered:
    if case.consent is None or case.permit:
        return case, (present(case, world),)
    journey = journey_of(case, world)
    question = current_question(case, journey)
    earlier = before(journey, question.id if question else None)
    if earlier is None:
        return case, (present(case, world, say.FIRST_QUESTION()),)
    reopened = replace(case, reopened=earlier.id, proposal=None, tries=0)
    return reopened, (present(reopened, world),)


def _edit(case: Case, world: World) -> Answered:
    if case.consent is None or case.permit:
        return case, (present(case, world),)
    journey = journey_of(case, world)
    if current_question(case, journey) is None:
        return case, (present(case, world),)
    answered = rows(journey)
    if not answered:
        return case, (present(case, world, say.NOTHING_TO_EDIT()),)
    buttons = (command_button("resume"),)
    return case, (Said((say.EDIT_WHICH(),), buttons, answered, expects="choice", progress=journey.progress),)


def _keep(case: Case, world: World) -> Answered:
    kept = replace(case, reopened=None, proposal=None, tries=0)
    return kept, (present(kept, world),)


def _skip(case: Case, world: World) -> Answered:
    question = current_question(case, journey_of(case, world))
    if case.consent is None or case.permit or question is None:
        return case, (present(case, world),)
    if question.id == "certificate":
        return hear_answer(case, Pressed("none"), question, world)
    return case, (present(case, world, say.CANNOT_SKIP()),)


def _person(case: Case, _world: World) -> Answered:
    called = replace(case, with_person=True, flags=case.flags | {PERSON_ASKED}, settled=case.settled - {PERSON_ASKED})
    return called, (Said((say.PERSON_CALLED(),), (command_button("resume"),), expects="text"),)


def _status(case: Case, world: World) -> Answered:
    if case.permit:
        return case, (permit(case, world, say.PERMIT_DONE(date=case.permit.at), say.PERMIT_CHANGE()),)
    if case.consent is None:
        return case, (present(case, world),)
    progress = journey_of(case, world).progress
    note = say.STATUS_DRAFT(done=progress.done, left=progress.left)
    return case, (present(case, world, note, say.LOOK_UP_HOW()),)


def _submit(case: Case, world: World) -> Answered:
    if case.consent is None:
        return case, (present(case, world, say.CONSENT_FIRST()),)
    if case.permit:
        return case, ()
    question = current_question(case, journey_of(case, world))
    if question is not None:
        return case, (present(case, world, say.NOT_READY()),)
    submitted = replace(case, permit=Issued(world.spare_reference, world.now), proposal=None, tries=0)
    return submitted, (permit(submitted, world),)


def _restart(case: Case, world: World) -> Answered:
    if case.consent is None or case.permit:
        return case, (present(case, world),)
    asked = replace(case, proposal=Proposal(RESTART, ()))
    buttons = command_button("restart-yes"), command_button("again")
    return asked, (Said((say.RESTART_ASK(),), buttons, expects="choice"),)


def _restart_yes(case: Case, world: World) -> Answered:
    if case.consent is None or case.permit:
        return case, (present(case, world, say.OLD_BUTTON()),)
    fresh = replace(case, answers={}, reopened=None, proposal=None, tries=0)
    return fresh, (present(fresh, world, say.RESTARTED()),)


def _new(case: Case, world: World) -> Answered:
    """A new declaration; what was doubtful about the earlier one stays flagged for staff."""
    if not case.permit:
        return case, (present(case, world),)
    flags = case.flags | doubts(journey_of(case, world))
    fresh = replace(
        case, declaration=case.declaration + 1, answers={}, permit=None, reopened=None, proposal=None, flags=flags
    )
    return fresh, (present(fresh, world, say.NEW_BEGUN()),)


def _stop(case: Case, _world: World) -> Answered:
    return case, (Said((say.STOPPED(),), (command_button("resume"),), expects="text"),)


def _again(case: Case, world: World) -> Answered:
    cleared = replace(case, proposal=None)
    return cleared, (present(cleared, world),)


def _help(case: Case, world: World) -> Answered:
    return case, (present(case, world, say.HELP()),)


def _privacy(case: Case, world: World) -> Answered:
    return case, (present(case, world, say.PRIVACY_LONG(days=world.photo_days, version=say.PRIVACY_VERSION)),)


_COMMANDS: Mapping[str, Callable[[Case, World], Answered]] = {
    "again": _again,
    "back": _back,
    "edit": _edit,
    "help": _help,
    "keep": _keep,
    "language": lambda case, _world: (case, (languages(),)),
    "new": _new,
    "person": _person,
    "privacy": _privacy,
    "restart": _restart,
    "restart-yes": _restart_yes,
    "resume": _again,
    "skip": _skip,
    "status": _status,
    "stop": _stop,
    "submit": _submit,
}

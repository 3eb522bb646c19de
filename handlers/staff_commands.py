"""What staff do from the command line: flagged conversations and permits."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json

from bot.look_up import passport_numbers
from bot.permit.reference import read_reference
from bot.words.catalog import load_words
from bot.words.text import recall
from handlers.service import LOCALES, now, open_memory
from handlers.settings import Settings
from storage import flagged as desk
from storage.audit import Note, write_down
from storage.flagged import FlaggedCase, GiveBack, SettleFlags, StaffAnswer
from storage.memory import Memory
from storage.notices import tell_once
from storage.permits import look_up_permit

DONE, NOT_FOUND = 0, 1


def add_flagged(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao flagged`."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    actions = parser.add_subparsers(dest="action", metavar="action")
    answer = actions.add_parser("answer", help="write to the traveller")
    answer.add_argument("case")
    answer.add_argument("text")
    paper = actions.add_parser("paper", help="what could be read of the paper card; the look is written down")
    paper.add_argument("case")
    back = actions.add_parser("back", help="give the conversation back to the bot")
    back.add_argument("case")
    settle = actions.add_parser("settle", help="take reasons off the list after looking into them")
    settle.add_argument("case")
    settle.add_argument("reasons", nargs="+")
    for action in (answer, paper, back, settle):
        action.add_argument("--as", dest="actor", default=getpass.getuser(), help="whose name the audit log gets")


def flagged(arguments: argparse.Namespace, settings: Settings) -> int:
    """List the flagged conversations, or do something with one."""
    return asyncio.run(_flagged(arguments, settings))


async def _flagged(arguments: argparse.Namespace, settings: Settings) -> int:
    async with open_memory(settings) as memory:
        if arguments.action is None:
            for case in await memory.read(desk.flagged):
                print(_as_json(case) if arguments.json else _as_line(case))
            return DONE
        if arguments.action == "paper":
            return await show_paper(memory, arguments.case, f"staff:{arguments.actor}")
        done = await _act(memory, arguments)
    # Whoever works for this case need not wait for the next look; if this is lost, the look finds it.
    await tell_once(settings.database, "turn" if arguments.action == "back" else "letters", arguments.case)
    print("Done." if done else f"There is no conversation {arguments.case}.")
    return DONE if done else NOT_FOUND


async def _act(memory: Memory, arguments: argparse.Namespace) -> bool:
    case, actor = arguments.case, f"staff:{arguments.actor}"
    match arguments.action:
        case "answer":
            return await memory.write(desk.answer, StaffAnswer(case, arguments.text, actor, now()))
        case "back":
            return await memory.write(desk.give_back, GiveBack(case, actor, now()))
        case _:
            return await memory.write(desk.settle_flags, SettleFlags(case, frozenset(arguments.reasons), actor, now()))


async def show_paper(memory: Memory, case_id: str, actor: str) -> int:
    """Print what could be read of a case's paper card, and write the look down; NOT_FOUND if there is none."""
    paper = await memory.read(desk.paper_of, case_id)
    if paper is None:
        print(f"No paper card was read for {case_id}.")
        return NOT_FOUND
    await memory.write(write_down, Note(now(), actor, "paper_viewed", case_id))
    # Numbers are those of the boxes on the picture.
    for number, line in enumerate(paper.lines, 1):
        found = "; ".join(f"{field.kind}: {field.value}" for field in paper.fields if field.line == number - 1)
        print(f"{number:3}  {line.text}" + (f"  [{found}]" if found else ""))
    return DONE


def _as_line(case: FlaggedCase) -> str:
    since = f"{case.since:%Y-%m-%d %H:%M}" if case.since else "-"
    person = "a person is called" if case.with_person else f"at {case.question or 'the start'}"
    return f"{case.case_id}  {since}  {case.language:<6} {case.channel or '-':<9} {' '.join(case.flags)}  ({person})"


def _as_json(case: FlaggedCase) -> str:
    return json.dumps(
        {
            "case": case.case_id,
            "flags": list(case.flags),
            "since": case.since.isoformat() if case.since else None,
            "language": case.language,
            "with_person": case.with_person,
            "channel": case.channel,
            "question": case.question,
        }
    )


def add_permit(parser: argparse.ArgumentParser) -> None:
    """Arguments of `khaibao permit`."""
    parser.add_argument("reference")
    parser.add_argument("passport", help="the passport number; without the right one nothing is shown")


def permit(arguments: argparse.Namespace, settings: Settings) -> int:
    """Show a permit, given its reference and the passport number."""
    return asyncio.run(_permit(arguments, settings))


async def _permit(arguments: argparse.Namespace, settings: Settings) -> int:
    reference = read_reference(arguments.reference)
    async with open_memory(settings) as memory:
        numbers = passport_numbers(arguments.passport)
        found = await memory.read(look_up_permit, reference, numbers) if reference else None
        if found is None:
            print("No permit fits that reference and passport number.")
            return NOT_FOUND
        actor = f"staff:{getpass.getuser()}"
        await memory.write(write_down, Note(now(), actor, "permit_viewed", found.case_id))
    shown, words = found.permit, load_words(LOCALES)
    print(f"{shown.reference}  issued {shown.issued_at:%Y-%m-%d %H:%M} UTC  {shown.snapshot['conditions']['outcome']}")
    for row in shown.snapshot["summary"]:
        print(f"  {words.say(recall(row['label']), 'en')}: {words.say(recall(row['value']), 'en')}")
    return DONE

"""The command line: `khaibao serve`, and everything else an operator does."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import NoReturn

from handlers import doctor, keeping_commands, mrz_command, staff_commands, trust_command, verify_command, words_command
from handlers.channels.channel import CannotOpen
from handlers.life import Role
from handlers.logs import open_logs
from handlers.serving import CannotServe, Part, serve
from handlers.settings import PREFIX, Settings, WrongSettings, load_settings
from handlers.supervisor import supervise
from storage.archive import BackupTrouble
from storage.engines import WrongAddress
from storage.faults import MemoryFault
from storage.keys import KeyTrouble
from storage.lock import AlreadyHeld
from storage.migrate import migrate
from storage.rotation import RotationTrouble

WRONG_USE = 2
# More processes than that have other limits than cores, such as the connections of the database.
MOST_PROCESSES = 64


def main() -> None:
    """Run one command; a sentence on standard error and status 2 when it cannot be begun."""
    arguments = _parser().parse_args()
    try:
        settings = load_settings()
        status = arguments.run(arguments, settings)
    except WrongAddress as wrong:
        _give_up(f"{PREFIX}DATABASE_URL: {wrong}")
    except (WrongSettings, AlreadyHeld, CannotOpen, CannotServe, KeyTrouble, BackupTrouble, RotationTrouble) as wrong:
        _give_up(str(wrong))
    except MemoryFault as fault:
        _give_up(f"the database: {fault}")
    except OSError as wrong:
        _give_up(f"{wrong.strerror or wrong}{f': {wrong.filename}' if wrong.filename else ''}")
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="khaibao", description="The entry declaration as a conversation.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], tells: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=tells, description=tells)
        added.set_defaults(run=run)
        return added

    _add_serve(command("serve", _serve, "start the whole service, or a part of it"))
    command("migrate", _migrate, "bring the database's tables up to date")
    keeping_commands.add_backup(
        command("backup", keeping_commands.backup, "copy database and photos into one archive, while the service runs")
    )
    keeping_commands.add_restore(
        command("restore", keeping_commands.restore, "restore an archive into an empty home and database")
    )
    keeping_commands.add_rotate_keys(
        command("rotate-keys", keeping_commands.rotate_keys, "seal everything with a new key, while the service runs")
    )
    command("purge", keeping_commands.purge, "remove the photos whose day has come, once")
    command("doctor", doctor.run, "say what is there, what is missing, and what to do about it")
    verify_command.add_to(
        command("verify", verify_command.run, "check the certificates in pictures, documents and text files")
    )
    mrz_command.add_to(command("mrz", mrz_command.run, "read the machine readable lines of passports in pictures"))
    trust_command.add_to(command("trust", trust_command.run, "lists of trusted keys: import, list, show, withdraw"))
    words_command.add_to(command("words", words_command.run, "extract and check the sentences"))
    staff_commands.add_flagged(command("flagged", staff_commands.flagged, "list and answer flagged conversations"))
    staff_commands.add_permit(
        command("permit", staff_commands.permit, "show a permit by reference and passport number")
    )
    return parser


def _add_serve(parser: argparse.ArgumentParser) -> None:
    tells = "how many processes share the port; more than one need PostgreSQL"
    parser.add_argument("--processes", type=_how_many, default=1, metavar="N", help=tells)
    tells = (
        "what the processes do: all of it, or on PostgreSQL only take in and serve pages (web), or the rest (worker)"
    )
    parser.add_argument("--role", type=Role, choices=tuple(Role), default=Role.ALL, help=tells)
    # The supervisor starts each of its processes with a name.
    parser.add_argument("--supervised", default="", help=argparse.SUPPRESS)


def _how_many(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MOST_PROCESSES):
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_PROCESSES} is wanted")
    return int(text)


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    open_logs()
    part = Part(arguments.role, arguments.supervised)
    if arguments.processes > 1:
        asyncio.run(supervise(settings, part, arguments.processes))
    else:
        asyncio.run(serve(settings, part))
    return 0


def _migrate(_arguments: argparse.Namespace, settings: Settings) -> int:
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrate(settings.database)
    print("The tables are up to date.")
    return 0


def _give_up(sentence: str) -> NoReturn:
    print(f"khaibao: {sentence}", file=sys.stderr)
    sys.exit(WRONG_USE)

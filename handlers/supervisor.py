"""The supervisor: starts several processes on one port, starts again what dies, and lets all stop in good order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from uuid import uuid4

import structlog

from handlers.house import STOP_SECONDS
from handlers.metrics import SHARED_FOLDER
from handlers.service import keys_of
from handlers.serving import READY, CannotServe, NeedsPostgres, Part, announce, has_door
from handlers.settings import PREFIX, Settings
from storage.faults import MemoryFault
from storage.keys import Keyring
from storage.memory import Memory
from storage.migrate import migrate
from storage.processes import end_family

# A process that dies is started again after so many seconds, doubled each time up to the longest.
FIRST_REST = 0.5
LONGEST_REST = 10.0
# One that dies within so many seconds died at once; after so many times in a row something is wrong for good.
AT_ONCE_SECONDS = 20.0
AT_ONCE_TIMES = 5
# Beyond the time limit of a clean stop a process has so long to end.
GRACE_SECONDS = 3.0
# The status of a process that could not begin, and has said why; later that may pass, as a database that is away does.
CANNOT_BEGIN = 2

# Not from the folder that this was called in, whatever lies there.
COMMAND = (sys.executable, "-P", "-c", "from handlers.main import main; main()", "serve")

log = structlog.get_logger()


class DoesNotLive(CannotServe):
    """A process dies again and again, or cannot begin."""


async def supervise(settings: Settings, part: Part, number: int) -> None:
    """Run so many processes of this role until a signal asks to stop; raises DoesNotLive, or NeedsPostgres."""
    if not settings.shares:
        raise NeedsPostgres
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Once here, so that the processes need not wait for each other.
    await asyncio.to_thread(migrate, settings.database)
    keys = await keys_of(settings)
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    counts = Path(mkdtemp(prefix="khaibao-counts-"))
    try:
        with contextlib.ExitStack() as stack:
            port = None
            if has_door(settings, part.role):
                port = stack.enter_context(keep_port(settings.host, settings.port)).getsockname()[1]
            await Crew(settings, keys, part, port, counts).run(number, stop)
    finally:
        rmtree(counts, ignore_errors=True)


def keep_port(host: str, port: int) -> socket.socket:
    """A socket that keeps the port for the processes and takes no connections itself; OSError if others listen."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, kind) as alone:
        # Whoever shares the port would get some of our connections: there must be nobody.
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        alone.bind(address)
        address = alone.getsockname()
    kept = socket.socket(family, kind)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind(address)
    return kept


class Crew:
    """The processes, each of which is started again when it dies."""

    def __init__(self, settings: Settings, keys: Keyring, part: Part, port: int | None, counts: Path) -> None:
        self._settings, self._keys, self._part, self._port = settings, keys, part, port
        self._environment = dict(os.environ) | {SHARED_FOLDER: str(counts)}
        if port is not None:
            self._environment[f"{PREFIX}PORT"] = str(port)
        self._living: set[Process] = set()

    async def run(self, number: int, stop: asyncio.Event) -> None:
        """Keep so many processes alive until asked to stop; DoesNotLive if that cannot be done."""
        opened = [asyncio.Event() for _ in range(number)]
        keeping = [asyncio.create_task(self._keep(event)) for event in opened]
        opening = asyncio.create_task(self._open(opened))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((stopping, *keeping), return_when=asyncio.FIRST_COMPLETED)
            for kept in keeping:
                if kept.done():
                    kept.result()
        finally:
            for task in (opening, stopping, *keeping):
                task.cancel()
            await self._stop()
            await asyncio.gather(opening, *keeping, return_exceptions=True)

    async def _open(self, opened: Sequence[asyncio.Event]) -> None:
        """Say that the service is open, once every process is."""
        for event in opened:
            await event.wait()
        announce(self._settings, self._part.role, self._port)

    async def _keep(self, opened: asyncio.Event) -> None:
        """Start one process again and again."""
        rest, deaths = FIRST_REST, 0
        while True:
            began = time.monotonic()
            status = await self._live(opened)
            if status == CANNOT_BEGIN and not opened.is_set():
                raise DoesNotLive("a process could not begin; it has said why")
            if time.monotonic() - began >= AT_ONCE_SECONDS:
                rest, deaths = FIRST_REST, 0
            deaths += 1
            if deaths >= AT_ONCE_TIMES:
                raise DoesNotLive(f"a process died {deaths} times, each time soon after it was started")
            log.error("process_died", error=f"status {status}", seconds=rest)
            await asyncio.sleep(rest)
            rest = min(2 * rest, LONGEST_REST)

    async def _live(self, opened: asyncio.Event) -> int:
        """Start one process, and wait until it ends; its status."""
        family = f"{uuid4().hex[:8]}-"
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            "--role",
            self._part.role,
            "--supervised",
            family,
            stdin=PIPE,
            stdout=PIPE,
            env=self._environment,
            start_new_session=True,
        )
        self._living.add(process)
        # What it says is for us alone; it ends when the process does.
        while process.stdout and (line := await process.stdout.readline()):
            if line.decode().strip() == READY:
                opened.set()
        status = await process.wait()
        self._living.discard(process)
        end_group(process)
        await self._bury(family)
        return status

    async def _bury(self, family: str) -> None:
        """Free at once what a dead process held; without the database the others take it over in time."""
        memory = Memory.open(self._settings.database, self._keys)
        try:
            await memory.write(end_family, family)
        except MemoryFault as fault:
            log.warning("end_not_told", error=type(fault).__name__)
        finally:
            await memory.close()

    async def _stop(self) -> None:
        """Let every process finish what it holds, within the time limit."""
        living = list(self._living)
        for process in living:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS + GRACE_SECONDS):
                await asyncio.gather(*(process.wait() for process in living))
        for process in living:
            end_group(process)
            await process.wait()


def end_group(process: Process) -> None:
    """End what is left of a process and of those that it started, such as its readers of photos."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

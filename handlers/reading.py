"""Reads photos in worker processes, so that a hostile picture costs one worker and never the service.

Each worker is a process pool of one: a pool of several cannot say which process hangs, and letting a pool renew its
own processes (`max_tasks_per_child`) locks up on Python 3.11. A worker that crashes, hangs or has read its share is
replaced here; whoever waits next gets another one, in the order of asking.
"""

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from bot.certificates.trust import TrustStore, join_stores, load_trust
from bot.documents.photo import PhotoReading, read_photo
from bot.documents.pixels import MAX_BYTES

WORKERS: Final = 2
"""Processes that read photos at the same time."""

TIME_LIMIT: Final = 8.0
"""Seconds for one photo; the ladder stops itself after five, so only a hostile picture gets here."""

START_LIMIT: Final = 60.0
"""Seconds for a worker to start and load its trust lists on a busy machine."""

PHOTOS_PER_WORKER: Final = 200
"""Photos after which a worker is replaced, in case a library leaks."""

TRIES: Final = 3
"""Workers tried for one photo when those that are free have died in the meantime."""

MEMORY_LIMIT: Final = 2 * 1024**3
"""Bytes of address space a worker may take beyond what it has after starting."""

Reader = Callable[[bytes, TrustStore, datetime], PhotoReading]
"""What a worker does with a photo; a function of a module, so that it can be named to another process."""

log = logging.getLogger(__name__)


class ReadingRoomClosed(RuntimeError):  # the name says what happened
    """A photo was handed in after `close`."""


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, and how much it has read; without a process id it has not been started."""

    pool: ProcessPoolExecutor
    pid: int = 0
    photos: int = field(default=0)


class ReadingRoom:
    """Worker processes that read photos, each with the trust lists of the given folders."""

    def __init__(
        self,
        folders: Sequence[Path] = (),
        workers: int = WORKERS,
        time_limit: float = TIME_LIMIT,
        photos_per_worker: int = PHOTOS_PER_WORKER,
        memory_limit: int = MEMORY_LIMIT,
        reader: Reader = read_photo,
    ) -> None:
        self._folders = tuple(folders)
        self._time_limit = time_limit
        self._photos_per_worker = photos_per_worker
        self._memory_limit = memory_limit
        self._reader = reader
        self._workers: set[_Worker] = set()
        self._free: asyncio.Queue[_Worker | None] = asyncio.Queue()
        self._closed = False
        for _ in range(workers):
            self._add_worker()

    async def warm(self) -> None:
        """Start every worker now instead of with its first photo."""
        idle = [worker for worker in (self._free.get_nowait() for _ in range(self._free.qsize())) if worker]
        started = await asyncio.gather(*(self._answers(worker) for worker in idle))
        for worker, sound in zip(idle, started, strict=True):
            self._give_back(worker, sound)

    async def read(self, content: bytes, at: datetime) -> PhotoReading:
        """What the reader finds, or the trouble "timed_out" or "crashed" when its worker had to be given up."""
        if len(content) > MAX_BYTES:
            # Not worth carrying to another process.
            return PhotoReading("too_large")
        worker = await self._take()
        if worker is None:
            return PhotoReading("crashed")
        sound = False
        try:
            worker.photos += 1
            asked = asyncio.wrap_future(worker.pool.submit(_read, content, at))
            reading = await asyncio.wait_for(asked, self._time_limit)
            sound = True
        except TimeoutError:
            log.warning("a photo of %d bytes took too long", len(content))
            return PhotoReading("timed_out")
        except (BrokenProcessPool, MemoryError) as wrong:
            log.warning("a photo of %d bytes brought its worker down: %s", len(content), type(wrong).__name__)
            return PhotoReading("crashed")
        finally:
            # Also when whoever waited was cancelled: the process may still be busy with that photo.
            self._give_back(worker, sound)
        return reading

    async def close(self) -> None:
        """End all workers; photos in work come back as "crashed", those still waiting raise ReadingRoomClosed."""
        self._closed = True
        self._free.put_nowait(None)
        workers, self._workers = self._workers, set()
        for worker in workers:
            _kill(worker)
        await asyncio.gather(*(asyncio.to_thread(worker.pool.shutdown, cancel_futures=True) for worker in workers))

    async def _take(self) -> _Worker | None:
        """The next free worker that answers; None when several in turn did not."""
        for _ in range(TRIES):
            worker = await self._free.get()
            if worker is None or self._closed:
                # Whoever waits behind has to hear of it too.
                self._free.put_nowait(None)
                raise ReadingRoomClosed("the reading room is closed")
            answers = False
            try:
                answers = await self._answers(worker)
            finally:
                if not answers:
                    self._give_back(worker, sound=False)
            if answers:
                return worker
        return None

    async def _answers(self, worker: _Worker) -> bool:
        """Start the process, or make sure that it has not died since its last photo."""
        try:
            asked = asyncio.wrap_future(worker.pool.submit(os.getpid))
            worker.pid = await asyncio.wait_for(asked, START_LIMIT)
        except (BrokenProcessPool, TimeoutError, MemoryError) as wrong:
            log.warning("a reading worker does not answer: %s", type(wrong).__name__)
            return False
        return True

    def _give_back(self, worker: _Worker, sound: bool) -> None:
        """Lay a worker out for the next photo, or put a new one in its place."""
        if self._closed:
            return
        if sound and worker.photos < self._photos_per_worker:
            self._free.put_nowait(worker)
            return
        self._workers.discard(worker)
        _kill(worker)
        worker.pool.shutdown(wait=False, cancel_futures=True)
        self._add_worker()

    def _add_worker(self) -> None:
        pool = ProcessPoolExecutor(
            max_workers=1,
            # A fork would copy the loop, its threads and its open connections into the worker.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=(self._folders, self._memory_limit, self._reader),
        )
        worker = _Worker(pool)
        self._workers.add(worker)
        self._free.put_nowait(worker)


def _kill(worker: _Worker) -> None:
    """End the process at once; one that hangs inside a library does not listen to anything softer."""
    if worker.pid:
        try:
            os.kill(worker.pid, signal.SIGKILL)
        except ProcessLookupError:
            log.debug("reading worker %d had ended", worker.pid)


# Below: what runs inside the worker.

_trust = TrustStore()
_reader: Reader = read_photo


def _prepare(folders: Sequence[Path], memory_limit: int, reader: Reader) -> None:
    """Bound the worker and load its trust lists, once."""
    global _trust, _reader
    _reader = reader
    # Ctrl-C in a terminal reaches the whole group; the service ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _trust = join_stores(*(load_trust(folder) for folder in folders))
    _limit_memory(memory_limit)


def _read(content: bytes, at: datetime) -> PhotoReading:
    return _reader(content, _trust, at)


def _end_with_parent() -> None:
    """End when the service is killed: a worker that waits for its next photo would otherwise wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)


def _limit_memory(beyond: int) -> None:
    """Limit the address space to `beyond` bytes more than it is now; without /proc there is no limit to set."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except FileNotFoundError:
        return
    limit = pages * resource.getpagesize() + beyond
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))

"""Reads photos and files in worker processes, so that a hostile one costs one worker and never the service.

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
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final, Literal, TypeVar

from bot.certificates.trust import TrustStore
from bot.certificates.trust_files import LiveTrust
from bot.documents.photo_reading import MAX_BYTES, PhotoReading

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

Content = TypeVar("Content")

Failure = Literal["too_large", "timed_out", "crashed"]
"""Why a worker did not answer."""

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
        reader: Reader | None = None,
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
        """What the reader finds, or as trouble the failure by which its worker had to be given up."""
        reading = await self.ask(partial(_read, at=at), content)
        return PhotoReading(reading) if isinstance(reading, str) else reading

    async def ask(self, work: Callable[[bytes], Content], content: bytes) -> Content | Failure:
        """What `work`, a function of a module, makes of the content in a worker; or why it did not.

        Within the same limits of bytes, time and memory for every kind of work; what it raises is raised here.
        """
        if len(content) > MAX_BYTES:
            # Not worth carrying to another process.
            return "too_large"
        worker = await self._take()
        if worker is None:
            return "crashed"
        sound = False
        try:
            worker.photos += 1
            asked = asyncio.wrap_future(worker.pool.submit(work, content))
            found = await asyncio.wait_for(asked, self._time_limit)
            sound = True
        except TimeoutError:
            log.warning("a file of %d bytes took too long", len(content))
            return "timed_out"
        except (BrokenProcessPool, MemoryError) as wrong:
            log.warning("a file of %d bytes brought its worker down: %s", len(content), type(wrong).__name__)
            return "crashed"
        finally:
            # Also when whoever waited was cancelled: the process may still be busy with that file.
            self._give_back(worker, sound)
        return found

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

_trust = LiveTrust(())
_reader: Reader | None = None


def _prepare(folders: Sequence[Path], memory_limit: int, reader: Reader | None) -> None:
    """Load the readers of pictures and the trust lists, and bound the worker."""
    global _trust, _reader
    # Ctrl-C in a terminal reaches the whole group; the service ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Only workers need what opens pictures, and it takes as long to load as half of the service.
    import cv2

    from bot.documents.photo import read_photo

    # Several workers that each use all cores only get in each other's way.
    cv2.setNumThreads(1)
    _reader, _trust = reader or read_photo, LiveTrust(folders)
    _trust.now()
    _limit_memory(memory_limit)


def _read(content: bytes, at: datetime) -> PhotoReading:
    if _reader is None:
        raise RuntimeError("the worker was not prepared")
    # An operator may have brought in a list, or withdrawn a key, since the last photo.
    return _reader(content, _trust.now(), at)


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

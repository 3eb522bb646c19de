"""The lock that lets only one process serve from one home."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

LOCK_NAME = "serving.lock"


class AlreadyHeld(Exception):
    """Another process serves from this home."""


@dataclass(slots=True)
class Lock:
    """Held until it is released or the process ends, however it ends."""

    _descriptor: int | None

    def release(self) -> None:
        """Let another process serve; releasing twice does no harm."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def hold(home: Path) -> Lock:
    """The lock of this home; AlreadyHeld if another process has it."""
    descriptor = os.open(home / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyHeld(f"another process serves from {home}") from error
    # Whoever finds it held reads here which process to look for.
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return Lock(descriptor)

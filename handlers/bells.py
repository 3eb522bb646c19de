"""Bells: those who wait for news of a case are told when there is some."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Bells:
    """One bell for each case; ringing it wakes everybody who waits there.

    Once they are `closed` nobody should wait any longer, for the house closes.
    """

    def __init__(self) -> None:
        self.closed = False
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, case_id: str) -> None:
        """There is news of this case."""
        for event in self._waiting.get(case_id, ()):
            event.set()

    def close(self) -> None:
        """Ring every bell, for the last time."""
        self.closed = True
        for case_id in list(self._waiting):
            self.ring(case_id)

    @contextmanager
    def listen(self, case_id: str) -> Iterator[asyncio.Event]:
        """An event that news of this case sets, from now on."""
        event = asyncio.Event()
        self._waiting[case_id].add(event)
        try:
            yield event
        finally:
            self._waiting[case_id].discard(event)
            if not self._waiting[case_id]:
                del self._waiting[case_id]

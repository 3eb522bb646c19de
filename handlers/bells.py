"""Bells: those who wait for news of a case are told when there is some."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Bells:
    """One bell for each case; ringing it wakes everybody who waits there."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, case_id: str) -> None:
        """There is news of this case."""
        for event in self._waiting.get(case_id, ()):
            event.set()

    async def wait(self, case_id: str, seconds: float) -> None:
        """Wait for news of this case, so many seconds at most."""
        event = asyncio.Event()
        self._waiting[case_id].add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[case_id].discard(event)
            if not self._waiting[case_id]:
                del self._waiting[case_id]

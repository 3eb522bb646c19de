"""Rounds: work done for one case at a time, in order, while other cases go on beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Rounds(Generic[T]):
    """Runs `visit(case_id, ready)` for each case that was called, never twice at once for the same case.

    `ready` is what the caller had at hand already, or None where the visit is to look for itself. A call during a
    visit leads to another visit after it, so that nothing which came in meanwhile is overlooked.
    """

    def __init__(self, visit: Callable[[str, T | None], Awaitable[None]]) -> None:
        self._visit = visit
        self._called: set[str] = set()
        self._ready: dict[str, T] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    def call(self, case_id: str, ready: T | None = None) -> None:
        """See to this case as soon as it is not being seen to."""
        if self._closing:
            return
        if ready is None or case_id in self._under_way:
            # A visit under way may have found it already, and with more than one thing at hand their order is that of
            # the rows: the next visit looks for itself.
            self._called.add(case_id)
        else:
            self._ready[case_id] = ready
        if case_id not in self._under_way:
            self._begin(case_id)

    def is_under_way(self, case_id: str) -> bool:
        """Whether somebody sees to this case now."""
        return case_id in self._under_way

    async def close(self, seconds: float) -> None:
        """Take no more calls, and wait so long for what is under way; what is not done by then is found again."""
        self._closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=seconds)
            for task in late:
                task.cancel()

    def _begin(self, case_id: str) -> None:
        task = asyncio.create_task(self._go(case_id))
        self._under_way[case_id] = task
        task.add_done_callback(lambda _: self._end(case_id))

    async def _go(self, case_id: str) -> None:
        while not self._closing:
            if case_id in self._ready:
                await self._visit(case_id, self._ready.pop(case_id))
            elif case_id in self._called:
                self._called.discard(case_id)
                await self._visit(case_id, None)
            else:
                return

    def _end(self, case_id: str) -> None:
        task = self._under_way.pop(case_id)
        if not task.cancelled() and (error := task.exception()):
            loop = task.get_loop()
            loop.call_exception_handler({"message": "a round failed", "exception": error, "task": task})
        if (case_id in self._called or case_id in self._ready) and not self._closing:
            self._begin(case_id)

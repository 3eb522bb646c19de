"""Grouping: what waits is carried together, and what cannot be carried is found and set down alone."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from storage.faults import MemoryFault, MemoryLost, MemoryTangled
from storage.keys import Keyring

I = TypeVar("I")  # noqa: E741 - what goes in
O = TypeVar("O")  # noqa: E741 - what comes out

# A function that does the same for each of several items, in their order, and returns one result for each.
Operation = Callable[[Connection, Keyring, Sequence[I]], Sequence[O]]

# One statement takes 32,766 values on SQLite and 32,767 on PostgreSQL; no operation needs 16 for one item.
GROUP_LIMIT = 1_000

# A patient item goes with whatever is carried next, and after so many seconds by itself.
PATIENCE = 0.005

# How often one item that was tangled up with another process is tried before its caller hears of it.
TANGLED_TRIES = 3


@dataclass(frozen=True, slots=True)
class Ticket:
    """One item that waits for its operation, and the caller who waits for the result."""

    operation: Operation[Any, Any]
    item: Any
    answer: asyncio.Future[Any]


def perform(connection: Connection, keys: Keyring, tickets: Sequence[Ticket]) -> list[Any]:
    """The results of all tickets in their order; each operation is called once, in the order of first arrival."""
    places: dict[Operation[Any, Any], list[int]] = {}
    for place, ticket in enumerate(tickets):
        places.setdefault(ticket.operation, []).append(place)
    results: list[Any] = [None] * len(tickets)
    for operation, mine in places.items():
        answers = operation(connection, keys, [tickets[place].item for place in mine])
        for place, answer in zip(mine, answers, strict=True):
            results[place] = answer
    return results


class Group:
    """Takes all that waits and carries it in one attempt; what arrives meanwhile goes with the next.

    A lone item never waits for company, unless it is patient. When an attempt fails for a reason that lies with an
    item and not with the disk or the connection, its halves are tried, and so on: in the end the bad item alone has
    failed.
    """

    def __init__(self, attempt: Callable[[Sequence[Ticket]], Awaitable[list[Any]]]) -> None:
        self._attempt = attempt
        self._waiting: deque[Ticket] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = False

    async def ask(self, operation: Operation[I, O], item: I, *, patient: bool = False) -> O:
        """The result of the operation for this item; raises what the operation raises, or a MemoryFault."""
        if self._closed:
            raise MemoryLost("the memory is closed")
        answer: asyncio.Future[O] = asyncio.get_running_loop().create_future()
        self._waiting.append(Ticket(operation, item, answer))
        if not patient:
            self._start()
        elif self._runner is None and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(PATIENCE, self._start)
        return await answer

    async def close(self) -> None:
        """Finish what waits and take nothing more."""
        self._closed = True
        self._start()
        if self._runner is not None:
            await self._runner

    def _start(self) -> None:
        """Carry what waits, unless somebody does already."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._runner is None and self._waiting:
            self._runner = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]
            # Somebody who no longer waits was promised nothing.
            await self._carry([ticket for ticket in batch if not ticket.answer.cancelled()])
        self._runner = None

    async def _carry(self, batch: Sequence[Ticket], tries: int = 1) -> None:
        if not batch:
            return
        attempt = asyncio.ensure_future(self._attempt(batch))
        await asyncio.wait((attempt,))
        error = attempt.exception()
        if error is None:
            for ticket, result in zip(batch, attempt.result(), strict=True):
                if not ticket.answer.done():
                    ticket.answer.set_result(result)
        elif isinstance(error, MemoryTangled) and tries < TANGLED_TRIES:
            await self._carry(batch, tries + 1)
        elif isinstance(error, MemoryFault) or len(batch) == 1:
            for ticket in batch:
                if not ticket.answer.done():
                    ticket.answer.set_exception(error)
        else:
            middle = len(batch) // 2
            await self._carry(batch[:middle])
            await self._carry(batch[middle:])

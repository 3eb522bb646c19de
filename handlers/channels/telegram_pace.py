"""The pace of messages: so many a second after a first burst, first come first served, and changeable meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections import deque


class Pace:
    """A token bucket; `rate` is in messages a second, 0 for no limit."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        # A second's worth may go at once, as Telegram counts; and one in any case, however slow the pace.
        self._room = max(1.0, rate)
        self._filled = time.monotonic()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    async def turn(self) -> None:
        """Wait until one more message may go."""
        if not self._waiting and self._take():
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if self._alarm is None:
            self._let_go()
        await mine

    def set_rate(self, rate: float) -> None:
        """From now on this many messages a second, 0 for no limit; it holds for those that wait as well."""
        self._fill()
        self._rate = rate
        self._room = min(self._room, max(1.0, rate))
        if self._waiting:
            self._let_go()

    def _fill(self) -> None:
        """Add the room that has come since it was last looked at."""
        now = time.monotonic()
        self._room = min(max(1.0, self._rate), self._room + (now - self._filled) * self._rate)
        self._filled = now

    def _take(self) -> bool:
        """Whether there is room for one more message, which is then taken."""
        if not self._rate:
            return True
        self._fill()
        if self._room < 1:
            return False
        self._room -= 1
        return True

    def _let_go(self) -> None:
        """Let those go for whom there is room, and look again when there is room for the next."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        # Whoever gave up waiting takes no room.
        while self._waiting and (self._waiting[0].done() or self._take()):
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            seconds = (1 - self._room) / self._rate
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._let_go)

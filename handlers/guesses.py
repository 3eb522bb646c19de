"""Guesses: wrong look-ups of permits in all conversations together, so that a new conversation brings no new tries."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# So many wrong look-ups in an hour are nobody's slips any more. Each process counts its own: of several, each may meet
# as many, which still is nothing against 54 bits of chance and a passport number.
MOST_AN_HOUR = 100
HOUR = 3600.0


class Guesses:
    """The wrong look-ups of the last hour, by the seconds of a clock that nobody sets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: deque[float] = deque(maxlen=MOST_AN_HOUR)

    def add(self) -> None:
        """Somebody named a permit that there is not, or the wrong passport."""
        self._latest.append(self._clock())

    def are_too_many(self) -> bool:
        """Whether nobody may look a permit up for now."""
        return len(self._latest) == MOST_AN_HOUR and self._clock() - self._latest[0] < HOUR

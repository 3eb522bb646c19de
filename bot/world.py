"""The world: what a turn may know of the outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.permit.permit import Permit
from bot.sentences import PHOTO_DAYS
from bot.vietnam import VIETNAM
from bot.words.catalog import Words


@dataclass(frozen=True, slots=True)
class World:
    """The time (aware), a reference not yet used, the words of every language, the permit that a message named.

    `photo_days` is how long photos are kept, as travellers are told. With `guessed_often` permits were looked up
    wrongly so often of late, in whatever conversations, that nobody may look one up for now.
    """

    now: datetime
    spare_reference: str
    words: Words
    found: Permit | None = None
    photo_days: int = PHOTO_DAYS
    guessed_often: bool = False

    @property
    def today(self) -> date:
        """The day in Vietnam."""
        return self.now.astimezone(VIETNAM).date()

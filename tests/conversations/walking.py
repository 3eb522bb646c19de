"""Walks through the dialogue without any channel: what is heard goes straight into turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle

from bot.case import Case
from bot.certificates.verdict import Event, Subject, Verdict
from bot.dialogue import Turn, take_turn
from bot.documents.photo_reading import PhotoReading
from bot.messages import Heard, Opened, Pictured, Pressed, Typed
from bot.permit.permit import Permit
from bot.permit.reference import make_reference
from bot.words.catalog import Words
from bot.world import World

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
_signs = cycle((4, 17, 9, 30, 2, 21))
REFERENCE = make_reference(lambda below: next(_signs) % below)
# No catalog: everything is said in English, or in the invented language.
WORDS = Words({})

ANNA = Subject("Specimen", "Anna Maria", "SPECIMEN", "ANNA<MARIA", "1990-05-14")
VACCINATED = Event("vaccination", dose=2, doses=2, date="2026-03-02")
GENUINE = Pictured("photo", PhotoReading(None, Verdict("verified", "ok", "hcert", subject=ANNA, events=(VACCINATED,))))

# One sensible answer to every question, as short as it honestly can be; a tap where there is something to tap.
ANSWERS: Mapping[str, Heard] = {
    "entrant_class": Pressed("entrant_class:tourist"),
    "nationality": Typed("Germany"),
    "purpose": Pressed("purpose:visit"),
    "host": Typed("Viet Duc University"),
    "relative": Typed("Nguyễn Thị Hoa, my wife"),
    "arrival_date": Typed("2026-12-05"),
    "port": Pressed("port:noi-bai"),
    "flight": Typed("VN 30"),
    "vehicle": Typed("51B-123.45"),
    "vessel": Typed("Pacific Star"),
    "departure_date": Typed("2026-12-20"),
    "destination": Typed("Australia"),
    "name": Typed("Anna Maria Specimen"),
    "name_latin": Pressed("name_latin:yes"),
    "birth_date": Typed("1990-05-14"),
    "sex": Pressed("sex:female"),
    "passport_number": Typed("C01X00T47"),
    "passport_issued": Typed("2021-06-01"),
    "passport_expires": Typed("2031-05-31"),
    "contact": Typed("anna@example.org"),
    "address": Typed("15 Ngô Quyền, Hà Nội"),
    "province": Pressed("province:da-nang"),
    "minors": Pressed("minors:0"),
    "minors_named": Typed("Mia Keller, 2018-03-03"),
    "countries": Pressed("countries:DE"),
    "symptoms": Pressed("symptoms:none"),
    "exposure": Pressed("exposure:no"),
    "certificate": GENUINE,
    "vaccine_disease": Pressed("vaccine_disease:covid-19"),
    "vaccine_product": Typed("Comirnaty"),
    "vaccine_doses": Pressed("vaccine_doses:2"),
    "vaccine_last": Typed("2026-03-02"),
}
ENDS = ("review", "permit", "declined", "person")


@dataclass
class Walk:
    """A traveller who walks on; `asked` are the questions that were at hand, in order."""

    case: Case
    turns: list[Turn] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def stage(self) -> str:
        """Where the conversation stands."""
        return self.turns[-1].stage if self.turns else "consent"

    def hear(self, heard: Heard, found: Permit | None = None) -> Turn:
        """Take a turn and stay where it leads."""
        turn = glance(self.case, heard, found)
        self.case = turn.case
        self.turns.append(turn)
        if turn.stage not in (*ENDS, "consent"):
            self.asked.append(turn.stage)
        return turn


def glance(case: Case, heard: Heard, found: Permit | None = None) -> Turn:
    """What a turn would lead to."""
    return take_turn(case, heard, World(NOW, REFERENCE, WORDS, found))


def begin(language: str) -> Walk:
    """A walk to the first question."""
    walk = Walk(Case(language))
    walk.hear(Opened(language))
    walk.hear(Pressed("consent:yes"))
    return walk


def walk_to_review(language: str, changed: Mapping[str, Heard]) -> Walk:
    """A walk to the review, with answers of its own to some questions."""
    walk = begin(language)
    while walk.stage not in ENDS:
        walk.hear(changed.get(walk.stage) or ANSWERS[walk.stage])
    return walk

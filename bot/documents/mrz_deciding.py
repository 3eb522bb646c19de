"""Decides what a zone says, from the chances of every sign at every place and the check digits together.

Readings in which all check digits are right are compared with each other. Only a clear lead counts: where the second
best reading is nearly as likely, the places in which the two differ are named as doubtful.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy

from bot.documents.mrz import Mrz, parse_zone
from bot.documents.mrz_layout import (
    ALLOWED,
    CAPITALS,
    DIGITS,
    FILLER,
    CheckSpan,
    Layout,
    sign_value,
    weights,
    with_long_number,
)
from bot.documents.mrz_letters import CHARACTERS, Opinions
from bot.documents.mrz_values import read_zone_date

LEAD = 3.0
"""By so much (natural logarithm of the odds) the best reading must lead: 20 to 1."""

LEAD_UNCHECKED = 1.6
"""The same for a letter that no check digit covers; the traveller sees those in any case."""

FURTHEST = 6.0
"""So much less likely than what the network saw first may a reading be that the check digits ask for."""

FAINTEST = -4.0
"""A sign that the network thought less likely than this (natural logarithm) is doubtful wherever it stands."""

FAINTEST_CHECKED = -2.5
"""The same where check digits ask for the sign; more than that is not bent to make them right."""

_SIGNS_TRIED = 4
_READINGS = 6
_COMPARED = 60

Reading = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """A zone as decided, and how far its reading leads the next one."""

    mrz: Mrz
    lead: float
    agreed: bool
    """Whether all check digits are right."""
    clear: float
    """How likely the signs of the zone are on the whole: the mean of their chances, 0 to 1."""


def decide(layout: Layout, chances: Opinions) -> Decided:
    """The most likely zone of this layout; `chances` are logarithms, one row for a place and a column for a sign."""
    likely = _first_seen(layout, chances)
    layout = with_long_number(layout, likely)
    groups = [check for check in layout.checks if check.name != "composite"]
    composite = next((check for check in layout.checks if check.name == "composite"), None)
    choices = [_readings(layout, check, chances) for check in groups]
    loose = _loose_places(composite, groups)
    if loose:
        choices.append(_loose_readings(layout, loose, chances))
    places = [[*_places(check), check.place] for check in groups] + ([loose] if loose else [])
    ranked = _ranked(likely, chances, choices, places, composite)
    # Measured against what was seen before anything was known about what may stand there.
    first_seen = sum(float(chances[place].max()) for place in _all(places, composite))
    doubted: dict[int, tuple[str, ...]] = {}
    lead, agreed = 0.0, False
    zone = likely
    if ranked and first_seen - ranked[0][0] <= FURTHEST:
        agreed, zone = True, ranked[0][1]
        lead = ranked[0][0] - ranked[1][0] if len(ranked) > 1 else FURTHEST
        for score, other in ranked[1:]:
            if ranked[0][0] - score < LEAD:
                for place in range(len(zone)):
                    if zone[place] != other[place]:
                        doubted[place] = tuple(dict.fromkeys((*doubted.get(place, ()), other[place])))
    doubted.update(_unsure(layout, chances, zone, set(_all(places, composite)) if agreed else set(), doubted))
    lines = [zone[start : start + layout.width] for start in range(0, len(zone), layout.width)]
    signs = [CHARACTERS.index(sign) for sign in zone]
    clear = float(numpy.exp(chances[numpy.arange(len(zone)), signs]).mean())
    return Decided(parse_zone(lines, doubted), lead, agreed, clear)


def _all(places: Sequence[Sequence[int]], composite: CheckSpan | None) -> list[int]:
    return [place for group in places for place in group] + ([composite.place] if composite else [])


def _places(check: CheckSpan) -> list[int]:
    return [place for start, end in check.made_of for place in range(start, end)]


def _allowed(layout: Layout, place: int) -> str:
    if any(check.place == place for check in layout.checks):
        return DIGITS
    if place == 0:
        # A visa begins with V and nothing else does (ICAO 9303-7, 4.2).
        return "V" if layout.kind.startswith("MRV") else CAPITALS.replace("V", "")
    return next((ALLOWED[span.letters] for span in layout.spans if span.start <= place < span.end), ALLOWED["any"])


def _first_seen(layout: Layout, chances: Opinions) -> str:
    """The likeliest sign that may stand at each place."""
    zone = []
    for place in range(len(chances)):
        allowed = _allowed(layout, place)
        if any(check.place == place for check in layout.checks):
            # A filler stands for the digit of an empty field and, on cards, of a number that goes on elsewhere.
            may_be_filler = layout.kind in ("TD1", "TD2") or any(
                check.place == place and check.may_be_filler for check in layout.checks
            )
            allowed = DIGITS + (FILLER if may_be_filler else "")
        zone.append(max(allowed, key=lambda sign: chances[place, CHARACTERS.index(sign)]))
    return "".join(zone)


def _signs(layout: Layout, place: int, chances: Opinions) -> list[Reading]:
    """The likeliest signs of a place, best first."""
    signs = ((float(chances[place, CHARACTERS.index(sign)]), sign) for sign in _allowed(layout, place))
    return sorted(signs, reverse=True)[:_SIGNS_TRIED]


def _readings(layout: Layout, check: CheckSpan, chances: Opinions) -> list[Reading]:
    """The likeliest readings of a field with its right check digit behind it."""
    best: dict[int, list[Reading]] = {0: [(0.0, "")]}
    for place, weight in weights(check):
        further: dict[int, list[Reading]] = {}
        for score, sign in _signs(layout, place, chances):
            step = sign_value(sign) * weight
            for sum_so_far, readings in best.items():
                into = further.setdefault((sum_so_far + step) % 10, [])
                into.extend((before + score, text + sign) for before, text in readings)
        best = {rest: sorted(readings, reverse=True)[:_READINGS] for rest, readings in further.items()}
    whole = [
        (score + float(chances[check.place, CHARACTERS.index(str(rest))]), text + str(rest))
        for rest, readings in best.items()
        for score, text in readings
    ]
    if check.may_be_filler:
        filler = CHARACTERS.index(FILLER)
        empty = sum(float(chances[place, filler]) for place in _places(check))
        whole.append((empty + float(chances[check.place, filler]), FILLER * (len(_places(check)) + 1)))
    if check.name in ("birth_date", "expiry_date"):
        # No such day, no such reading.
        whole = [reading for reading in whole if read_zone_date(reading[1][:-1]) is not None]
    return sorted(whole, reverse=True)[:_READINGS]


def _loose_places(composite: CheckSpan | None, groups: Sequence[CheckSpan]) -> list[int]:
    """Places that only the composite digit covers."""
    if composite is None:
        return []
    own = {place for check in groups for place in (*_places(check), check.place)}
    return [place for place in _places(composite) if place not in own]


def _loose_readings(layout: Layout, places: Sequence[int], chances: Opinions) -> list[Reading]:
    best: list[Reading] = [(0.0, "")]
    for place in places:
        best = [
            (before + score, text + sign) for before, text in best for score, sign in _signs(layout, place, chances)
        ]
        best = sorted(best, reverse=True)[: 2 * _READINGS]
    return best


def _ranked(
    likely: str,
    chances: Opinions,
    choices: Sequence[Sequence[Reading]],
    places: Sequence[Sequence[int]],
    composite: CheckSpan | None,
) -> list[Reading]:
    """Whole zones in which every check digit is right, the likeliest first."""
    weight = dict(weights(composite)) if composite else {}
    # What each reading counts in the composite digit is worked out once, not for every combination.
    counted = [
        [
            (score, sum(sign_value(sign) * weight.get(place, 0) for place, sign in zip(where, text, strict=True)), text)
            for score, text in readings
        ]
        for readings, where in zip(choices, places, strict=True)
    ]
    scored = []
    for chosen in product(*counted):
        score = sum(part[0] for part in chosen)
        ought = str(sum(part[1] for part in chosen) % 10)
        if composite is not None:
            score += float(chances[composite.place, CHARACTERS.index(ought)])
        scored.append((score, ought, chosen))
    scored.sort(key=lambda way: way[0], reverse=True)
    whole: list[Reading] = []
    for score, ought, chosen in scored[:_COMPARED]:
        signs = list(likely)
        for (_, _, text), where in zip(chosen, places, strict=True):
            for place, sign in zip(where, text, strict=True):
                signs[place] = sign
        if composite is not None:
            signs[composite.place] = ought
        whole.append((score, "".join(signs)))
    return whole


def _unsure(
    layout: Layout, chances: Opinions, zone: str, settled: set[int], known: Mapping[int, tuple[str, ...]]
) -> dict[int, tuple[str, ...]]:
    """Places whose sign was hardly seen, and those outside the check digits whose second best is nearly as likely."""
    unsure: dict[int, tuple[str, ...]] = {}
    for place, stands in enumerate(zone):
        if place in known:
            continue
        signs = _signs(layout, place, chances)
        own = float(chances[place, CHARACTERS.index(stands)])
        near = tuple(sign for score, sign in signs if sign != stands and own - score < LEAD_UNCHECKED)
        # A letter's place settles O and 0 by itself, but not something that resembles no letter.
        if own < (FAINTEST_CHECKED if place in settled else FAINTEST) or (near and place not in settled):
            unsure[place] = near
    return unsure

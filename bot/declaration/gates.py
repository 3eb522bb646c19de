"""Ports of entry and provinces as answers: the kinds that find them, and the conditions that rest on them."""

from __future__ import annotations

from collections.abc import Callable

from bot.declaration.choices import Place
from bot.declaration.question import Answers
from bot.words.text import P_, PlaceName, Value
from bot.written.place_tables import PORTS as PORT_TABLE
from bot.written.places import (
    NoPlace,
    OnePlace,
    SomePlaces,
    find_port,
    find_province,
    port_by_id,
    province_by_id,
    province_in,
)

PORT_UNKNOWN = P_(
    "port.unknown",
    "I do not know that port of entry. Write the airport’s name or code, or the name of the border gate.",
)
PROVINCE_UNKNOWN = P_(
    "province.unknown", "I do not know that province. Write the name of the province or of a big city in it."
)


def _found(place: OnePlace | SomePlaces | NoPlace) -> tuple[str | None, tuple[str, ...]]:
    match place:
        case OnePlace(id=one):
            return one, ()
        case SomePlaces(ids=some):
            return None, some
        case NoPlace():
            return None, ()


def _port_name(port: str) -> Value:
    return PlaceName(tuple(port_by_id(port).names.items()))


def _province_name(province: str) -> Value:
    return PlaceName(tuple(province_by_id(province).names.items()))


# The ids of all ports of entry, as deep links may name them.
PORTS = frozenset(port.id for port in PORT_TABLE)

PORT = Place(
    find=lambda text: _found(find_port(text)),
    name=_port_name,
    often=("tan-son-nhat", "noi-bai", "da-nang", "cam-ranh", "phu-quoc"),
    unknown=PORT_UNKNOWN,
)
PROVINCE = Place(
    find=lambda text: _found(find_province(text)),
    name=_province_name,
    often=("ha-noi", "ho-chi-minh", "da-nang", "khanh-hoa", "quang-ninh", "an-giang"),
    unknown=PROVINCE_UNKNOWN,
)


def arrives_by(mode: str) -> Callable[[Answers], bool]:
    """A condition: the port of entry is reached by air, land or sea."""
    return lambda answers: "port" in answers and port_by_id(answers["port"]).mode == mode


def names_no_province(answers: Answers) -> bool:
    """A condition: an address was given, and no province or big city is named in it."""
    return "address" in answers and province_in(answers["address"]) is None

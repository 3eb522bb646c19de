"""Turns a machine readable zone into answers to the declaration, and says which the traveller has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bot.documents import mrz_values
from bot.documents.mrz import Doubt, Mrz
from bot.written.names import Name, read_name
from bot.written.papers import PassportNumber, read_passport_number

Document = Literal["passport", "card", "visa"]

SEXES = {"F": "female", "M": "male", "<": "unspecified"}
"""How the zone writes what the declaration calls sex (ICAO 9303-3, 4.1)."""

FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "nationality": ("issuing_state", "nationality"),
    "name": ("names",),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "passport_number": ("document_number",),
    "passport_expires": ("expiry_date",),
}
"""The questions that a zone answers, in the order of the declaration, and the fields that each of them needs."""

_BOUND_TO_PASSPORT = ("passport_number", "passport_expires")


@dataclass(frozen=True, slots=True)
class PassportFields:
    """Answers by question, in the form that the question's kind gives.

    `confirmed` are vouched for by check digits, `to_confirm` have to be looked at by the traveller, and those of
    `to_ask` have no usable answer. `doubts` names the characters that keep an answer from being used.
    """

    document: Document
    answers: Mapping[str, Any]
    confirmed: tuple[str, ...]
    to_confirm: tuple[str, ...]
    to_ask: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def passport_fields(mrz: Mrz, today: date) -> PassportFields:
    """What the zone answers on this day; of a card or visa, its own number and expiry are no answers."""
    document: Document = "visa" if mrz.kind.startswith("MRV") else "passport" if mrz.kind == "TD3" else "card"
    asked = set(mrz.to_ask)
    answers: dict[str, Any] = {}
    for question, fields in FIELDS_OF.items():
        bound = document != "passport" and question in _BOUND_TO_PASSPORT
        if bound or asked.intersection(fields):
            continue
        answer = _answer(question, mrz, today)
        if answer is not None:
            answers[question] = answer
    confirmed = tuple(
        question for question in answers if all(mrz.fields[field].mark == "confirmed" for field in FIELDS_OF[question])
    )
    needed = {field for question in FIELDS_OF if question not in answers for field in FIELDS_OF[question]}
    return PassportFields(
        document,
        answers,
        confirmed,
        tuple(question for question in answers if question not in confirmed),
        tuple(question for question in FIELDS_OF if question not in answers),
        tuple(doubt for doubt in mrz.doubts if doubt.field in needed),
    )


def _answer(question: str, mrz: Mrz, today: date) -> Any:
    """The answer to one question; None where the zone has none that can be used."""
    text = {name: field.text for name, field in mrz.fields.items()}
    match question:
        case "nationality":
            issuer = mrz_values.country_of(text["issuing_state"])
            # A refugee's document is issued by another state than that of the nationality: a person is asked.
            return issuer if issuer == mrz_values.country_of(text["nationality"]) else None
        case "name":
            names = mrz.names
            whole = f"{names.primary} {names.secondary}".strip()
            return whole if not names.truncated and isinstance(read_name(whole), Name) else None
        case "birth_date":
            return mrz_values.birth_date(text["birth_date"], today)
        case "sex":
            return SEXES.get(text["sex"])
        case "passport_number":
            read = read_passport_number(text["document_number"].replace("<", ""))
            return read.value if isinstance(read, PassportNumber) else None
        case _:
            return mrz_values.expiry_date(text["expiry_date"], today)

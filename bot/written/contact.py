"""Reads a telephone number or a mail address, whichever was typed, without asking the network."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from bot.written.digits import plain_digits

LONGEST_CONTACT = 400
"""Characters of an answer that is looked through."""

LONGEST_MAIL = 254
LONGEST_MAILBOX = 64
LONGEST_LABEL = 63
"""Characters of an address, of its part before the @ and of one label of its domain (RFC 5321, RFC 1035)."""

FEWEST_DIGITS = 7
"""No telephone number that can be dialled from abroad is shorter."""

MOST_DIGITS = 15
"""E.164 allows no more."""

ContactTroubleReason = Literal["not_a_contact", "phone_too_short", "phone_needs_country_code", "mail_incomplete"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone number in E.164 (+84901234567) or a mail address with its domain in small letters."""

    kind: Literal["phone", "mail"]
    value: str


@dataclass(frozen=True, slots=True)
class ContactTrouble:
    """No way to reach the traveller could be read, and why."""

    reason: ContactTroubleReason


ContactRead = Contact | ContactTrouble

_MAILBOX = re.compile(r"[^\s@<>()\[\],;:\\\"]+")
_BETWEEN = re.compile(r"[\s<>()\[\],;\"]+")
# A number may be written with brackets, dots, strokes and hyphens of all kinds.
_PHONE = re.compile(r"(?<![\w@.])(?:\+|00)?\s*[(]?\d(?:[\s().\-/\u2010-\u2015\u2212]*\d)+")
_LABEL = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")


def read_contact(text: str, region: str | None) -> Contact | ContactTrouble:
    """Read the first telephone number or mail address in an answer.

    A number counts with its country code (+ or 00), or as a national number of `region` (ISO alpha-2) where given.
    """
    shown = unicodedata.normalize("NFKC", plain_digits(text[:LONGEST_CONTACT])).strip()
    shown = "".join(character for character in shown if unicodedata.category(character) != "Cf")
    if "@" in shown:
        mail = _read_mail(shown)
        phone = _read_phone(shown, region)
        if mail and isinstance(phone, Contact):
            return min((mail, phone), key=lambda contact: _place(shown, contact))
        return mail or (phone if isinstance(phone, Contact) else ContactTrouble("mail_incomplete"))
    return _read_phone(shown, region)


def _place(shown: str, contact: Contact) -> int:
    """Where in the answer a contact stands."""
    if contact.kind == "mail":
        return shown.find("@")
    found = _PHONE.search(shown)
    return found.start() if found else len(shown)


def _read_mail(shown: str) -> Contact | None:
    for word in _BETWEEN.split(shown):
        address = re.sub(r"^mailto:", "", word, flags=re.IGNORECASE).strip(".,:!?'、。")
        mailbox, _, domain = address.rpartition("@")
        if _is_mailbox(mailbox) and _is_domain(domain) and len(address) <= LONGEST_MAIL:
            return Contact("mail", f"{mailbox}@{domain.lower()}")
    return None


def _is_mailbox(mailbox: str) -> bool:
    """The dot-atom of RFC 5322, with letters of every script as RFC 6531 allows."""
    if not _MAILBOX.fullmatch(mailbox) or len(mailbox) > LONGEST_MAILBOX:
        return False
    return not (mailbox.startswith(".") or mailbox.endswith(".") or ".." in mailbox) and mailbox.isprintable()


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) and len(label) <= LONGEST_LABEL for label in labels):
        return False
    return len(labels[-1]) > 1 and not labels[-1].isdigit()


def _read_phone(shown: str, region: str | None) -> Contact | ContactTrouble:
    trouble: ContactTrouble | None = None
    for found in _PHONE.finditer(shown):
        read = _phone(found.group(), region)
        if isinstance(read, Contact):
            return read
        trouble = trouble or read
    if trouble is None and re.search(r"\d", shown) and not re.search(r"[^\W\d_]", shown):
        return ContactTrouble("phone_too_short")
    return trouble or ContactTrouble("not_a_contact")


def _phone(typed: str, region: str | None) -> Contact | ContactTrouble:
    written = typed.strip(" (")
    international = written.startswith(("+", "00"))
    # "+44 (0)20 …": the zero in brackets is dialled at home only.
    digits = re.sub(r"\D", "", written.replace("(0)", "") if international else written)
    if written.startswith("00"):
        digits = digits[2:]
    if len(digits) < FEWEST_DIGITS:
        return ContactTrouble("phone_too_short")
    if len(digits) > MOST_DIGITS:
        return ContactTrouble("not_a_contact")
    if not international and not region:
        return ContactTrouble("phone_needs_country_code")
    dialled = "+" + digits if international else digits
    contact = _parsed(dialled, region)
    if contact:
        return contact
    if _is_short(dialled, region):
        return ContactTrouble("phone_too_short")
    return ContactTrouble("not_a_contact" if international else "phone_needs_country_code")


def _parsed(dialled: str, region: str | None) -> Contact | None:
    number = _number(dialled, region)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return Contact("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _is_short(dialled: str, region: str | None) -> bool:
    number = _number(dialled, region)
    if number is None:
        return False
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.TOO_SHORT


def _number(dialled: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """What the library makes of a number; it forgives the zero dialled at home (+84 090 …) where no number has it."""
    try:
        return phonenumbers.parse(dialled, region.upper() if region else None)
    except phonenumbers.NumberParseException:
        return None

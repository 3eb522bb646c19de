"""Kinds of answer that are written: names, dates, countries, numbers, contacts, papers and plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from rapidfuzz import fuzz

from bot.declaration.choices import DID_YOU_MEAN, NO_WORDS, NOT_A_PICTURE_HERE, WHICH_DID_YOU_MEAN, YES_WORDS
from bot.declaration.question import Accepted, Asking, Proposed, Read, Refused
from bot.messages import Button, Expects, Pictured, Pressed, Typed
from bot.words.catalog import fold
from bot.words.text import P_, Country, Listing, Text, Value
from bot.written.contact import Contact, ContactTrouble, read_contact
from bot.written.countries import NoCountry, OneCountry, SomeCountries, find_country, read_countries
from bot.written.dates import BuddhistYear, EitherDate, NoDate, OneDate, read_date
from bot.written.digits import read_number
from bot.written.names import Name, NoName, latin, read_name
from bot.written.papers import (
    Flight,
    FlightTrouble,
    PassportNumber,
    PassportTrouble,
    read_flight,
    read_passport_number,
)

NOT_A_BUTTON_HERE = P_("answer.not_a_button", "That button does not answer this question.")

NAME_TROUBLES: Mapping[str, Text] = {
    "empty": P_("name.empty", "I need the name in letters, as it stands in the passport."),
    "digits": P_("name.digits", "A name has no digits. Write it as it stands in the passport."),
    "no_letters": P_("name.no_letters", "I see no letters in that. Write the name as it stands in the passport."),
    "too_long": P_("name.too_long", "That is longer than any name in a passport. Write only the name."),
    "looks_like_something_else": P_(
        "name.something_else", "That looks like an address or a link. Write the name as it stands in the passport."
    ),
}
DATE_TROUBLES: Mapping[str, Text] = {
    "not_a_date": P_("date.not_a_date", "I cannot read that as a date."),
    "no_such_day": P_("date.no_such_day", "There is no such day in the calendar."),
    "no_year": P_("date.no_year", "Write the year too, with four digits."),
    "too_far": P_("date.too_far", "That year is too far away. Please check it."),
}
WHICH_DATE = P_("date.which", "This date can be read in two ways. Which one do you mean?")
BUDDHIST_YEAR = P_("date.buddhist", "{year} looks like a year of the Buddhist era. Do you mean {date}?")
CONTACT_TROUBLES: Mapping[str, Text] = {
    "not_a_contact": P_("contact.neither", "That is neither a telephone number nor an e-mail address."),
    "phone_too_short": P_("contact.too_short", "That telephone number is too short or too long."),
    "phone_needs_country_code": P_(
        "contact.needs_country_code", "Write the telephone number with + and the country code, for example +84."
    ),
    "mail_incomplete": P_("contact.mail_incomplete", "That e-mail address is not complete."),
}
PASSPORT_TROUBLES: Mapping[str, Text] = {
    "empty": P_("passport_number.empty", "I need the number at the top right of the passport’s data page."),
    "too_long": P_("passport_number.too_long", "That is too long for a passport number. It has 12 characters at most."),
    "no_digit": P_("passport_number.no_digit", "A passport number has digits in it. Please check it."),
    "other_signs": P_("passport_number.other_signs", "A passport number has only the letters A to Z and digits."),
}
FLIGHT_TROUBLES: Mapping[str, Text] = {
    "empty": P_("flight.empty", "I need the flight number on your ticket."),
    "no_airline": P_("flight.no_airline", "Write the two letters of the airline too, for example: VN 30."),
    "no_number": P_("flight.no_number", "Write the digits of the flight number too, for example: VN 30."),
    "not_a_flight": P_("flight.not_a_flight", "That does not look like a flight number. One is, for example: VN 30."),
}
COUNTRY_UNKNOWN = P_(
    "country.unknown",
    "I do not know that country. Write its name in your language or in English, or its two-letter code.",
)
COUNTRIES_UNKNOWN = P_(
    "countries.unknown", "I do not know “{part}”. Write the countries again, with commas between them."
)
COUNTRIES_TOO_MANY = P_(
    "countries.too_many", "Those are too many countries for 14 days. Name only those you stayed in."
)
NUMBER_WANTED = P_("number.wanted", "I need a number from {least} to {most}.")
WORDS_TOO_SHORT = P_("words.too_short", "That is too short to be useful. Please write a little more.")
WORDS_TOO_LONG = P_("words.too_long", "That is too long: {most} characters at most, please.")
LATIN_ONLY = P_("name_latin.letters_only", "Those lines of the passport have only the letters A to Z and spaces.")
LATIN_UNLIKE = P_("name_latin.unlike", "{latin} looks quite unlike the name before. Is it what stands in those lines?")
OTHER_DAY = P_("date.tomorrow", "Tomorrow")
THIS_DAY = P_("date.today", "Today")

# From this likeness on, of 100, two spellings can be of one name; another script's reading may be far from both.
ALIKE = 40
# Nobody stays in more countries than this in two weeks.
MOST_COUNTRIES = 14


def _as_it_is(value: Any) -> Any:
    return value


def _a_text(kept: Any) -> Any:
    if not isinstance(kept, str) or not kept:
        raise ValueError("not a text that was kept")
    return kept


def _no_buttons(_asking: Asking) -> tuple[Button, ...]:
    return ()


def _no_choice(_choice: str, _asking: Asking) -> Read:
    return Refused(NOT_A_BUTTON_HERE())


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that is written; the functions say how it is read, shown, kept, and what is offered for tapping."""

    understand: Callable[[str, Asking], Read]
    chosen: Callable[[str, Asking], Read] = _no_choice
    offered: Callable[[Asking], tuple[Button, ...]] = _no_buttons
    show: Callable[[Any], Value] = _as_it_is
    keep: Callable[[Any], Any] = _as_it_is
    recall: Callable[[Any], Any] = _a_text
    expects: Expects = "text"

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        match content:
            case Typed(text):
                return self.understand(text, asking)
            case Pressed(choice):
                return self.chosen(choice, asking)
            case Pictured():
                return Refused(NOT_A_PICTURE_HERE())

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        return self.offered(asking)


def _name(text: str, _asking: Asking) -> Read:
    match read_name(text):
        case Name(written):
            return Accepted(written)
        case NoName(reason):
            return Refused(NAME_TROUBLES[reason]())


NAME = Written(_name)

SAME_LETTERS = P_("name_latin.yes", "Yes, that is how it stands there")


def _latin_name(text: str, asking: Asking) -> Read:
    if asking.words.alternatives(YES_WORDS, asking.language) & {fold(text)}:
        return _latin_chosen("yes", asking)
    spelled = latin(text.replace("<", " "))
    unchanged = fold(spelled) == fold(text.replace("<", " ").replace("-", " "))
    if not spelled or not unchanged:
        return Refused(LATIN_ONLY())
    alike = fuzz.token_sort_ratio(spelled, latin(asking.answers["name"])) >= ALIKE
    return Accepted(spelled) if alike else Proposed((spelled,), LATIN_UNLIKE(latin=spelled))


def _latin_chosen(choice: str, asking: Asking) -> Read:
    return Accepted(latin(asking.answers["name"])) if choice == "yes" else _no_choice(choice, asking)


LATIN_NAME = Written(_latin_name, chosen=_latin_chosen, offered=lambda asking: (asking.button("yes", SAME_LETTERS),))


def _date(toward: Literal["past", "future"]) -> Callable[[str, Asking], Read]:
    def understand(text: str, asking: Asking) -> Read:
        match read_date(text, asking.language, asking.today, toward):
            case OneDate(value):
                return Accepted(value)
            case EitherDate(values):
                return Proposed(values, WHICH_DATE())
            case BuddhistYear(value, typed_year):
                return Proposed((value,), BUDDHIST_YEAR(year=str(typed_year), date=value))
            case NoDate(reason):
                return Refused(DATE_TROUBLES[reason]())

    return understand


def _date_chosen(choice: str, asking: Asking) -> Read:
    try:
        return Accepted(date.fromisoformat(choice))
    except ValueError:
        return _no_choice(choice, asking)


def _coming_days(asking: Asking) -> tuple[Button, ...]:
    tomorrow = asking.today + timedelta(days=1)
    return asking.button(asking.today.isoformat(), THIS_DAY), asking.button(tomorrow.isoformat(), OTHER_DAY)


PAST_DATE = Written(_date("past"), keep=date.isoformat, recall=date.fromisoformat, expects="date")
FUTURE_DATE = Written(_date("future"), keep=date.isoformat, recall=date.fromisoformat, expects="date")
ARRIVAL_DATE = Written(
    _date("future"),
    chosen=_date_chosen,
    offered=_coming_days,
    keep=date.isoformat,
    recall=date.fromisoformat,
    expects="date",
)


def _country(text: str, asking: Asking) -> Read:
    match find_country(text, asking.language):
        case OneCountry(code):
            return Accepted(code)
        case SomeCountries((code,)):
            return Proposed((code,), DID_YOU_MEAN(answer=Country(code)))
        case SomeCountries(codes):
            return Proposed(codes, WHICH_DID_YOU_MEAN())
        case NoCountry():
            return Refused(COUNTRY_UNKNOWN())


COUNTRY = Written(_country, show=Country)


def _countries(text: str, asking: Asking) -> Read:
    found, unread = read_countries(text, asking.language)
    if unread:
        return Refused(COUNTRIES_UNKNOWN(part=unread[0].text))
    if len(found) > MOST_COUNTRIES:
        return Refused(COUNTRIES_TOO_MANY())
    return Accepted(tuple(found)) if found else Refused(COUNTRY_UNKNOWN())


def _countries_chosen(choice: str, asking: Asking) -> Read:
    return _countries(choice, asking)


def _own_country(asking: Asking) -> tuple[Button, ...]:
    own = asking.answers.get("nationality")
    return (asking.button(own, ONLY_COUNTRY(country=Country(own))),) if own else ()


ONLY_COUNTRY = P_("countries.only", "Only {country}")


def _countries_kept(kept: Any) -> tuple[str, ...]:
    if not isinstance(kept, list) or not kept:
        raise ValueError("not a list that was kept")
    return tuple(kept)


COUNTRIES = Written(
    _countries,
    chosen=_countries_chosen,
    offered=_own_country,
    show=lambda codes: Listing(tuple(Country(code) for code in codes)),
    keep=list,
    recall=_countries_kept,
)


def _contact(text: str, _asking: Asking) -> Read:
    match read_contact(text, None):
        case Contact(_, value):
            return Accepted(value)
        case ContactTrouble(reason):
            return Refused(CONTACT_TROUBLES[reason]())


CONTACT = Written(_contact)


def number(least: int, most: int, offered: int) -> Written:
    """A whole number from `least` to `most`; those from `least` to `offered` are offered for tapping."""

    def understand(text: str, asking: Asking) -> Read:
        none = least == 0 and fold(text) in asking.words.alternatives(NO_WORDS, asking.language)
        found = 0 if none else read_number(text, least, most)
        return Refused(NUMBER_WANTED(least=least, most=most)) if found is None else Accepted(found)

    def buttons(asking: Asking) -> tuple[Button, ...]:
        return tuple(asking.button(str(count), count) for count in range(least, offered + 1))

    def recall(kept: Any) -> Any:
        if not isinstance(kept, int) or not least <= kept <= most:
            raise ValueError("not a number that was kept")
        return kept

    return Written(understand, chosen=understand, offered=buttons, recall=recall, expects="number")


def words(least: int, most: int) -> Written:
    """Plain words of `least` to `most` characters; line breaks are allowed, control characters are dropped."""

    def understand(text: str, _asking: Asking) -> Read:
        clean = "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()
        if len(clean) < least:
            return Refused(WORDS_TOO_SHORT())
        return Refused(WORDS_TOO_LONG(most=most)) if len(clean) > most else Accepted(clean)

    return Written(understand)


def _passport_number(text: str, _asking: Asking) -> Read:
    match read_passport_number(text):
        case PassportNumber(value):
            return Accepted(value)
        case PassportTrouble(reason):
            return Refused(PASSPORT_TROUBLES[reason]())


def _flight(text: str, _asking: Asking) -> Read:
    match read_flight(text):
        case Flight(value):
            return Accepted(value)
        case FlightTrouble(reason):
            return Refused(FLIGHT_TROUBLES[reason]())


PASSPORT_NUMBER = Written(_passport_number)
FLIGHT = Written(_flight)

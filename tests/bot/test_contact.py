"""Telephone numbers and mail addresses are read as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.written.contact import Contact, ContactTrouble, read_contact


@pytest.mark.parametrize(
    ("typed", "region", "value"),
    [
        ("+84 90 123 4567", None, "+84901234567"),
        ("0084 90 123 4567", None, "+84901234567"),
        ("+84 090 123 4567", None, "+84901234567"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("(+1) 202-555-0143", None, "+12025550143"),
        ("090.123.4567", "VN", "+84901234567"),
        ("090 123 4567", "vn", "+84901234567"),
        ("＋８４ ９０ １２３ ４５６７", None, "+84901234567"),
        ("+৮৪ ๙๐ ១២៣ ४५६७", None, "+84901234567"),
        ("my number is +33 6 12 34 56 78", None, "+33612345678"),
        ("WhatsApp: +49 151 23456789", None, "+4915123456789"),
        ("+39 06 698 12345", None, "+390669812345"),
    ],
)
def test_a_phone_number_is_read(typed: str, region: str | None, value: str) -> None:
    assert read_contact(typed, region) == Contact("phone", value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.Maria+visa@Example.COM. ", "Anna.Maria+visa@example.com"),
        ("<anna@example.co.uk>", "anna@example.co.uk"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("my mail is anna@example.com, thanks", "anna@example.com"),
        ("анна@пример.рф", "анна@пример.рф"),
        ("anna@müller.de", "anna@müller.de"),
        ("anna@bücher.example", "anna@bücher.example"),
        ("o'brien@example.ie", "o'brien@example.ie"),
    ],
)
def test_a_mail_address_is_read(typed: str, value: str) -> None:
    assert read_contact(typed, None) == Contact("mail", value)


def test_of_two_contacts_the_first_is_taken() -> None:
    assert read_contact("+84901234567 or anna@example.com", None) == Contact("phone", "+84901234567")
    assert read_contact("anna@example.com / +84901234567", None) == Contact("mail", "anna@example.com")
    assert read_contact("anna1234567890@example.com", "VN") == Contact("mail", "anna1234567890@example.com")


@pytest.mark.parametrize(
    ("typed", "region", "reason"),
    [
        ("", None, "not_a_contact"),
        ("hello", None, "not_a_contact"),
        ("12345", None, "phone_too_short"),
        ("1", None, "phone_too_short"),
        ("+84 12", None, "phone_too_short"),
        ("090 123 4567", None, "phone_needs_country_code"),
        ("+999 123 456 789", None, "not_a_contact"),
        ("9" * 30, None, "not_a_contact"),
        ("anna@", None, "mail_incomplete"),
        ("@anna", None, "mail_incomplete"),
        ("anna@example", None, "mail_incomplete"),
        ("anna@example.", None, "mail_incomplete"),
        ("anna..b@example.com", None, "mail_incomplete"),
        ("anna@exa mple.com", None, "mail_incomplete"),
    ],
)
def test_a_refusal_says_why(typed: str, region: str | None, reason: str) -> None:
    assert read_contact(typed, region) == ContactTrouble(reason)  # type: ignore[arg-type]


@given(st.text(max_size=400), st.sampled_from([None, "VN", "ZZ", "us", ""]))
def test_no_text_breaks_the_reading_of_contacts(text: str, region: str | None) -> None:
    read_contact(text, region)


@given(st.text("+0123456789 ()-@.ax", max_size=60), st.sampled_from([None, "VN", "GB"]))
def test_nothing_like_a_contact_breaks_the_reading(text: str, region: str | None) -> None:
    read_contact(text, region)

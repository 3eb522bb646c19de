"""All codes of a picture: which format each is in, what is joined, what is only named, and what was withdrawn."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.certificates import check as checking
from bot.certificates.check import FORMATS, UNKNOWN, check, check_codes, format_of, reuse_key
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import Withdrawals, build_store, certificate_hash
from tests.specimens.make_specimens import make_signer, sign, statement

DATA = Path(__file__).parents[3] / "shared" / "testdata"
AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER = make_signer()
KEY = key_of(SIGNER.certificate)
TRUST = build_store([KEY])
GOOD = sign(SIGNER, statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001"))
OPEN_ATTESTATION = json.dumps(
    {"version": "https://schema.openattestation.com/2.0/schema.json", "signature": {"merkleRoot": "00"}, "data": {}}
)


def test_formats_have_names_of_their_own() -> None:
    names = [form.name for form in FORMATS]
    assert len(set(names)) == len(names) >= 6


@pytest.mark.parametrize(
    ("text", "outcome", "form"),
    [
        ("HC1:", "unreadable", "hcert"),
        ("shc:/5676", "unreadable", "shc"),
        ("NZCP:/1/2KCEV", "unreadable", "nzcp"),
        ("PK\x03\x04rest", "unreadable", "divoc"),
        ('{"@context": [], "proof": {}}', "unverified", "divoc"),
        (OPEN_ATTESTATION, "unverified", "openattestation"),
        ("https://www.verify.gov.sg/verify?q=%7B%7D", "unverified", "openattestation"),
        ("https://action.openattestation.com/?q=1", "unverified", "openattestation"),
        ("https://hrhk.cs.mfa.gov.cn/H5/?code=1", "unverified", "china-health-code"),
        ("NL2:" + "A" * 60, "unverified", "coronacheck"),
        ("DC04FR0000011E6A1E6AB101FR", "unverified", "2d-doc"),
        ("M1SPECIMEN/ANNA       EABC123 HANSGNVN 0123 001Y001A0001 100", "unreadable", UNKNOWN),
        ("https://example.org/verify.gov.sg", "unreadable", UNKNOWN),
        ("{", "unreadable", UNKNOWN),
        ('{"merkleRoot"' + "[" * 5000, "unreadable", UNKNOWN),
        ("", "unreadable", UNKNOWN),
        ("WIFI:S:hotel;;", "unreadable", UNKNOWN),
    ],
)
def test_every_text_is_named_and_told_how_far_it_can_be_read(text: str, outcome: str, form: str) -> None:
    verdict = check(text, TRUST, AT)
    assert (verdict.outcome, verdict.format) == (outcome, form)
    assert format_of(text) == form
    if verdict.outcome == "unverified" and form != "divoc":
        assert (verdict.reason, verdict.identifier[:7]) == ("unknown_format", "sha256:")


def test_a_text_longer_than_any_file_is_not_looked_at() -> None:
    verdict = check(GOOD + " " * checking.MAX_TEXT, TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unreadable", "too_large")


def wide(text: str) -> str:
    """Letters and signs as they stand in East Asian type."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize("text", [f"\ufeff{GOOD}", f" \r\n\t{GOOD}", wide(GOOD)])
def test_what_a_keyboard_or_a_file_puts_around_a_text_does_no_harm(text: str) -> None:
    assert check(text, TRUST, AT).outcome == "verified"


def test_all_codes_of_a_picture_get_a_verdict_in_their_order() -> None:
    verdicts = check_codes([("https://example.org", b""), (GOOD, GOOD.encode())], TRUST, AT)
    assert [verdict.outcome for verdict in verdicts] == ["unreadable", "verified"]
    assert check_codes([], TRUST, AT) == []


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["shc:/2/2/5676", "https://example.org", "shc:/1/2/5676"], ["unknown", "shc"]),
        (["shc:/1/2/5676"], ["shc"]),
        (["shc:/1/2/5676", "shc:/1/3/5676"], ["shc"]),
    ],
)
def test_codes_that_belong_together_give_one_verdict(texts: Sequence[str], formats: Sequence[str]) -> None:
    verdicts = check_codes([(text, text.encode()) for text in texts], TRUST, AT)
    assert [verdict.format for verdict in verdicts] == formats
    assert verdicts[-1].outcome == "unreadable"


def test_a_certificate_that_an_operator_withdrew_is_not_verified() -> None:
    good = check(GOOD, TRUST, AT)
    gone = Withdrawals(b"salt", frozenset(), frozenset({certificate_hash(b"salt", good.identifier)}))
    store = build_store([KEY], (), [gone])
    verdict = check(GOOD, store, AT)
    assert (verdict.outcome, verdict.reason, verdict.subject) == ("unverified", "revoked", good.subject)
    other = sign(SIGNER, statement("Specimen", "Peter", "1990-05-14", "PETER0001"))
    assert check(other, store, AT).outcome == "verified"
    key_gone = build_store([KEY], (), [Withdrawals(b"", frozenset({KEY.kid}))])
    assert check(GOOD, key_gone, AT).reason == "key_withdrawn"


def test_a_certificate_shown_twice_has_one_key_for_reuse_and_what_is_none_has_none() -> None:
    good = check(GOOD, TRUST, AT)
    assert reuse_key(good) == reuse_key(check(f"\n{GOOD}", TRUST, AT)) == f"hcert:{good.identifier}"
    assert reuse_key(replace(good, validity="expired")) == reuse_key(good)
    assert reuse_key(check("HC1:", TRUST, AT)) == ""


@given(
    st.text(max_size=60),
    st.sampled_from(["", "HC1:", "LT1:", "shc:/", "shc:/1/2/", "NZCP:/1/", "PK\x03\x04", "{", "NL2:"]),
)
def test_no_text_makes_it_raise(text: str, start: str) -> None:
    check(start + text, TRUST, AT)
    check_codes([(start + text, text.encode("utf-8", "surrogatepass"))] * 2, TRUST, AT)


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_published_document_of_open_attestation_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    paths = sorted((DATA / "openattestation").glob("*.json"))
    named = [checking.format_of(path.read_text()) for path in paths]
    with capsys.disabled():
        print(f"\nopenattestation named: {named.count('openattestation')} of {len(paths)}")
    assert set(named) == {"openattestation"}

"""SMART Health Cards: layer by layer, what is refused and why."""

import json
import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bot.certificates import shc, shc_codes
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.verdict import Event, Subject, Verdict, keep, recall
from tests.specimens.mutations import spoilt
from tests.specimens.shc import (
    ISSUED,
    ISSUER,
    KID,
    base64url,
    code,
    credential,
    file,
    immunization,
    make_card,
    observation,
    patient,
    sign,
)

AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEY = TrustedKey(KID.encode(), shc.SCHEME, "US", SIGNER.public_key(), issuer=ISSUER)
TRUST = build_store([KEY])
TOKEN = sign(SIGNER, credential())
GOOD = code(TOKEN)


def reason(text: str, trust: TrustStore = TRUST, at: datetime = AT) -> str:
    verdict = shc.check(text, trust, at)
    assert (verdict.outcome == "verified") == (verdict.reason == "ok")
    return verdict.reason


def test_a_good_card_is_verified_with_everything_it_says() -> None:
    verdict = shc.check(GOOD, TRUST, AT)
    event = Event(
        kind="vaccination",
        disease="840539006",
        product="EU/1/20/1528",
        manufacturer="ORG-100030215",
        vaccine="1119349007",
        date="2026-02-03",
        issuer="Specimen Clinic",
    )
    assert verdict == Verdict(
        outcome="verified",
        reason="ok",
        format="shc",
        issuer=ISSUER,
        country="US",
        kid=KID,
        subject=Subject(family="Specimen", given="Anna Maria", birth_date="1990-05-14"),
        events=(event, replace(event, date="2026-03-02")),
        issued_at=ISSUED + timedelta(milliseconds=250),
        identifier=verdict.identifier,
    )
    assert verdict.identifier.startswith("sha256:")
    assert recall(json.loads(json.dumps(keep(verdict)))) == verdict


@pytest.mark.parametrize("text", [GOOD, TOKEN, file(TOKEN), "\ufeff" + GOOD, "\n " + file(TOKEN), code(TOKEN)])
def test_every_form_of_a_card_is_recognised(text: str) -> None:
    assert shc.recognises(text)


@pytest.mark.parametrize("text", ["", "HC1:ABC", "https://shc.example", '{"data": 1}', "a.b.c", "NZCP:/1/A", "eyJ"])
def test_other_texts_are_not_taken_for_cards(text: str) -> None:
    assert not shc.recognises(text)
    assert shc.check(text, TRUST, AT).outcome == "unreadable"


def test_a_card_is_the_same_in_every_form() -> None:
    assert {shc.check(text, TRUST, AT) for text in (GOOD, TOKEN, file(TOKEN), "shc:/1/1/" + GOOD[5:])} == {
        shc.check(GOOD, TRUST, AT)
    }


def test_who_signed_decides() -> None:
    foreign = build_store([replace(KEY, issuer="https://cards.example/another")])
    assert reason(GOOD, TrustStore()) == "issuer_unknown"
    assert reason(GOOD, foreign) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, issuer="")])) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, scheme="hcert")])) == "issuer_unknown"
    assert reason(code(sign(SIGNER, credential(), kid="another"))) == "issuer_unknown"
    assert reason(code(sign(SIGNER, credential(), kid=None))) == "issuer_unknown"
    assert reason(code(sign(OTHER, credential()))) == "signature_wrong"
    assert reason(GOOD, build_store([replace(KEY, withdrawn=True)])) == "key_withdrawn"
    assert reason(GOOD, build_store([replace(KEY, usages=frozenset({"test"}))])) == "key_not_for_this_use"


def test_a_key_speaks_for_its_own_issuer_only() -> None:
    """Two issuers list the same identifier; each card is checked with the key of the issuer that it names."""
    second = TrustedKey(KID.encode(), shc.SCHEME, "CA", OTHER.public_key(), issuer="https://second.example")
    trust = build_store([KEY, second])
    assert reason(GOOD, trust) == "ok"
    assert reason(make_card(OTHER, issuer="https://second.example"), trust) == "ok"
    assert reason(make_card(OTHER), trust) == "signature_wrong"
    assert reason(make_card(SIGNER, issuer="https://second.example"), trust) == "signature_wrong"


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES384"}, {"alg": "es256"}])
def test_the_algorithm_is_that_of_the_key(header: dict[str, str]) -> None:
    assert reason(sign(SIGNER, credential(), **header)) == "signature_wrong"


def test_a_key_on_another_curve_signs_no_card() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    trust = build_store([replace(KEY, public_key=key.public_key())])
    for algorithm in ("ES256", "ES384"):
        assert reason(sign(key, credential(), alg=algorithm), trust) == "signature_wrong"


def test_being_out_of_date_is_no_failure_of_the_check() -> None:
    until = ISSUED + timedelta(days=10)
    card = code(sign(SIGNER, credential(exp=until.timestamp())))
    for at, validity in (
        (ISSUED, "not_yet_valid"),
        (ISSUED + timedelta(seconds=1), "valid"),
        (until - timedelta(seconds=1), "valid"),
        (until, "expired"),
    ):
        verdict = shc.check(card, TRUST, at)
        assert (verdict.outcome, verdict.validity) == ("verified", validity)
    ended = build_store([replace(KEY, valid_until=AT - timedelta(days=1))])
    assert shc.check(GOOD, ended, AT).validity == "expired"
    assert shc.check(GOOD, build_store([replace(KEY, specimen=True)]), AT).specimen


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": None},
        {"nbf": "2026-03-02"},
        {"nbf": True},
        {"nbf": 1e300},
        {"exp": "never"},
        {"vc": {}},
        {"vc": {"type": ["https://smarthealth.cards#health-card"]}},
        {"vc": {"type": "https://smarthealth.cards#health-card"}},
        {"vc": {**credential()["vc"], "type": ["VerifiableCredential"]}},
    ],
)
def test_claims_that_are_no_card_are_malformed_though_signed(claims: dict[str, Any]) -> None:
    verdict = shc.check(sign(SIGNER, credential(**claims)), TRUST, AT)
    assert (verdict.outcome, verdict.reason, verdict.issuer) == ("unverified", "malformed", ISSUER)


@pytest.mark.parametrize(
    "resources",
    [
        (patient(), patient("Muster")),
        (patient("", ""),),
        ({"resourceType": "Patient"},),
        (patient(), {**immunization(), "patient": {"reference": "resource:7"}}),
        (patient(), {**observation(), "subject": {"reference": "Patient/1"}}),
    ],
)
def test_a_card_about_several_people_or_nobody_in_particular_is_malformed(
    resources: tuple[dict[str, Any], ...],
) -> None:
    assert reason(make_card(SIGNER, *resources)) == "malformed"


def test_what_is_said_of_nobody_is_no_event() -> None:
    verdict = shc.check(make_card(SIGNER, immunization()), TRUST, AT)
    assert (verdict.outcome, verdict.subject, verdict.events) == ("verified", None, ())


def test_vaccines_are_told_in_the_codes_of_the_value_sets() -> None:
    systems = {"cvx": "http://hl7.org/fhir/sid/cvx", "icd": "http://id.who.int/icd11/mms"}
    systems |= {"sct": "http://snomed.info/sct", "gtin": "https://www.gs1.org/gtin", "own": "https://codes.example"}
    for system, told, disease, product, vaccine in (
        ("cvx", "207", "840539006", "EU/1/20/1507", "1119349007"),
        ("cvx", "213", "840539006", "", "28531000087107"),
        ("cvx", "37", "16541001", "", ""),
        ("cvx", "03", "", "cvx:03", ""),
        ("icd", "XM4YL8", "840539006", "EU/1/21/1529", "29061000087103"),
        ("icd", "XM0GQ8", "840539006", "", "1119349007"),
        ("sct", "1157024006", "840539006", "", "1157024006"),
        ("gtin", "00312345678905", "", "gtin:00312345678905", ""),
        ("own", "A1", "", "A1", ""),
    ):
        (event,) = shc.check(make_card(SIGNER, patient(), immunization(told, systems[system])), TRUST, AT).events
        assert (event.disease, event.product, event.vaccine) == (disease, product, vaccine), told


def test_vaccinations_that_did_not_happen_are_left_out() -> None:
    for status in ("not-done", "entered-in-error"):
        card = make_card(SIGNER, patient(), immunization(status=status), immunization(date="2026-03-02"))
        assert [event.date for event in shc.check(card, TRUST, AT).events] == ["2026-03-02"]


def test_tests_are_told_with_kind_and_result() -> None:
    quantity = {**observation("2345-7"), "valueCodeableConcept": None, "valueQuantity": {"value": 5.4}}
    other = {**observation("22322-2"), "valueCodeableConcept": {"text": "Reactive"}}
    card = make_card(SIGNER, patient(), observation(), observation("94558-4", "260373001"), quantity, other)
    events = shc.check(card, TRUST, AT).events
    assert [(event.kind, event.disease, event.test_type, event.test_result) for event in events] == [
        ("test", "840539006", "LP6464-4", "260415000"),
        ("test", "840539006", "LP217198-3", "260373001"),
        ("test", "", "loinc:22322-2", "Reactive"),
    ]
    assert (events[0].date, events[0].sample_time) == ("2026-03-01", "2026-03-01T08:00:00Z")
    assert (events[0].test_name, events[0].test_centre) == ("loinc:94500-6", "Specimen Laboratory")


def test_cards_of_one_file_stand_and_fall_together() -> None:
    second = sign(SIGNER, credential(patient(), observation()))
    both = shc.check(file(TOKEN, second), TRUST, AT)
    assert (both.outcome, len(both.events)) == ("verified", 3)
    assert both.identifier == shc.check(file(second, TOKEN), TRUST, AT).identifier
    assert both.identifier != shc.check(TOKEN, TRUST, AT).identifier
    assert shc.check(file(TOKEN, TOKEN), TRUST, AT).identifier == shc.check(TOKEN, TRUST, AT).identifier
    assert reason(file(TOKEN, sign(OTHER, credential()))) == "signature_wrong"
    assert reason(file(TOKEN, "abc")) == "malformed"
    foreign = shc.check(file(TOKEN, sign(SIGNER, credential(patient("Muster"), observation()))), TRUST, AT)
    assert replace(foreign, identifier="") == replace(shc.check(TOKEN, TRUST, AT), identifier="")
    late = sign(SIGNER, credential(patient(), observation(), exp=ISSUED.timestamp() + 60))
    assert shc.check(file(TOKEN, late), TRUST, AT).validity == "expired"


HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "\n",
        GOOD + "0",
        GOOD[:-2] + "99",
        "shc:/" + "\u0661" * 40,
        "SHC:/" + GOOD[5:],
        "shc:/",
        "shc:/0/1/" + GOOD[5:],
        "shc:/2/3/" + GOOD[5:],
        f"{TOKEN} ",
        f"{TOKEN}.",
        f"{HEADER}.{PAYLOAD}",
        f"{HEADER}.{PAYLOAD}.{SIGNATURE}=",
        f"{HEADER}.{base64url(b'not deflate')}.{SIGNATURE}",
        f"{base64url(b'[]')}.{PAYLOAD}.{SIGNATURE}",
        f"{base64url(b'{')}.{PAYLOAD}.{SIGNATURE}",
        f"{base64url(json.dumps({'zip': 'DEF'}).encode())}.{PAYLOAD}.{SIGNATURE}",
        f"{base64url(b'[' * 300 + b']' * 300)}.{PAYLOAD}.{SIGNATURE}",
        sign(SIGNER, credential(), zip=None),
        sign(SIGNER, credential(), zip="gzip"),
        sign(SIGNER, credential(), crit=["exp"]),
        sign(SIGNER, b"\xff\xfe"),
        sign(SIGNER, "a text in the place of claims"),
        sign(SIGNER, json.dumps(credential())),
        sign(SIGNER, json.dumps(credential()).encode()[:-1] + b', "iss": "https://evil.example"}'),
        sign(SIGNER, b'{"nbf": NaN}'),
        sign(SIGNER, b'{"nbf": 1e999}'),
        sign(SIGNER, b'{"nbf": %s}' % (b"9" * 5000)),
        sign(SIGNER, b'{"iss": "\\ud800"}'),
        sign(SIGNER, b"[" * 30_000 + b"]" * 30_000),
        sign(SIGNER, b'{"a":' * 12_000),
        sign(SIGNER, b'"' + b'\\"' * 30_000),
        '{"verifiableCredential": []}',
        '{"verifiableCredential": [7]}',
        '{"verifiableCredential": {}}',
        '{"verifiableCredential": ["a"], "verifiableCredential": []}',
        "{",
        '{"a":' * 50_000,
    ],
)
def test_damage_in_any_layer_is_unreadable(text: str) -> None:
    verdict = shc.check(text, TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unreadable", "malformed")


@pytest.mark.parametrize(
    "text",
    [
        "shc:/" + "56" * shc_codes.MAX_TEXT,
        sign(SIGNER, b" " * 70_000),
        sign(SIGNER, b"0" * 5_000_000),
        file(*[TOKEN] * 21),
    ],
)
def test_what_is_beyond_the_limits_is_too_large(text: str) -> None:
    assert shc.check(text, TRUST, AT) == Verdict("unreadable", "too_large", "shc")


def test_compressed_content_ends_where_the_text_ends() -> None:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeeze.compress(json.dumps(credential()).encode()) + squeeze.flush()
    for content in (packed + b"\0", packed[:-3]):
        assert reason(f"{HEADER}.{base64url(content)}.{SIGNATURE}") == "malformed"


def test_a_signature_is_r_and_s_at_full_length() -> None:
    der = SIGNER.sign(f"{HEADER}.{PAYLOAD}".encode(), ec.ECDSA(SHA256()))
    assert reason(f"{HEADER}.{PAYLOAD}.{base64url(der)}") == "signature_wrong"
    assert reason(f"{HEADER}.{PAYLOAD}.{base64url(b'0' * 64)}") == "signature_wrong"
    assert reason(f"{HEADER}.{PAYLOAD}.{base64url(bytes(64))}") == "signature_wrong"


def test_altered_cards_are_never_verified() -> None:
    """Characters of the signed parts changed, taken out, put in: nothing is verified and nothing raises."""
    chance = random.Random(5)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.={}\"' \x00é"
    for round_ in range(400):
        signs = list(TOKEN)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(signs))
            signs[place : place + chance.randint(0, 2)] = chance.choice(alphabet)
        text = "".join(signs)
        for form in (text, file(text), code(TOKEN)[: chance.randrange(len(GOOD))]):
            verdict = shc.check(form, TRUST, AT)
            assert verdict.outcome != "verified" or text == TOKEN, round_


def test_whatever_an_issuer_signs_nothing_raises() -> None:
    chance = random.Random(3)
    content = credential(patient(), immunization(), observation(), exp=ISSUED.timestamp() + 60)
    for _ in range(400):
        keep(shc.check(sign(SIGNER, spoilt(content, chance)), TRUST, AT))

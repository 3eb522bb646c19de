"""VDS-NC seals: layer by layer, what is refused and why; and beside the seals that countries published."""

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image

from bot.certificates import vdsnc
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.trust_lists import pem
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Event, Subject, Verdict, keep, recall
from tests.specimens.mutations import spoilt
from tests.specimens.vdsnc import (
    COUNTRY,
    FOR_SERVERS,
    ISSUER,
    SINCE,
    UNTIL,
    Authority,
    examined,
    make_authority,
    make_seal,
    make_signer,
    seal,
    vaccination,
)

DATA = Path(__file__).parents[3] / "shared" / "testdata"
AT = datetime(2026, 11, 24, tzinfo=UTC)


def pinned(authority: Authority) -> TrustedKey:
    content = authority.certificate.public_bytes(Encoding.DER)
    return key_of(content, kid=authority.identifier, country=COUNTRY, scheme=vdsnc.SCHEME)


CSCA, STRANGER = make_authority(), make_authority()
KEY = pinned(CSCA)
TRUST = build_store([KEY])
SIGNER = make_signer(CSCA)
GOOD = seal(SIGNER, vaccination())


def reason(text: str, trust: TrustStore = TRUST, at: datetime = AT) -> str:
    verdict = vdsnc.check(text, trust, at)
    assert (verdict.outcome == "verified") == (verdict.reason == "ok")
    return verdict.reason


def test_a_good_seal_is_verified_with_everything_it_says() -> None:
    verdict = vdsnc.check(GOOD, TRUST, AT)
    event = Event(
        kind="vaccination",
        disease="840539006",
        product="EU/1/20/1528",
        manufacturer="ORG-100030215",
        vaccine="1119349007",
        dose=1,
        date="2026-02-03",
        country=COUNTRY,
        issuer="Specimen Clinic",
        certificate_id="VXX0001",
    )
    assert vdsnc.recognises(GOOD)
    assert verdict == Verdict(
        outcome="verified",
        reason="ok",
        format="vds-nc",
        issuer=ISSUER,
        country=COUNTRY,
        kid=base64.b64encode(CSCA.identifier).decode(),
        subject=Subject(family="SPECIMEN", given="ANNA MARIA", birth_date="1990-05-14"),
        events=(event, replace(event, dose=2, date="2026-03-02")),
        expires_at=UNTIL,
        identifier=f"uvci:{COUNTRY}:VXX0001",
    )
    assert recall(json.loads(json.dumps(keep(verdict)))) == verdict


def test_the_writing_of_the_json_does_not_matter() -> None:
    whole = json.loads(GOOD)
    turned = {"sig": whole["sig"], "data": dict(reversed(whole["data"].items()))}
    for text in (json.dumps(turned, indent=3), "\ufeff" + GOOD, GOOD + "\n"):
        assert vdsnc.recognises(text)
        assert vdsnc.check(text, TRUST, AT) == vdsnc.check(GOOD, TRUST, AT)


def test_a_test_is_told_with_kind_and_result() -> None:
    for conducted, result, kind, told in (
        ("molecular(PCR)", "negative", "LP6464-4", "260415000"),
        ("antigen", "positive", "LP217198-3", "260373001"),
        ("antibody", "abnormal", "antibody", "abnormal"),
    ):
        verdict = vdsnc.check(seal(SIGNER, examined(result, conducted)), TRUST, AT)
        (event,) = verdict.events
        assert (verdict.outcome, event.kind, event.test_type, event.test_result) == ("verified", "test", kind, told)
        assert (event.date, event.sample_time, event.test_centre) == (
            "2026-03-01",
            "2026-03-01T08:00:00Z",
            "Specimen Laboratory",
        )
        assert verdict.identifier == f"utci:{COUNTRY}:TXX0001"


def test_a_seal_proves_nothing_by_its_own_certificate() -> None:
    assert reason(GOOD, TrustStore()) == "issuer_unknown"
    assert reason(make_seal(STRANGER)) == "issuer_unknown"
    assert reason(seal(make_signer(CSCA, names_authority=False), vaccination())) == "issuer_unknown"
    impostor = Authority(STRANGER.key, CSCA.certificate)
    claimed = x509.AuthorityKeyIdentifier(CSCA.identifier, None, None)
    forged = make_signer(impostor, names_authority=False, extra=((claimed, False),))
    assert reason(seal(forged, vaccination())) == "signature_wrong"


def test_who_signed_decides() -> None:
    assert reason(seal(SIGNER, vaccination(), altered=vaccination("VXX0002"))) == "signature_wrong"
    assert reason(GOOD, build_store([replace(KEY, withdrawn=True)])) == "key_withdrawn"
    assert reason(GOOD, build_store([replace(KEY, scheme="hcert")])) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, country="YY")])) == "key_not_for_this_use"
    assert reason(GOOD, build_store([replace(KEY, usages=frozenset({"test"}))])) == "key_not_for_this_use"
    assert vdsnc.check(GOOD, build_store([replace(KEY, specimen=True)]), AT).specimen


@pytest.mark.parametrize(
    "changed",
    [
        {"signs": False},
        {"purposes": (FOR_SERVERS,)},
        {"types": ("NT",)},
        {"types": ("P", "ID")},
        {"is_authority": True},
        {"extra": ((x509.InhibitAnyPolicy(1), True),)},
        {"until": datetime(2026, 2, 20, tzinfo=UTC)},
        {"since": UNTIL + timedelta(days=1), "until": UNTIL + timedelta(days=9)},
    ],
)
def test_a_certificate_for_something_else_signs_no_seal(changed: dict[str, Any]) -> None:
    verdict = vdsnc.check(seal(make_signer(CSCA, **changed), vaccination()), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "key_not_for_this_use")


def test_a_certificate_that_says_nothing_of_its_use_may_sign() -> None:
    assert reason(seal(make_signer(CSCA, purposes=(), types=()), vaccination())) == "ok"
    assert reason(seal(make_signer(CSCA, types=("NT",)), examined())) == "ok"


def test_the_algorithm_is_that_of_the_key() -> None:
    for curve, name in ((ec.SECP384R1(), "ES384"), (ec.SECP521R1(), "ES512")):
        signer = make_signer(CSCA, key=ec.generate_private_key(curve))
        assert reason(seal(signer, vaccination())) == "ok"
        assert reason(seal(signer, vaccination(), algorithm="ES256")) == "signature_wrong"
        assert reason(seal(SIGNER, vaccination(), algorithm=name)) == "signature_wrong"
    assert reason(seal(SIGNER, vaccination(), algorithm="none")) == "signature_wrong"
    odd = make_signer(CSCA, key=ec.generate_private_key(ec.BrainpoolP256R1()))
    assert reason(seal(odd, vaccination())) == "signature_wrong"


def test_authorities_sign_with_any_sound_algorithm() -> None:
    old = make_authority(rsa.generate_private_key(65537, 2048))
    trust = build_store([pinned(old)])
    for signer in (make_signer(old), make_signer(old, pss=True), make_signer(old, digest=SHA512())):
        assert reason(seal(signer, vaccination()), trust) == "ok"
    round_curve = make_authority(ec.generate_private_key(ec.BrainpoolP384R1()))
    trust = build_store([pinned(round_curve)])
    assert reason(seal(make_signer(round_curve, digest=SHA384()), vaccination()), trust) == "ok"


def test_a_renewed_authority_counts_with_the_certificate_that_lasts() -> None:
    ended = replace(KEY, valid_until=AT - timedelta(days=1))
    assert vdsnc.check(GOOD, build_store([ended]), AT).validity == "expired"
    assert vdsnc.check(GOOD, build_store([ended, KEY]), AT).validity == "valid"
    assert reason(GOOD, build_store([replace(KEY, valid_from=SINCE + timedelta(days=1))])) == "ok"


def test_being_out_of_date_is_no_failure_of_the_check() -> None:
    for at, validity in ((SINCE - timedelta(1), "not_yet_valid"), (SINCE, "valid"), (UNTIL + timedelta(1), "expired")):
        verdict = vdsnc.check(GOOD, TRUST, at)
        assert (verdict.outcome, verdict.validity) == ("verified", validity)


def test_a_signer_that_is_trusted_itself_needs_no_authority() -> None:
    own = make_signer(STRANGER)
    key = key_of(own.certificate, kid=sha256(own.certificate).digest(), country=COUNTRY, scheme=vdsnc.SCHEME)
    trust = build_store([key])
    assert reason(seal(own, vaccination()), trust) == "ok"
    assert reason(make_seal(STRANGER), trust) == "issuer_unknown"
    assert reason(seal(own, vaccination(), altered=examined()), trust) == "signature_wrong"


@pytest.mark.parametrize(
    "zone",
    [
        {"hdr": {"t": "icao.vacc", "v": 1, "is": ISSUER}, "msg": {}},
        {**vaccination(), "hdr": {"t": "icao.visa", "v": 1, "is": ISSUER}},
        {**vaccination(), "hdr": {"t": "icao.vacc", "v": 2, "is": ISSUER}},
        {**vaccination(), "hdr": {"t": "icao.vacc", "v": 1}},
        vaccination(""),
        vaccination(pid={"n": "", "dob": "1990-05-14"}),
        vaccination(pid=[]),
        vaccination(ve=[]),
        vaccination(ve="none"),
        {**examined(), "msg": {**examined()["msg"], "tr": None}},
    ],
)
def test_content_that_is_no_proof_is_malformed_though_signed(zone: dict[str, Any]) -> None:
    verdict = vdsnc.check(seal(SIGNER, zone), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "malformed")


def changed(**signature: Any) -> str:
    whole = json.loads(GOOD)
    whole["sig"].update(signature)
    return json.dumps(whole)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"data": {}, "sig": {}}',
        json.dumps({"data": vaccination()}),
        GOOD[:-1],
        GOOD[:-1] + ', "data": {}}',
        changed(alg=None),
        changed(cer="AAAA"),
        changed(cer="!"),
        changed(cer=7),
        changed(cer=base64.urlsafe_b64encode(SIGNER.certificate + b"\0").decode()),
        changed(cer=base64.urlsafe_b64encode(b"\x30\x82\x0f\xff" + bytes(4095)).decode()),
        changed(cer=base64.urlsafe_b64encode(bytes(5000)).decode()),
        changed(sigvl="A"),
        changed(sigvl=[]),
        json.dumps({"data": {"n": 2**60}, "sig": json.loads(GOOD)["sig"]}),
        '{"data": {"n": NaN}, "sig": {}}',
        '{"data":' * 2000,
    ],
)
def test_damage_in_any_layer_is_unreadable(text: str) -> None:
    assert vdsnc.check(text, TRUST, AT) == Verdict("unreadable", "malformed", "vds-nc")


def test_a_long_text_is_too_large() -> None:
    assert vdsnc.check(GOOD + " " * 20_000, TRUST, AT) == Verdict("unreadable", "too_large", "vds-nc")


def test_altered_seals_are_never_verified() -> None:
    chance = random.Random(13)
    good = vdsnc.check(GOOD, TRUST, AT)
    for round_ in range(400):
        signs = list(GOOD)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(signs))
            signs[place : place + chance.randint(0, 2)] = chance.choice('abzAQ019-_={}[]",:\\ \x00é')
        found = vdsnc.check("".join(signs), TRUST, AT)
        assert found.outcome != "verified" or found == good, round_


def test_damaged_certificates_never_raise_and_never_count() -> None:
    chance = random.Random(17)
    for round_ in range(400):
        content = bytearray(SIGNER.certificate)
        for _ in range(chance.randint(1, 3)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        text = changed(cer=base64.urlsafe_b64encode(bytes(content)).decode())
        found = vdsnc.check(text, TRUST, AT)
        assert found.outcome != "verified" or bytes(content) == SIGNER.certificate, round_


def test_whatever_an_issuer_signs_nothing_raises() -> None:
    chance = random.Random(3)
    for zone in (vaccination(), examined()) * 150:
        content = spoilt(zone, chance)
        keep(vdsnc.check(seal(SIGNER, content), TRUST, AT))


def _published_authorities() -> TrustStore:
    return build_store(
        key
        for path in sorted((DATA / "vdsnc/csca").glob("*.der"))
        for key in pem.read(path.read_bytes(), Origin(path.name, vdsnc.SCHEME))
        if isinstance(key, TrustedKey)
    )


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_published_seal_is_judged_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    expected = json.loads((DATA / "vdsnc/expected.json").read_text())
    meant = {
        "vdsnc/aus_invalid_1.json": ("unverified", "signature_wrong", "AU"),
        "vdsnc/dotnet_0.json": ("unverified", "issuer_unknown", "UTO"),
        "vdsnc/jpn_specimen.json": ("verified", "ok", "JP"),
    }
    wrong = []
    for case in expected:
        path = DATA / case["file"]
        if path.suffix == ".png":
            (drawn,) = zxingcpp.read_barcodes(Image.open(path))
            text = drawn.text
        else:
            text = path.read_text()
        verdict = vdsnc.check(text, _published_authorities(), datetime(2022, 11, 9, tzinfo=UTC))
        assert vdsnc.recognises(text)
        if (verdict.outcome, verdict.reason, verdict.country) != meant.get(case["file"], ("verified", "ok", "AU")):
            wrong.append((case["file"], verdict.reason))
        assert verdict.subject
        assert verdict.validity == "valid"
        assert {event.disease for event in verdict.events} == {"840539006"}
    with capsys.disabled():
        print(f"\nvds-nc seals: {len(expected) - len(wrong)} of {len(expected)}")
    assert not wrong
    assert len(expected) == 6

"""New Zealand COVID Passes: layer by layer, what is refused and why; and beside the specification's examples."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from PIL import Image

from bot.certificates import nzcp
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.trust_lists import did
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Subject, Verdict, keep, recall
from tests.specimens.mutations import spoilt
from tests.specimens.nzcp import EXPIRES, ISSUER, KID, NOT_BEFORE, NUMBER, claims, credential, make_pass, sign, text_of

DATA = Path(__file__).parents[3] / "shared" / "testdata"
AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
KEY = TrustedKey(KID, nzcp.SCHEME, "NZ", SIGNER.public_key(), issuer=ISSUER)
TRUST = build_store([KEY])
GOOD = make_pass(SIGNER)


def reason(text: str, trust: TrustStore = TRUST, at: datetime = AT) -> str:
    verdict = nzcp.check(text, trust, at)
    assert (verdict.outcome == "verified") == (verdict.reason == "ok")
    return verdict.reason


def test_a_good_pass_is_verified_with_everything_it_says() -> None:
    verdict = nzcp.check(GOOD, TRUST, AT)
    assert nzcp.recognises(GOOD)
    assert verdict == Verdict(
        outcome="verified",
        reason="ok",
        format="nzcp",
        issuer=ISSUER,
        country="NZ",
        kid="a2V5LTE=",
        subject=Subject(family="Specimen", given="Anna Maria", birth_date="1990-05-14"),
        issued_at=NOT_BEFORE,
        expires_at=EXPIRES,
        identifier=f"urn:uuid:{NUMBER}",
    )
    assert recall(json.loads(json.dumps(keep(verdict)))) == verdict
    assert nzcp.check(f"\ufeff{GOOD}\n", TRUST, AT) == verdict


def test_who_signed_decides() -> None:
    assert reason(GOOD, TrustStore()) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, issuer="did:web:another.example")])) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, issuer="")])) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, issuer=f"{ISSUER}#key-1")])) == "ok"
    assert reason(sign(SIGNER, claims(), kid=b"key-2")) == "issuer_unknown"
    assert reason(sign(OTHER, claims())) == "signature_wrong"
    assert reason(sign(SIGNER, claims(), algorithm=-37)) == "signature_wrong"
    assert reason(GOOD, build_store([replace(KEY, withdrawn=True)])) == "key_withdrawn"
    second = TrustedKey(KID, nzcp.SCHEME, "NZ", OTHER.public_key(), issuer="did:web:second.example")
    assert reason(make_pass(OTHER, "did:web:second.example"), build_store([KEY, second])) == "ok"
    assert reason(make_pass(OTHER), build_store([KEY, second])) == "signature_wrong"


def test_only_keys_on_p256_sign_passes() -> None:
    wide, old = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)
    for public in (wide.public_key(), old.public_key()):
        assert reason(sign(wide, claims()), build_store([replace(KEY, public_key=public)])) == "signature_wrong"


def test_being_out_of_date_is_no_failure_of_the_check() -> None:
    second = timedelta(seconds=1)
    for at, validity in (
        (NOT_BEFORE - second, "not_yet_valid"),
        (NOT_BEFORE, "valid"),
        (EXPIRES - second, "valid"),
        (EXPIRES, "expired"),
    ):
        verdict = nzcp.check(GOOD, TRUST, at)
        assert (verdict.outcome, verdict.validity) == ("verified", validity)
    assert nzcp.check(GOOD, build_store([replace(KEY, valid_until=AT - second)]), AT).validity == "expired"
    assert nzcp.check(GOOD, build_store([replace(KEY, specimen=True)]), AT).specimen


@pytest.mark.parametrize(
    "content",
    [
        claims(nbf=None),
        claims(exp=None),
        claims(exp="2027"),
        claims(exp=2**50),
        claims(nbf=True),
        claims(cti=None),
        claims(cti=b"short"),
        claims({}),
        claims(credential(version="2.0.0")),
        claims(credential(type=["VerifiableCredential"])),
        claims(credential(type="PublicCovidPass")),
        claims(credential({"familyName": "Specimen", "dob": "1990-05-14"})),
        claims(credential({"givenName": "Anna", "dob": "unknown"})),
        claims(credential({"givenName": 7, "dob": "1990-05-14"})),
    ],
)
def test_claims_that_are_no_pass_are_malformed_though_signed(content: dict[int | str, Any]) -> None:
    verdict = nzcp.check(sign(SIGNER, content), TRUST, AT)
    assert (verdict.outcome, verdict.reason, verdict.issuer) == ("unverified", "malformed", ISSUER)


def test_a_pass_without_a_family_name_is_a_pass() -> None:
    verdict = nzcp.check(sign(SIGNER, claims(credential({"givenName": "Anna", "dob": "1990-05-14"}))), TRUST, AT)
    assert verdict.outcome == "verified"
    assert verdict.subject == Subject(given="Anna", birth_date="1990-05-14")


@pytest.mark.parametrize(
    "text",
    [
        "NZCP:/1/",
        "NZCP:/1/0189",
        GOOD.lower().replace("nzcp:", "NZCP:"),
        GOOD + "====",
        GOOD[:-3],
        GOOD[: len(GOOD) // 2],
        "HC1:" + GOOD,
        text_of(b"\xff"),
        text_of([1, 2, 3]),
        text_of(b"\x81" * 2000),
        text_of(cbor2.CBORTag(18, [b"\xff", {}, b"", b""])),
        sign(SIGNER, b"\xff"),
        sign(SIGNER, [1]),
        sign(SIGNER, cbor2.dumps(claims()) + b"\0"),
        sign(SIGNER, b"\xa2\x01\x61a\x01\x61b"),
    ],
)
def test_damage_in_any_layer_is_unreadable(text: str) -> None:
    verdict = nzcp.check(text, TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unreadable", "malformed")


def test_limits_and_versions() -> None:
    assert nzcp.check("NZCP:/1/" + "A" * 5000, TRUST, AT) == Verdict("unreadable", "too_large", "nzcp")
    assert nzcp.check("NZCP:/2/ABCD", TRUST, AT) == Verdict("unverified", "unknown_format", "nzcp")


def test_altered_passes_are_never_verified() -> None:
    chance = random.Random(7)
    verdict = nzcp.check(GOOD, TRUST, AT)
    for round_ in range(500):
        signs = list(GOOD)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(8, len(signs))
            signs[place : place + chance.randint(0, 2)] = chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=1 \x00é")
        found = nzcp.check("".join(signs), TRUST, AT)
        assert found.outcome != "verified" or found == verdict, round_


def test_whatever_an_issuer_signs_nothing_raises() -> None:
    chance = random.Random(3)
    for _ in range(300):
        keep(nzcp.check(sign(SIGNER, spoilt(claims(), chance)), TRUST, AT))


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_example_of_the_specification_is_judged_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    folder = DATA / "nzcp"
    expected = json.loads((folder / "expected.json").read_text())
    at = datetime.fromisoformat(expected["clock"])
    listed = json.loads((folder / "did.json").read_text())
    trust = build_store([key for key in did.read(listed, Origin("test")) if isinstance(key, TrustedKey)])
    meant = {
        "accept": ("verified", "ok", "valid"),
        "reject: signature": ("unverified", "signature_wrong", "valid"),
        "reject: expired": ("verified", "ok", "expired"),
        "reject: unknown key": ("unverified", "issuer_unknown", "valid"),
    }
    wrong, total = [], 0
    for name, told in expected["cases"].items():
        (drawn,) = zxingcpp.read_barcodes(Image.open(folder / f"{name}.png"))
        for text in ((folder / f"{name}.txt").read_text(), drawn.text):
            total += 1
            verdict = nzcp.check(text, trust, at)
            if (verdict.outcome, verdict.reason, verdict.validity) != meant[told]:
                wrong.append(name)
            assert verdict.subject == Subject(family="Sparrow", given="Jack", birth_date="1960-04-16")
    with capsys.disabled():
        print(f"\nnz covid passes: {total - len(wrong)} of {total} (4 texts and their 4 pictures)")
    assert not wrong
    assert total == 8

"""The first Israeli certificates: what is refused and why; and beside those that the ministry published."""

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from bot.certificates import hcert, israel
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.trust_lists import pem
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Event, Subject, Verdict, keep, recall
from tests.specimens.israel import make_certificate, recovered, sign, vaccinated
from tests.specimens.mutations import spoilt

DATA = Path(__file__).parents[3] / "shared" / "testdata"
AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
OLDER = rsa.generate_private_key(65537, 2048)
KEY = TrustedKey(b"ecdsa", israel.SCHEME, "IL", SIGNER.public_key())
OLDER_KEY = TrustedKey(b"rsa", israel.SCHEME, "IL", OLDER.public_key())
TRUST = build_store([KEY, OLDER_KEY])
GOOD = make_certificate(SIGNER)


def reason(text: str, trust: TrustStore = TRUST, at: datetime = AT) -> str:
    verdict = israel.check(text, trust, at)
    assert (verdict.outcome == "verified") == (verdict.reason == "ok")
    return verdict.reason


def test_a_good_certificate_is_verified_with_everything_it_says() -> None:
    verdict = israel.check(GOOD, TRUST, AT)
    first = Event(
        kind="vaccination",
        disease="840539006",
        product="EU/1/20/1528",
        manufacturer="ORG-100030215",
        vaccine="1119349007",
        dose=1,
        doses=2,
        date="2026-02-03",
        country="IL",
        issuer="Specimen Clinic",
        certificate_id="01/IL/SPECIMEN0001#AAAA",
    )
    assert verdict == Verdict(
        outcome="verified",
        reason="ok",
        format="israel",
        issuer="IL MOHEC",
        country="IL",
        kid=base64.b64encode(b"ecdsa").decode(),
        subject=Subject(family="Specimen", given="Anna Maria", birth_date="1990-05-14"),
        events=(first, replace(first, dose=2, date="2026-03-02")),
        issued_at=datetime(2026, 3, 9, tzinfo=UTC),
        expires_at=datetime(2027, 3, 2, 23, 59, 59, tzinfo=UTC),
        identifier="uvci:IL:01/IL/SPECIMEN0001#AAAA",
    )
    assert recall(json.loads(json.dumps(keep(verdict)))) == verdict
    assert reason(make_certificate(OLDER)) == "ok"


def test_a_recovery_is_told_as_one() -> None:
    (event,) = israel.check(sign(OLDER, recovered()), TRUST, AT).events
    assert (event.kind, event.disease, event.date) == ("recovery", "840539006", "2026-02-20")
    assert (event.recovered_from, event.recovered_until) == ("2026-02-20", "2027-03-02")


def test_texts_are_told_apart_by_how_they_begin() -> None:
    for text in (GOOD, make_certificate(OLDER), f"\ufeff {GOOD}"):
        assert israel.recognises(text)
    for text in ("", "#{}", "abc#{}", GOOD.replace("#", "", 1), "HC1:" + GOOD, "https://e.example/#{}"):
        assert not israel.recognises(text)
        assert israel.check(text, TRUST, AT) == Verdict("unreadable", "malformed", "israel")


def test_who_signed_decides() -> None:
    assert reason(GOOD, TrustStore()) == "issuer_unknown"
    assert reason(GOOD, build_store([replace(KEY, scheme="hcert")])) == "issuer_unknown"
    assert reason(make_certificate(OTHER)) == "signature_wrong"
    assert reason(make_certificate(rsa.generate_private_key(65537, 2048))) == "signature_wrong"
    assert reason(GOOD, build_store([replace(KEY, withdrawn=True)])) == "key_withdrawn"
    assert reason(GOOD, build_store([replace(KEY, usages=frozenset({"test"}))])) == "key_not_for_this_use"
    assert reason(GOOD, build_store([OLDER_KEY])) == "signature_wrong"
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    assert reason(GOOD, build_store([replace(KEY, public_key=edwards)])) == "signature_wrong"
    wide = ec.generate_private_key(ec.SECP384R1())
    trust = build_store([replace(KEY, public_key=wide.public_key())])
    assert reason(make_certificate(wide), trust) == "signature_wrong"


def test_being_out_of_date_is_no_failure_of_the_check() -> None:
    for day, validity in (("2026-03-08", "not_yet_valid"), ("2026-03-09", "valid"), ("2027-03-02", "valid")):
        assert israel.check(GOOD, TRUST, datetime.fromisoformat(f"{day}T20:00:00+00:00")).validity == validity
    late = israel.check(GOOD, TRUST, datetime(2027, 3, 3, tzinfo=UTC))
    assert (late.outcome, late.validity) == ("verified", "expired")
    ended = build_store([replace(KEY, valid_until=AT - timedelta(days=1))])
    assert israel.check(GOOD, ended, AT).validity == "expired"


@pytest.mark.parametrize(
    "content",
    [
        {},
        vaccinated(id=""),
        vaccinated(e="never"),
        vaccinated(e="0001-01-01"),
        vaccinated(f="", g="", fl="", gl=""),
        vaccinated(d1=None, d2=7),
        vaccinated(ct="3", d1={}, d2={}),
    ],
)
def test_content_that_is_no_certificate_is_malformed_though_signed(content: dict[str, Any]) -> None:
    verdict = israel.check(sign(SIGNER, content), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "malformed")


@pytest.mark.parametrize(
    "text",
    [
        sign(SIGNER, "{"),
        sign(SIGNER, '{"id": 1, "id": 2}'),
        sign(SIGNER, "[]"),
        sign(SIGNER, '{"a": NaN}'),
        sign(SIGNER, '{"a": "\\ud800"}'),
        sign(SIGNER, '{"a":' * 1500),
        sign(SIGNER, json.dumps(vaccinated()) + "x"),
        "A" * 81 + "#{}",
        GOOD + "\ud800",
    ],
    # Signatures differ from run to run, and names of tests must not.
    ids=("cut", "twice", "list", "no number", "half a sign", "deep", "more", "no signature", "strange sign"),
)
def test_damage_is_unreadable(text: str) -> None:
    assert israel.check(text, TRUST, AT) == Verdict("unreadable", "malformed", "israel")


def test_a_long_text_is_too_large() -> None:
    assert israel.check(sign(SIGNER, vaccinated(g="A" * 9000)), TRUST, AT).reason == "too_large"


def test_altered_certificates_are_never_verified() -> None:
    chance = random.Random(11)
    begins = GOOD.index("#") + 1
    for round_ in range(400):
        signs = list(GOOD)
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(begins, len(signs))
            signs[place : place + chance.randint(0, 2)] = chance.choice('abc019{}[]",:\\ \x00é')
        text = "".join(signs)
        assert israel.check(text, TRUST, AT).outcome != "verified" or text.strip() == GOOD, round_
        cut = GOOD[: chance.randrange(len(GOOD))]
        assert israel.check(cut, TRUST, AT).outcome != "verified"


def test_whatever_an_issuer_signs_nothing_raises() -> None:
    chance = random.Random(3)
    for content in (vaccinated(), recovered()) * 150:
        keep(israel.check(sign(SIGNER, spoilt(content, chance)), TRUST, AT))


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_published_document_verifies(capsys: pytest.CaptureFixture[str]) -> None:
    originals = [
        key
        for path in sorted((DATA / "israel/original").glob("*.der"))
        for key in pem.read(path.read_bytes(), Origin(path.name, israel.SCHEME))
        if isinstance(key, TrustedKey)
    ]
    later = [key_of((DATA / "israel/eu-format/IL-NB-DSC-01.der").read_bytes())]
    trust, at = build_store([*originals, *later]), datetime(2021, 6, 1, tzinfo=UTC)
    texts = {path: _code(path) for path in sorted((DATA / "israel").rglob("*.pdf"))}
    texts |= {path: path.read_text() for path in (DATA / "israel").rglob("*.txt")}
    wrong = []
    for path, text in texts.items():
        ours = israel.recognises(text)
        verdict = (israel if ours else hcert).check(text, trust, at)
        if verdict.outcome != "verified" or ours != (path.parent.name == "original") or not verdict.events:
            wrong.append((path.name, verdict.reason))
    with capsys.disabled():
        print(f"\nisrael: {len(texts) - len(wrong)} of {len(texts)} (4 of the first form, its text, 2 of the EU's)")
    assert not wrong
    assert len(texts) == 7


def _code(path: Path) -> str:
    page = pypdfium2.PdfDocument(path)[0].render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(page)
    return str(found.text)

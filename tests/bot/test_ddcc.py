"""WHO certificates and other strangers in the wrapping of the EU: verified, or read and named."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from bot.certificates import base45, hcert
from bot.certificates.check import check, check_codes
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import TrustStore, build_store
from bot.certificates.trust_files import gather, load_trust
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Event, Subject
from bot.documents.codes import find_codes
from bot.documents.pixels import open_picture
from tests.specimens.make_specimens import make_signer, sign, statement

DATA = Path(__file__).parents[3] / "shared" / "testdata"
AT = datetime(2022, 1, 1, tzinfo=UTC)
SIGNER = make_signer()
KEY = replace(key_of(SIGNER.certificate, scheme="who-ddcc", country="VN"))
TRUST = build_store([KEY])
SNOMED, ISO = "http://snomed.info/sct", "urn:iso:std:iso:3166"
VACCINATED: dict[Any, Any] = {
    "name": "Anna Specimen",
    "birthDate": "1990-05-14",
    "vaccine": {"code": "1119349007", "system": SNOMED},
    "brand": {"code": "XM8NQ0", "system": "http://id.who.int/icd11/mms"},
    "manufacturer": {"code": "Maker", "system": "somewhere"},
    "date": "2021-07-08",
    "dose": 1,
    "total_doses": 2,
    "country": {"code": "VNM", "system": ISO},
    "centre": "Specimen Centre",
    "disease": {"code": "840539006", "system": SNOMED},
    "pha": "Specimen Authority",
    "hcid": "VN1",
    "valid_from": "2021-07-08",
    "valid_until": "2022-07-08",
}
TESTED: dict[Any, Any] = {
    "name": "Anna Specimen",
    "birthDate": "1990",
    "test": {
        "pathogen": {"code": "840539006", "system": SNOMED},
        "type": {"code": "94500-6", "system": "http://loinc.org"},
        "result": {"code": "260415000", "system": SNOMED},
        "date": "2021-12-31T10:00:00Z",
        "centre": "Specimen Laboratory",
        "country": {"code": "VNM", "system": ISO},
    },
    "hcid": "VN2",
}


def wrapped(claims: dict[Any, Any], prefix: str = "HC1:") -> str:
    """A signed CWT with these claims."""
    protected, payload = cbor2.dumps({1: -7, 4: SIGNER.kid}), cbor2.dumps(claims)
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = decode_dss_signature(SIGNER.key.sign(covered, ec.ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    message = cbor2.CBORTag(18, [protected, {}, payload, signature])
    return prefix + base45.encode(zlib.compress(cbor2.dumps(message)))


def test_a_vaccination_is_verified_with_everything_it_says() -> None:
    verdict = check(wrapped(VACCINATED), TRUST, AT)
    assert (verdict.outcome, verdict.reason, verdict.format, verdict.country) == ("verified", "ok", "who-ddcc", "VN")
    assert verdict.subject == Subject(given="Anna Specimen", birth_date="1990-05-14")
    assert verdict.events == (
        Event(
            kind="vaccination",
            disease="840539006",
            product="EU/1/20/1528",
            manufacturer="ORG-100030215",
            vaccine="1119349007",
            dose=1,
            doses=2,
            date="2021-07-08",
            country="VN",
            issuer="Specimen Authority",
            certificate_id="VN1",
        ),
    )
    assert verdict.identifier.startswith("sha256:")


def test_a_test_is_verified_with_everything_it_says() -> None:
    for claims in (TESTED, {name: value for name, value in TESTED.items() if name != "test"} | TESTED["test"]):
        verdict = check(wrapped(claims), TRUST, AT)
        assert verdict.outcome == "verified"
        assert verdict.events == (
            Event(
                kind="test",
                disease="840539006",
                date="2021-12-31",
                test_type="LP6464-4",
                test_result="260415000",
                test_centre="Specimen Laboratory",
                sample_time="2021-12-31T10:00:00Z",
                country="VN",
                issuer="Specimen Laboratory",
                certificate_id="VN2",
            ),
        )


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        (TrustStore(), "issuer_unknown"),
        (build_store([replace(KEY, scheme="shc")]), "issuer_unknown"),
        (build_store([replace(key_of(make_signer().certificate), kid=KEY.kid)]), "signature_wrong"),
        (build_store([KEY, replace(KEY, withdrawn=True)]), "key_withdrawn"),
        (build_store([replace(KEY, usages=frozenset({"test"}))]), "key_not_for_this_use"),
        (build_store([replace(KEY, scheme="hcert")]), "ok"),
    ],
)
def test_each_trouble_with_the_key_has_its_own_reason(store: TrustStore, reason: str) -> None:
    assert check(wrapped(VACCINATED), store, AT).reason == reason


def test_a_key_for_who_certificates_signs_none_of_the_eu() -> None:
    assert check(sign(SIGNER, statement("A", "B", "1990", "X")), TRUST, AT).reason == "issuer_unknown"


@pytest.mark.parametrize(
    ("at", "validity"),
    [
        (datetime(2021, 7, 7, 23, 59, tzinfo=UTC), "not_yet_valid"),
        (datetime(2021, 7, 8, tzinfo=UTC), "valid"),
        (datetime(2022, 7, 8, 23, 59, tzinfo=UTC), "valid"),
        (datetime(2022, 7, 9, tzinfo=UTC), "expired"),
    ],
)
def test_it_holds_from_its_first_day_to_the_end_of_its_last(at: datetime, validity: str) -> None:
    assert check(wrapped(VACCINATED), TRUST, at).validity == validity


def test_the_times_of_the_token_count_before_those_of_the_statement() -> None:
    times = {4: int((AT + timedelta(1)).timestamp()), 6: int((AT - timedelta(1)).timestamp())}
    verdict = check(wrapped(VACCINATED | times), TRUST, AT)
    assert (verdict.issued_at, verdict.expires_at) == (AT - timedelta(1), AT + timedelta(1))
    assert (
        check(wrapped(VACCINATED), build_store([replace(KEY, valid_until=AT - timedelta(1))]), AT).validity == "expired"
    )


@pytest.mark.parametrize("change", [{"name": ""}, {"date": ""}, {"date": "8 July"}, {"date": None}])
def test_a_signed_statement_that_leaves_the_essentials_out_is_malformed(change: dict[str, Any]) -> None:
    verdict = check(wrapped(VACCINATED | change), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "malformed")


def test_a_light_certificate_is_read_and_named() -> None:
    light = {1: "CH", -250: {1: {"nam": {"fn": "Specimen", "gn": "Anna"}, "dob": "1990-05-14"}}}
    for prefix in ("LT1:", "HC1:"):
        verdict = check(wrapped(light, prefix), TRUST, AT)
        assert (verdict.outcome, verdict.reason, verdict.format) == ("unverified", "unknown_format", "hcert-light")
        assert verdict.subject == Subject(family="Specimen", given="Anna", birth_date="1990-05-14")


@pytest.mark.parametrize(
    "group",
    [
        {"t": [{"tg": "840539006", "tt": "medicalExemption", "tr": "260415000", "sc": "2021-12-01T00:00:00Z"}]},
        {"t": None, "x": [{"reason": "medical"}]},
    ],
)
def test_an_exemption_is_read_and_named_and_never_taken_for_a_test(group: dict[str, Any]) -> None:
    content = {name: value for name, value in statement("A", "B", "1990", "X").items() if name != "v"} | group
    hcert_key = build_store([key_of(SIGNER.certificate)])
    verdict = check(sign(SIGNER, content), hcert_key, AT)
    assert (verdict.outcome, verdict.reason, verdict.format) == ("unverified", "unknown_format", "hcert-exemption")
    assert verdict.subject is not None
    other = build_store([replace(key_of(make_signer().certificate), kid=SIGNER.kid)])
    assert check(sign(SIGNER, content), other, AT).reason == "signature_wrong"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.text(max_size=12)
    | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "system", "date", "type"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*VACCINATED, *TESTED, -250, 4, 6]), VALUES, max_size=6))
def test_no_claims_make_it_raise(claims: dict[Any, Any]) -> None:
    check(wrapped({"name": "A", "vaccine": "B"} | claims), TRUST, AT)
    check(wrapped(claims), TRUST, AT)


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_published_certificate_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = DATA / "who-ddcc"
    keys, _ = gather(folder / "keys.json", Origin("who", "who-ddcc"))
    (tmp_path / "eu.json").write_bytes((DATA / "trust/dcc-acc-dsc.json").read_bytes())
    store = build_store([*keys, *(key for several in load_trust(tmp_path).keys.values() for key in several)])
    texts = [(path.name, path.read_text().strip()) for path in sorted(folder.glob("*Contents.txt"))]
    texts += [(path.name, find_codes(open_picture(path.read_bytes()))[0].text) for path in sorted(folder.glob("*.png"))]
    verdicts = {name: check_codes([(text, text.encode())], store, AT)[0] for name, text in texts}
    with capsys.disabled():
        print(f"\nwho-ddcc: {sum(v.outcome == 'verified' for v in verdicts.values())} of {len(texts)}")
    assert {verdict.outcome for verdict in verdicts.values()} == {"verified"}
    unpacked = json.loads((folder / "WHOQR1Unpacked.json").read_text())
    event = verdicts["WHOQR1Contents.txt"].events[0]
    assert (event.date, event.dose, event.doses) == (unpacked["date"], unpacked["dose"], unpacked["total_doses"])
    assert (event.country, event.certificate_id) == ("US", unpacked["hcid"])
    assert verdicts["EUItalyAcceptanceQRContents.txt"].format == hcert.FORMAT

"""DIVOC certificates: what is read and verified, and every way to say something else under a good signature."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from bot.certificates import divoc, linked_data
from bot.certificates.check import check_codes
from bot.certificates.known_contexts import LinkedDataError, UnsafeDocument
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.trust_files import gather
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Event, Subject, Verdict
from bot.documents.codes import find_codes
from bot.documents.pixels import open_picture

DATA = Path(__file__).parents[3] / "shared" / "testdata" / "divoc"
AT = datetime(2022, 5, 1, tzinfo=UTC)
METHOD, ISSUER = "did:india", "https://cowin.gov.in/"
RSA, EDWARDS = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
KEY = TrustedKey(METHOD.encode(), "divoc", "IN", RSA.public_key(), issuer=METHOD)
TRUST = build_store([KEY])
V1, V2 = (f"https://cowin.gov.in/credentials/vaccination/v{number}" for number in (1, 2))
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/2018/credentials/v1", V2],
    "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
    "credentialSubject": {
        "type": "Person",
        "id": "did:Passport:SPECIMEN1",
        "refId": "1",
        "name": "Anna Specimen",
        "dob": "1990-05-14",
        "age": "31",
        "gender": "Female",
        "nationality": "Indian",
        "address": {"streetAddress": "", "district": "", "city": "", "addressRegion": "", "addressCountry": "IN"},
    },
    "issuer": ISSUER,
    "issuanceDate": "2022-04-07T12:32:00.334Z",
    "evidence": [
        {
            "id": "https://cowin.gov.in/vaccine/1",
            "certificateId": "12345",
            "type": ["Vaccination"],
            "batch": "B-1",
            "vaccine": "COVISHIELD",
            "manufacturer": "Serum Institute of India",
            "icd11Code": "XM9QW8",
            "prophylaxis": "COVID-19 vaccine, non-replicating viral vector",
            "date": "2022-02-17T05:30:28.187Z",
            "effectiveStart": "2022-03-01",
            "effectiveUntil": "2023-03-01",
            "dose": 1,
            "totalDoses": 2,
            "verifier": {"name": "Specimen Vaccinator"},
            "facility": {"name": "Specimen Centre", "address": {"district": "", "addressCountry": "IND"}},
        }
    ],
    "nonTransferable": "true",
}


def b64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def sign(document: dict[str, Any], key: Any = RSA, method: str = METHOD, header: dict[str, Any] | None = None) -> bytes:
    """The document with a proof by `key`."""
    elliptic = isinstance(key, ed25519.Ed25519PrivateKey)
    proof = {
        "type": "Ed25519Signature2018" if elliptic else "RsaSignature2018",
        "created": "2022-04-07T12:32:00Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    told = {"alg": "EdDSA" if elliptic else "PS256", "b64": False, "crit": ["b64"]}
    start = b64url(json.dumps(told).encode())
    unsigned = document | {"proof": proof | {"jws": f"{start}..{b64url(bytes(64))}"}}
    try:
        covered = linked_data.take_apart(unsigned).covered
    except LinkedDataError:
        covered = b""
    padded = padding.PSS(padding.MGF1(SHA256()), 32)
    signature = key.sign(covered) if elliptic else key.sign(covered, padded, SHA256())
    start = b64url(json.dumps(header or told).encode())
    return json.dumps(document | {"proof": proof | {"jws": f"{start}..{b64url(signature)}"}}).encode()


def zipped(content: bytes, name: str = "certificate.json", how: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", how) as archive:
        archive.writestr(name, content)
    return held.getvalue()


GOOD = sign(DOCUMENT)


def checked(content: bytes, trust: TrustStore = TRUST, at: datetime = AT) -> Verdict:
    return divoc.check_bytes(content, trust, at)


def changed(**evidence: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: document | {"evidence": [document["evidence"][0] | evidence]}


def test_a_good_certificate_is_verified_with_everything_it_says() -> None:
    assert checked(GOOD) == Verdict(
        outcome="verified",
        reason="ok",
        format="divoc",
        issuer=ISSUER,
        country="IN",
        kid=base64.b64encode(METHOD.encode()).decode(),
        subject=Subject(given="Anna Specimen", birth_date="1990-05-14"),
        events=(
            Event(
                kind="vaccination",
                disease="840539006",
                product="Covishield",
                manufacturer="ORG-100001981",
                vaccine="29061000087103",
                dose=1,
                doses=2,
                date="2022-02-17",
                country="IN",
                issuer="Specimen Centre",
                certificate_id="12345",
            ),
        ),
        issued_at=datetime(2022, 4, 7, 12, 32, 0, 334000, UTC),
        identifier=checked(GOOD).identifier,
    )


def test_both_kinds_of_proof_are_verified_by_their_own_kind_of_key() -> None:
    edwards = build_store([replace(KEY, public_key=EDWARDS.public_key())])
    assert checked(sign(DOCUMENT, EDWARDS), edwards).outcome == "verified"
    assert checked(sign(DOCUMENT, EDWARDS), TRUST).reason == "signature_wrong"
    assert checked(GOOD, edwards).reason == "signature_wrong"


@pytest.mark.parametrize(
    "wrap",
    [
        zipped,
        lambda content: zipped(content, how=zipfile.ZIP_STORED),
        lambda content: zipped(content).decode("latin-1").encode("utf-8"),
        lambda content: b" " + content,
    ],
)
def test_a_certificate_is_found_in_every_wrapping(wrap: Callable[[bytes], bytes]) -> None:
    assert checked(wrap(GOOD)).outcome == "verified"
    assert check_codes([("nothing", wrap(GOOD).lstrip())], TRUST, AT)[0].outcome in ("verified", "unreadable")


def test_the_codes_of_a_picture_are_taken_as_bytes() -> None:
    (verdict,) = check_codes([("PK\x03\x04 lost", zipped(GOOD))], TRUST, AT)
    assert verdict.outcome == "verified"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "malformed"),
        (b"PK\x03\x04", "malformed"),
        (zipped(GOOD)[:-30], "malformed"),
        (zipped(bytes(5_000_000)), "malformed"),
        (zipped(b"[]"), "malformed"),
        (zipped(GOOD, how=zipfile.ZIP_LZMA), "malformed"),
        (bytes(70_000), "too_large"),
        (b"{" * 60_000, "malformed"),
        (b'{"a": 1, "a": 2}', "malformed"),
    ],
)
def test_what_is_no_certificate_is_unreadable(content: bytes, reason: str) -> None:
    verdict = checked(content)
    assert (verdict.outcome, verdict.reason) == ("unreadable", reason)


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        (TrustStore(), "issuer_unknown"),
        (build_store([replace(KEY, scheme="shc")]), "issuer_unknown"),
        (build_store([replace(KEY, issuer="https://other.example")]), "issuer_unknown"),
        (build_store([replace(KEY, public_key=rsa.generate_private_key(65537, 2048).public_key())]), "signature_wrong"),
        (build_store([replace(KEY, withdrawn=True)]), "key_withdrawn"),
        (build_store([replace(KEY, usages=frozenset({"test"}))]), "key_not_for_this_use"),
    ],
)
def test_each_trouble_with_the_key_has_its_own_reason(store: TrustStore, reason: str) -> None:
    verdict = checked(GOOD, store)
    assert (verdict.outcome, verdict.reason) == ("unverified", reason)
    assert verdict.subject is not None


def test_an_issuer_that_left_anothers_method_in_is_found_by_its_own_address() -> None:
    island = replace(KEY, kid=b"did:island", issuer="https://health.example", country="JM")
    elsewhere = DOCUMENT | {"issuer": "https://health.example"}
    verdict = checked(sign(elsewhere), build_store([island]))
    assert (verdict.outcome, verdict.country) == ("verified", "JM")
    assert checked(GOOD, build_store([island])).reason == "issuer_unknown"


def person(**said: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda document: document | {"credentialSubject": document["credentialSubject"] | said}


SIGNED_DAY = "2022-02-17T05:30:28.187Z"
# Each of these says something else in words that mean the same to the signature, or in words that it does not cover.
DEALT_ANEW: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "dose and doses exchanged": changed(dose=2, totalDoses=1),
    "the last day put first": changed(date="2023-03-01", effectiveUntil=SIGNED_DAY),
    "the start put first": changed(date="2022-03-01", effectiveStart=SIGNED_DAY),
    "a date by its address": changed(**{"date": "2022-04-01", "https://schema.org/date": SIGNED_DAY}),
    "no day at all": changed(date="", effectiveStart="", effectiveUntil=""),
    "days in lists": changed(effectiveStart=["2022-03-01"]),
    "another day": changed(date="2022-02-18"),
    "another name": person(name="Eve Specimen"),
    "the name by its address": person(**{"name": "Eve", "https://schema.org/name": "Anna Specimen"}),
    "a list of names": person(name=["Anna Specimen", "Eve"]),
    "a node with a mark for no name": person(id="_:b0"),
    "a node that is no address, which is not signed": person(id="nobody"),
    "two events of one": lambda document: document | {"evidence": document["evidence"] * 2},
    "no event": lambda document: document | {"evidence": []},
    "a context of its own": lambda document: document | {"@context": [*document["@context"], {"name": "schema:x"}]},
    "a graph": lambda document: document | {"@graph": []},
}
WELL_FORMED = ("another day", "another name")


@pytest.mark.parametrize("name", DEALT_ANEW)
def test_nothing_else_can_be_said_under_a_good_signature(name: str) -> None:
    bent = json.dumps(DEALT_ANEW[name](DOCUMENT) | {"proof": json.loads(GOOD)["proof"]}).encode()
    verdict = checked(bent)
    assert verdict.outcome == "unverified"
    # Nor does it help that the issuer itself signs such a form.
    if name not in WELL_FORMED:
        assert checked(sign(DEALT_ANEW[name](DOCUMENT))).outcome == "unverified"


def test_what_is_said_of_one_node_stands_in_one_place() -> None:
    whole = json.loads(GOOD)
    twice = DEALT_ANEW["two events of one"](whole)
    assert linked_data.take_apart(whole).method == METHOD
    with pytest.raises(UnsafeDocument, match="stands twice"):
        linked_data.take_apart(twice)


def test_a_birth_date_that_the_first_context_does_not_cover_is_left_out() -> None:
    someone = {name: value for name, value in DOCUMENT["credentialSubject"].items() if name != "dob"}
    first = DOCUMENT | {"@context": [DOCUMENT["@context"][0], V1], "credentialSubject": someone}
    bent = person(dob="2001-01-01")(first | {"proof": json.loads(sign(first))["proof"]})
    verdict = checked(json.dumps(bent).encode())
    assert (verdict.outcome, verdict.subject) == ("verified", Subject(given="Anna Specimen"))


def test_another_writing_of_the_same_statements_is_the_same_certificate() -> None:
    whole = json.loads(GOOD)
    other = json.dumps(dict(reversed(whole.items())), indent=3).encode()
    swapped = changed(batch="12345", certificateId="B-1")(DOCUMENT) | {"proof": whole["proof"]}
    identifiers = {checked(content).identifier for content in (GOOD, other, zipped(GOOD), json.dumps(swapped).encode())}
    assert len(identifiers) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"@context": ["https://www.w3.org/2018/credentials/v1", "https://unheard.example/v1"]},
        {"@context": "https://unheard.example/v1"},
        {"proof": {"type": "BbsBlsSignature2020"}},
    ],
)
def test_a_context_or_proof_that_is_not_known_is_told_and_never_fetched(change: dict[str, Any]) -> None:
    verdict = checked(json.dumps(json.loads(GOOD) | change).encode())
    assert (verdict.outcome, verdict.reason) == ("unverified", "unknown_format")
    assert verdict.subject is not None


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "b64": False, "crit": ["b64"]},
        {"alg": "RS256", "b64": False, "crit": ["b64"]},
        {"alg": "PS256"},
        {"alg": "PS256", "b64": True, "crit": ["b64"]},
        {"alg": "PS256", "b64": False, "crit": ["b64", "exp"]},
    ],
)
def test_no_other_kind_of_signature_is_taken(header: dict[str, Any]) -> None:
    assert checked(sign(DOCUMENT, header=header)).reason == "malformed"


def test_a_document_made_to_be_slow_is_given_up() -> None:
    many = DOCUMENT | {"evidence": [{"verifier": {"name": str(number)}} for number in range(40)]}
    alike = changed(verifier=[{"name": "a"}] * 12)(DOCUMENT)
    large = DOCUMENT | {"nonTransferable": ["x"] * 10, "evidence": [{"batch": str(number)} for number in range(600)]}
    for slow in (many, alike, large):
        assert checked(sign(slow)).outcome == "unverified"


def test_times_before_and_after_are_facts_and_no_failure() -> None:
    assert checked(GOOD, at=datetime(2022, 1, 1, tzinfo=UTC)).validity == "not_yet_valid"
    ended = build_store([replace(KEY, valid_until=datetime(2022, 4, 30, tzinfo=UTC))])
    assert (checked(GOOD, ended).outcome, checked(GOOD, ended).validity) == ("verified", "expired")


@given(st.binary(max_size=120))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"{"):
        checked(start + content)


NAMES = [*DOCUMENT, "id", "name", "x:y"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*DOCUMENT, "id", "name", "x:y"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*DOCUMENT, "proof"]), JSON)
def test_no_value_anywhere_makes_it_raise_or_verify(name: str, value: Any) -> None:
    whole = json.loads(GOOD)
    verdict = checked(json.dumps(whole | {name: value}).encode())
    assert verdict.outcome != "verified" or whole[name] == value or name == "type"


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_never_changes_what_is_verified(at: int, change: int) -> None:
    verdict = checked(GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :])
    if verdict.outcome == "verified":
        good = checked(GOOD)
        assert (verdict.subject, verdict.events[0].date) == (good.subject, good.events[0].date)


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_published_certificate_has_the_verdict_of_its_publisher(capsys: pytest.CaptureFixture[str]) -> None:
    keys = [
        key
        for name in ("did-india", "divoc-test")
        for key in gather(DATA / f"keys/{name}.pem", Origin(name, "divoc", "IN", METHOD))[0]
    ]
    store = build_store(keys)
    expected = json.loads((DATA / "expected.json").read_text())
    wrong = []
    for entry in expected:
        content = (DATA.parent / entry["file"]).read_bytes()
        codes = [("", content)]
        if not entry["file"].endswith(".json"):
            codes = [(code.text, code.content) for code in find_codes(open_picture(content))]
        verdicts = check_codes(codes, store, AT) if codes[0][0] else [checked(content, store)]
        if [verdict.outcome == "verified" for verdict in verdicts] != [entry["accept_with_keys_here"]]:
            wrong.append(entry["file"])
    with capsys.disabled():
        print(f"\ndivoc: {len(expected) - len(wrong)} of {len(expected)}")
    assert not wrong

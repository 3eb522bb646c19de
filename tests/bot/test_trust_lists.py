"""Lists of trusted keys in every shape that they are published in; each is made here from keys of its own."""

import base64
import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from bot.certificates.public_keys import to_spki
from bot.certificates.trust import (
    SCHEMES,
    TrustedKey,
    TrustError,
)
from bot.certificates.trust_files import gather, read_keys
from bot.certificates.trust_lists import own
from bot.certificates.trust_lists.origin import Origin
from tests.specimens.make_keys import (
    EC,
    ED_BYTES,
    EDWARDS,
    RSA,
    authority,
    jwk,
    pem_of,
    to_base58,
)
from tests.specimens.make_specimens import make_signer

DATA = Path(__file__).parents[3] / "shared" / "testdata"
HERE = Origin("here")


def read(listed: object, origin: Origin = HERE) -> tuple[list[TrustedKey], list[str]]:
    """Keys and troubles of a list in JSON."""
    found = list(read_keys(json.dumps(listed).encode(), "list.json", origin))
    keys = [key for key in found if isinstance(key, TrustedKey)]
    return keys, [problem.trouble for problem in found if not isinstance(problem, TrustedKey)]


def test_a_directory_binds_keys_to_their_issuers_and_takes_over_what_they_revoked() -> None:
    listed = {
        "directory": "https://example.org",
        "time": "2026-08-22T04:43:50Z",
        "issuerInfo": [
            {"issuer": {"iss": "https://a.example/"}, "keys": [jwk()], "crls": [crl("one", ["AA", "BB.12"])]},
            {"issuer": {"iss": "https://b.example"}, "keys": [jwk(), jwk(kid=""), jwk(use="enc")]},
            {"issuer": {"iss": "https://c.example"}, "keys": [jwk()], "crls": [crl("one", ["not a rid"])]},
            {"issuer": {}},
            None,
        ],
    }
    keys, troubles = read(listed)
    assert [(key.issuer, key.kid, key.scheme, sorted(key.revoked)) for key in keys] == [
        ("https://a.example", b"one", "shc", ["AA", "BB.12"]),
        ("https://b.example", b"one", "shc", []),
    ]
    assert {key.listed_on for key in keys} == {date(2026, 8, 22)}
    # A key whose list of revoked cards cannot be read would revoke nothing.
    assert len(troubles) == 5


def crl(kid: str, rids: list[str]) -> dict[str, object]:
    return {"kid": kid, "method": "rid", "ctr": 1, "rids": rids}


def test_one_issuers_key_set_needs_to_be_told_whose_it_is() -> None:
    keys, troubles = read({"keys": [jwk()]}, replace(HERE, issuer="https://a.example/"))
    assert [(key.issuer, key.scheme) for key in keys] == [("https://a.example", "shc")]
    assert (read({"keys": [jwk()]})[0], troubles) == ([], [])


def test_a_registry_of_all_frameworks_is_read() -> None:
    signer = make_signer()
    certificate = x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM).decode()
    ski = b"\1\2\3\4"
    listed = {
        "EUDCC": {
            base64.b64encode(signer.kid).decode(): {"didDocument": certificate, "credentialType": ["t", "v"]},
            "MTE=": {
                "didDocument": pem_of(EC.public_key()),
                "status": "revoked",
                "validUntilDT": "2030-01-01T00:00:00.000Z",
                "displayName": {"en": "Gov of Sri Lanka"},
            },
            "?": {"didDocument": pem_of(EC.public_key())},
            "AAAA": {"didDocument": "-----BEGIN"},
            "BBBB": {"didDocument": 5},
            "CCCC": None,
        },
        "SmartHealthCards": {"https://a.example#one": {"didDocument": jwk()}},
        "ICAO": {f"AUS#{base64.b64encode(ski).decode()}": {"didDocument": certificate}},
        "DIVOC": {"did:india": {"didDocument": pem_of(RSA.public_key()), "displayName": {"en": "Gov of India"}}},
        "CRED": {"X": {"didDocument": pem_of(EC.public_key())}},
    }
    keys, troubles = read(listed)
    assert [(key.scheme, key.kid, key.country, key.issuer) for key in keys] == [
        ("hcert", signer.kid, "XX", ""),
        ("hcert", b"11", "LK", ""),
        ("shc", b"one", "", "https://a.example"),
        ("vdsnc", ski, "AU", ""),
        ("divoc", b"did:india", "IN", "did:india"),
    ]
    assert keys[0].usages == {"test", "vaccination"}
    assert (keys[1].withdrawn, keys[1].valid_until) == (True, datetime(2030, 1, 1, tzinfo=UTC))
    assert len(troubles) == 4
    assert [key.scheme for key in read(listed, replace(HERE, scheme="shc"))[0]] == ["shc"]
    assert [key.scheme for key in read(listed["EUDCC"], replace(HERE, scheme="who-ddcc"))[0]] == ["who-ddcc"] * 2


def test_did_documents_are_read_in_every_form_of_key() -> None:
    did = "did:example:issuer"
    methods = [
        {"id": f"{did}#a", "publicKeyJwk": jwk()},
        {"id": "#b", "publicKeyPem": pem_of(RSA.public_key())},
        {"id": f"{did}#c", "publicKeyBase58": to_base58(ED_BYTES)},
        {
            "id": f"{did}#d",
            "publicKeyMultibase": "z" + to_base58(b"\xed\x01" + ED_BYTES),
        },
        {"id": f"{did}#e", "publicKeyHex": "00"},
        {"id": f"{did}#f", "publicKeyMultibase": "mAAAA"},
        {"publicKeyJwk": jwk()},
        f"{did}:elsewhere",
        None,
    ]
    keys, troubles = read({"id": did, "updated": "2026-10-01", "verificationMethod": methods})
    assert [key.kid.decode() for key in keys] == [f"{did}#{letter}" for letter in "abcd"]
    assert {(key.scheme, key.issuer, key.listed_on) for key in keys} == {("divoc", did, date(2026, 10, 1))}
    assert to_spki(keys[2].public_key) == to_spki(keys[3].public_key) == to_spki(EDWARDS.public_key())
    assert len(troubles) == 4


def test_only_methods_that_may_make_statements_are_trusted() -> None:
    did = "did:web:nzcp.example.nz"
    methods = [{"id": f"{start}#key-{number}", "publicKeyJwk": jwk()} for number, start in ((1, did), (2, ""))]
    keys, _ = read({"id": did, "verificationMethod": methods, "assertionMethod": ["#key-2"]})
    assert [(key.kid, key.scheme, key.issuer, key.country) for key in keys] == [(b"key-2", "nzcp", did, "NZ")]


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("v2:trustlist:DCC:DEU:DSC", ("hcert", "DE")),
        ("v2:trustlist:DDCC:SGP:DSC", ("who-ddcc", "SG")),
        ("v2:trustlist:-:VNM:DSC", ("hcert", "VN")),
        ("trustlist:DEU:DSC", ("hcert", "DE")),
        ("v2:trustlist:ICAO:AUS:SCA", ("vdsnc", "AU")),
        ("v2:trustlist:DCC:DEU:SCA", None),
        ("v2:trustlist:DCC:DEU:TLS", None),
        ("v2:trustlist:UNHEARD:DEU:DSC", None),
    ],
)
@pytest.mark.parametrize("certified", [True, False])
@pytest.mark.parametrize("whose", ["id", "controller"])
def test_the_who_networks_list_says_domain_country_and_usage(
    place: str, found: tuple[str, str] | None, certified: bool, whose: str
) -> None:
    did, kid = f"did:web:example.org:{place}", b"\0\1\2\3\4\5\6\7"
    chain = {"x5c": [base64.b64encode(authority()).decode()]} if certified else {}
    whole = "did:web:example.org:v2:trustlist"
    named = {"id": f"{did}#k"} if whose == "id" else {"id": f"{whole}#k", "controller": did}
    method = named | {"publicKeyJwk": jwk(kid=base64.b64encode(kid).decode()) | chain}
    keys, troubles = read({"id": whole, "verificationMethod": [method]})
    assert [(key.scheme, key.country) for key in keys] == ([found] if found else [])
    assert not troubles
    if found and found[0] != "vdsnc":
        assert keys[0].kid == kid


WORDS = (
    *(
        "certificates",
        "withdrawn",
        "kid",
        "rawData",
        "issuerInfo",
        "issuer",
        "iss",
        "keys",
        "kty",
        "EUDCC",
        "id",
        "x5c",
    ),
    *("didDocument", "verificationMethod", "publicKeyJwk", "assertionMethod", "form", "crls", "status", "x5c"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_no_json_makes_the_readers_raise_anything_else(listed: object) -> None:
    for scheme in ("", *SCHEMES):
        with contextlib.suppress(TrustError):
            list(read_keys(json.dumps(listed).encode(), "list.json", replace(HERE, scheme=scheme)))


@given(st.binary(max_size=200))
def test_no_bytes_make_the_readers_raise_anything_else(content: bytes) -> None:
    for start in (b"", b"\x30\x82", b"-----BEGIN CERTIFICATE-----\n"):
        with contextlib.suppress(TrustError):
            list(read_keys(start + content, "list.der", HERE))


def in_registry(listed: dict[str, Any]) -> int:
    """The keys in the frameworks that are known here."""
    return sum(len(listed[name]) for name in listed if name != "CRED")


PUBLISHED = (
    ("trust/dcc-acc-dsc.json", "", lambda listed: len(listed["certificates"])),
    ("trust/dcc-prod-dsc.json", "", lambda listed: len(listed["certificates"])),
    ("trust/vci/vci_snapshot.json", "", lambda listed: sum(len(entry["keys"]) for entry in listed["issuerInfo"])),
    (
        "trust/gpl-pathcheck/registry.json",
        "",
        lambda listed: sum(len(listed[name]) for name in listed if name != "CRED"),
    ),
    (
        "trust/gpl-pathcheck/test-registry.json",
        "",
        lambda listed: sum(len(listed[name]) for name in listed if name != "CRED"),
    ),
    ("who-ddcc/keys.json", "who-ddcc", len),
    ("nzcp/did.json", "", lambda listed: len(listed["verificationMethod"])),
)


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_key_of_the_published_lists_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for name, scheme, count in PUBLISHED:
        path = DATA / name
        keys, problems = gather(path, replace(HERE, scheme=scheme))
        expected = count(json.loads(path.read_text()))
        told.append(f"{name} {len(keys)} of {expected}")
        assert (len(keys), problems) == (expected, [])
        copied = list(read_keys(own.write("copy", "", keys), "copy.json", HERE))
        assert len(copied) == len(keys)
    for name in ("vdsnc/csca", "divoc/keys", "israel/original"):
        files = sorted(path for ending in ("*.der", "*.pem") for path in (DATA / name).glob(ending))
        keys = [key for path in files for key in gather(path, replace(HERE, scheme=name.partition("/")[0]))[0]]
        told.append(f"{name} {len(keys)} of {len(files)}")
        assert len(keys) == len(files) > 0
    for path in (DATA / "vdsnc/csca").glob("*.der"):
        ((key,), _) = gather(path, replace(HERE, scheme="vdsnc"))
        assert key.kid.hex() == path.name.partition("_")[0]
    with capsys.disabled():
        print("\ntrust lists: " + ", ".join(told))

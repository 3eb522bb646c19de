"""Trust lists from a folder: what is read, what is reported, and that one bad entry hides no other."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from bot.certificates.signer_certificates import key_of
from bot.certificates.specimens import folder
from bot.certificates.trust import (
    ALL_KINDS,
    HCERT,
    TrustStore,
    UnusableCertificate,
    build_store,
    find_keys,
    iso_country,
    join_stores,
)
from bot.certificates.trust_files import load_trust
from tests.specimens.make_specimens import make_signer

DATA = Path(__file__).parents[3] / "shared" / "testdata"


def with_usages(*oids: str) -> bytes:
    """A signer certificate that names these extended key usages."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    )
    if oids:
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def entry(certificate: bytes, **more: object) -> dict[str, object]:
    kid = base64.b64encode(key_of(certificate).kid).decode()
    return {"kid": kid, "country": "XX", "rawData": base64.b64encode(certificate).decode()} | more


def listed(folder: Path, *entries: object, **more: object) -> TrustStore:
    (folder / "list.json").write_text(json.dumps({"certificates": list(entries)} | more))
    return load_trust(folder)


def only_key(store: TrustStore):  # type: ignore[no-untyped-def]
    ((key,),) = store.keys.values()
    return key


def test_a_gateway_list_gives_its_keys(tmp_path: Path) -> None:
    signer = make_signer()
    store = listed(tmp_path, entry(signer.certificate, country="EL"))
    key = only_key(store)
    assert (key.kid, key.country, key.source, key.scheme) == (signer.kid, "GR", "list.json", HCERT)
    assert key.valid_until == datetime(2046, 1, 1, tzinfo=UTC)
    assert (store.problems, key.withdrawn, key.specimen, key.usages) == ((), False, False, ALL_KINDS)


def test_single_certificates_are_read_as_der_and_pem(tmp_path: Path) -> None:
    first, second, third = make_signer(), make_signer(), make_signer()
    (tmp_path / "one.der").write_bytes(first.certificate)
    pems = [x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM) for signer in (second, third)]
    (tmp_path / "two.pem").write_bytes(b"\n".join(pems))
    (tmp_path / "notes.txt").write_text("not a trust file")
    store = load_trust(tmp_path)
    assert set(store.keys) == {first.kid, second.kid, third.kid}
    assert {key.country for keys in store.keys.values() for key in keys} == {"XX"}
    assert not store.problems


@pytest.mark.parametrize("family", ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."])
def test_both_families_of_usages_bind_a_key(family: str) -> None:
    assert key_of(with_usages(family + "1")).usages == {"test"}
    assert key_of(with_usages(family + "2")).usages == {"vaccination"}
    assert key_of(with_usages(family + "3", family + "1")).usages == {"recovery", "test"}


def test_a_key_that_names_no_known_usage_may_sign_all() -> None:
    assert key_of(with_usages()).usages == ALL_KINDS
    assert key_of(with_usages("1.3.6.1.5.5.7.3.2")).usages == ALL_KINDS


def test_withdrawn_and_specimen_marks_are_kept(tmp_path: Path) -> None:
    one, two = make_signer().certificate, make_signer().certificate
    store = listed(tmp_path, entry(one, withdrawn=True), entry(two), withdrawn=[entry(two)["kid"]], specimen=True)
    keys = [key for keys in store.keys.values() for key in keys]
    assert [(key.withdrawn, key.specimen) for key in keys] == [(True, True), (True, True)]


def test_two_issuers_may_share_one_identifier(tmp_path: Path) -> None:
    one, two = make_signer().certificate, make_signer().certificate
    kid = entry(one)["kid"]
    store = listed(tmp_path, entry(one), entry(two, kid=kid, country="DE"))
    assert [key.country for key in find_keys(store, HCERT, base64.b64decode(str(kid)))] == ["XX", "DE"]
    assert find_keys(store, "other", base64.b64decode(str(kid))) == ()


def test_bad_entries_are_reported_and_hide_no_other(tmp_path: Path) -> None:
    good = entry(make_signer().certificate, certificateType="DSC")
    edwards = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    bad: list[object] = [
        None,
        5,
        {},
        good | {"rawData": ""},
        good | {"rawData": "AAAA"},
        good | {"rawData": "MIIH"},
        good | {"rawData": base64.b64encode(edwards).decode()},
        good | {"rawData": base64.b64encode(bytes(100_000)).decode()},
        good | {"kid": "?"},
        good | {"certificateType": "CSCA"},
        good | {"certificateType": None},
        good | {"kid": 5},
        good | {"country": None},
    ]
    store = listed(tmp_path, *bad, good)
    assert len(store.keys) == 1
    assert len(store.problems) == len(bad)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"{}", b'{"certificates": 5}', b"[" * 100_000, b"\xff\xfe"])
def test_a_file_that_is_no_list_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list.json").write_bytes(content)
    store = load_trust(tmp_path)
    assert not store.keys
    assert [problem.source for problem in store.problems] == ["list.json"]


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----", b"\x30\x80", bytes(70_000)])
def test_a_broken_certificate_file_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.pem").write_bytes(content)
    store = load_trust(tmp_path)
    assert not store.keys
    assert [problem.source for problem in store.problems] == ["one.pem"]


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    store = load_trust(tmp_path / "nowhere")
    assert not store.keys
    assert len(store.problems) == 1


def test_a_mutilated_certificate_never_crashes() -> None:
    whole = make_signer().certificate
    for at in range(0, len(whole), 3):
        for changed in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]):
            try:
                key_of(changed)
            except UnusableCertificate:
                continue


def test_stores_join_with_all_keys_and_problems(tmp_path: Path) -> None:
    one, two = build_store([key_of(make_signer().certificate)]), build_store([key_of(make_signer().certificate)])
    joined = join_stores(one, two, load_trust(tmp_path / "nowhere"))
    assert set(joined.keys) == set(one.keys) | set(two.keys)
    assert len(joined.problems) == 1


def test_the_specimen_list_holds_one_marked_key() -> None:
    store = load_trust(folder())
    key = only_key(store)
    assert (key.specimen, key.country, store.problems) == (True, "XX", ())


def test_two_codes_beside_iso_are_understood() -> None:
    assert [iso_country(code) for code in ("EL", "uk", " de ", "VN", "")] == ["GR", "GB", "DE", "VN", ""]


@pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")
def test_every_signer_of_the_published_lists_is_usable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("dcc-acc-dsc.json", "dcc-prod-dsc.json")
    for name in names:
        (tmp_path / name).write_bytes((DATA / "trust" / name).read_bytes())
    entries = sum(len(json.loads((tmp_path / name).read_text())["certificates"]) for name in names)
    store = load_trust(tmp_path)
    keys = [key for keys in store.keys.values() for key in keys]
    with capsys.disabled():
        print(f"\nsigners of the EU gateway: {len(keys)} of {entries}")
    assert (len(keys), store.problems) == (entries, ())

"""HC1: certificates: layer by layer, what is refused and why."""

import contextlib
import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from bot.certificates import base45, cbor, cose, hcert
from bot.certificates.check import check, format_of
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.verdict import Event, Subject, Verdict, keep, recall
from tests.specimens.make_specimens import COUNTRY, EXPIRES, ISSUED, make_signer, sign, statement

AT = datetime(2026, 11, 24, tzinfo=UTC)
SIGNER = make_signer()
KEY = key_of(SIGNER.certificate)
TRUST = build_store([KEY])
CONTENT = statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001")
GOOD = sign(SIGNER, CONTENT)
# The order of P-256 (SEC 2, 2.4.2): with s, n - s is as good a signature.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def message_of(text: str) -> list[object]:
    """The four parts of the COSE message in a text."""
    parts: list[object] = cbor2.loads(hcert.unwrap(text)).value
    return list(parts)


def text_of(message: object) -> str:
    return "HC1:" + base45.encode(zlib.compress(message if isinstance(message, bytes) else cbor2.dumps(message)))


def test_a_good_certificate_is_verified_with_everything_it_says() -> None:
    assert check(GOOD, TRUST, AT) == Verdict(
        outcome="verified",
        reason="ok",
        format="hcert",
        issuer=COUNTRY,
        country=COUNTRY,
        kid=check(GOOD, TRUST, AT).kid,
        subject=Subject("Specimen", "Anna Maria", "SPECIMEN", "ANNA<MARIA", "1990-05-14"),
        events=(
            Event(
                kind="vaccination",
                disease="840539006",
                product="EU/1/20/1528",
                manufacturer="ORG-100030215",
                vaccine="1119349007",
                dose=2,
                doses=2,
                date="2026-03-02",
                country=COUNTRY,
                issuer="Khaibao Specimen Authority",
                certificate_id="URN:UVCI:01:XX:SPECIMENANNA0001",
            ),
        ),
        issued_at=ISSUED,
        expires_at=EXPIRES,
        identifier="uvci:XX:01:XX:SPECIMENANNA0001",
    )


def test_a_verdict_survives_being_kept_as_json() -> None:
    for verdict in (check(GOOD, TRUST, AT), check("HC1:", TRUST, AT), check("nothing", TRUST, AT)):
        assert recall(json.loads(json.dumps(keep(verdict)))) == verdict


@pytest.mark.parametrize("kept", [{}, {"outcome": "accepted"}, keep(check(GOOD, TRUST, AT)) | {"issued_at": 5}])
def test_what_is_no_verdict_is_not_recalled(kept: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        recall(kept)


def test_being_out_of_date_is_a_fact_and_no_failure() -> None:
    late, early = check(GOOD, TRUST, EXPIRES + timedelta(1)), check(GOOD, TRUST, ISSUED - timedelta(1))
    assert (late.outcome, late.validity) == ("verified", "expired")
    assert (early.outcome, early.validity) == ("verified", "not_yet_valid")


def test_a_certificate_ends_with_the_key_that_signed_it() -> None:
    store = build_store([replace(KEY, valid_until=AT - timedelta(1))])
    assert check(GOOD, store, AT).validity == "expired"


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        (TrustStore(), "issuer_unknown"),
        (build_store([replace(KEY, scheme="other")]), "issuer_unknown"),
        (build_store([replace(key_of(make_signer().certificate), kid=KEY.kid)]), "signature_wrong"),
        (build_store([replace(KEY, withdrawn=True)]), "key_withdrawn"),
        (build_store([KEY, replace(KEY, withdrawn=True, source="another list")]), "key_withdrawn"),
        (build_store([replace(KEY, usages=frozenset({"test"}))]), "key_not_for_this_use"),
    ],
)
def test_each_trouble_with_the_key_has_its_own_reason(store: TrustStore, reason: str) -> None:
    verdict = check(GOOD, store, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", reason)
    assert verdict.subject is not None


@pytest.mark.parametrize(
    ("issuer", "country", "accepted"),
    [
        ("DE", "DE", True),
        ("DE", "FR", False),
        ("GR", "EL", True),
        ("EL", "GR", True),
        ("UK", "GB", True),
        ("JE", "GB", True),
        ("GB", "JE", False),
        ("CH BAG", "CH", True),
        ("CH BAG", "DE", False),
        ("CNAM", "FR", True),
        ("", "FR", True),
        ("DE", "ZZ", True),
    ],
)
def test_a_key_signs_for_its_own_country_only(issuer: str, country: str, accepted: bool) -> None:
    verdict = check(_signed({1: issuer} if issuer else {}), build_store([replace(KEY, country=country)]), AT)
    assert verdict.reason == ("ok" if accepted else "key_not_for_this_use")
    if accepted:
        assert verdict.country == country


def test_all_keys_with_the_identifier_are_tried() -> None:
    others = [replace(key_of(make_signer().certificate), kid=KEY.kid) for _ in range(3)]
    assert check(GOOD, build_store([*others, KEY, *others]), AT).outcome == "verified"


def test_the_key_identifier_in_the_protected_header_wins() -> None:
    protected, _, payload, signature = message_of(GOOD)
    wrong_beside = text_of(cbor2.CBORTag(18, [protected, {4: b"12345678"}, payload, signature]))
    assert check(wrong_beside, TRUST, AT).outcome == "verified"
    other = make_signer()
    wrong_inside = _resigned(cbor2.dumps({1: -7, 4: other.kid}), {4: SIGNER.kid})
    assert check(wrong_inside, TRUST, AT).reason == "issuer_unknown"
    only_beside = _resigned(cbor2.dumps({1: -7}), {4: SIGNER.kid})
    assert check(only_beside, TRUST, AT).outcome == "verified"


@pytest.mark.parametrize("algorithm", [None, 0, -8, -35, -37, -257, 5, "none", "ES256", True])
def test_no_algorithm_but_that_of_the_key_is_taken(algorithm: object) -> None:
    verdict = check(_resigned(cbor2.dumps({1: algorithm, 4: SIGNER.kid})), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "signature_wrong")


def test_an_empty_signature_is_wrong_whatever_the_algorithm_says() -> None:
    protected, unprotected, payload, _ = message_of(GOOD)
    for signature in (b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65)):
        verdict = check(text_of(cbor2.CBORTag(18, [protected, unprotected, payload, signature])), TRUST, AT)
        assert verdict.reason == "signature_wrong"


def test_a_rewritten_signature_gives_the_same_certificate() -> None:
    protected, _, payload, signature = message_of(GOOD)
    assert isinstance(signature, bytes)
    other = signature[:32] + (ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    twin = check(text_of(cbor2.CBORTag(18, [protected, {9: "padding"}, payload, other])), TRUST, AT)
    assert twin.outcome == "verified"
    assert twin.identifier == check(GOOD, TRUST, AT).identifier


def test_a_certificate_without_a_number_of_its_own_is_known_by_its_content() -> None:
    content = statement("A", "B", "1990", "X")
    content["v"] = [{name: value for name, value in CONTENT["v"][0].items() if name != "ci"}]  # type: ignore[index]
    first, second = check(sign(SIGNER, content), TRUST, AT), check(sign(SIGNER, content), TRUST, AT)
    assert first.identifier == second.identifier
    assert first.identifier.startswith("sha256:")


@pytest.mark.parametrize("wrap", [lambda parts: parts, lambda parts: cbor2.CBORTag(61, cbor2.CBORTag(18, parts))])
def test_bare_and_doubly_tagged_messages_are_understood(wrap: object) -> None:
    assert callable(wrap)
    assert check(text_of(wrap(message_of(GOOD))), TRUST, AT).outcome == "verified"


def test_a_p384_key_verifies_under_es256() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    store = build_store([TrustedKey(SIGNER.kid, "hcert", COUNTRY, key.public_key())])
    message = cose.take_apart(hcert.unwrap(GOOD))
    covered = cbor2.dumps(["Signature1", message.protected, b"", message.payload])
    r, s = decode_dss_signature(key.sign(covered, ec.ECDSA(SHA256())))
    signature = r.to_bytes(48, "big") + s.to_bytes(48, "big")
    assert check(text_of([message.protected, {}, message.payload, signature]), store, AT).outcome == "verified"


def test_two_events_in_one_certificate_are_refused() -> None:
    twice = CONTENT | {"v": [CONTENT["v"][0]] * 2}  # type: ignore[index]
    verdict = check(sign(SIGNER, twice), TRUST, AT)
    assert (verdict.outcome, verdict.reason, len(verdict.events)) == ("unverified", "malformed", 2)


@pytest.mark.parametrize("change", [{"v": []}, {"v": None}, {"v": {}}, {"v": [5]}, {"nam": None}, {"nam": {}}])
def test_a_signed_statement_that_says_nothing_is_malformed(change: dict[str, object]) -> None:
    verdict = check(sign(SIGNER, CONTENT | change), TRUST, AT)
    assert (verdict.outcome, verdict.reason) == ("unverified", "malformed")


@pytest.mark.parametrize(
    ("change", "birth_date"),
    [
        ({"dob": "1990"}, "1990"),
        ({"dob": "1990-05"}, "1990-05"),
        ({"dob": ""}, ""),
        ({"dob": "1990-05-14T00:00:00"}, "1990-05-14"),
        ({"dob": "1990-05-14T00:00:00+02:00"}, "1990-05-14"),
        ({"dob": "1990-XX-XX"}, "1990"),
        ({"dob": None}, ""),
        ({"dob": 1990}, ""),
        ({"dob": " 1990-05-14 "}, "1990-05-14"),
        ({"t": None, "r": None}, "1990-05-14"),
        ({"dob": "14.05.1990"}, ""),
    ],
)
def test_what_issuers_bend_is_straightened(change: dict[str, object], birth_date: str) -> None:
    verdict = check(sign(SIGNER, CONTENT | change), TRUST, AT)
    assert verdict.outcome == "verified"
    assert verdict.subject is not None
    assert verdict.subject.birth_date == birth_date


@pytest.mark.parametrize(("written", "read"), [(2, 2), (2.0, 2), (2.5, None), (-1, None), ("2", None), (True, None)])
def test_doses_are_whole_numbers_however_written(written: object, read: int | None) -> None:
    content = CONTENT | {"v": [CONTENT["v"][0] | {"dn": written, "dt": "2026-03-02T00:00:00Z", "mp": " EU/1/20/1528 "}]}  # type: ignore[index]
    event = check(sign(SIGNER, content), TRUST, AT).events[0]
    assert (event.dose, event.date, event.product) == (read, "2026-03-02", "EU/1/20/1528")


@pytest.mark.parametrize("expires", [1.9e9, 2**63, -(2**60), 1e300, float("inf"), float("nan"), "2036", None, [1]])
def test_strange_times_raise_nothing(expires: object) -> None:
    assert check(_signed({4: expires, 6: expires}), TRUST, AT).outcome == "verified"


@pytest.mark.parametrize(
    ("text", "outcome", "reason", "form"),
    [
        ("", "unreadable", "unknown_format", "unknown"),
        ("https://example.org", "unreadable", "unknown_format", "unknown"),
        (GOOD[4:], "unreadable", "unknown_format", "unknown"),
        ("HC2:" + GOOD[4:], "unreadable", "unknown_format", "unknown"),
        ("HC1:", "unreadable", "malformed", "hcert"),
        ("HC1:ä", "unreadable", "malformed", "hcert"),
        ("HC1:" + GOOD[4:-6], "unreadable", "malformed", "hcert"),
        ("HC1:" + base45.encode(hcert.unwrap(GOOD)), "unreadable", "malformed", "hcert"),
        ("HC1:" + "A" * 9000, "unreadable", "too_large", "hcert"),
        ("HC1:" + base45.encode(zlib.compress(bytes(5_000_000), 9)), "unreadable", "too_large", "hcert"),
    ],
)
def test_texts_that_are_no_hcert_are_named(text: str, outcome: str, reason: str, form: str) -> None:
    verdict = check(text, TRUST, AT)
    assert (verdict.outcome, verdict.reason, verdict.format) == (outcome, reason, form)
    assert format_of(text) == form


def test_a_who_certificate_is_named_and_left_to_a_person() -> None:
    payload = cbor2.dumps({1: "XX", -37: {"name": "Anna"}})
    verdict = check(text_of([cbor2.dumps({1: -7, 4: b"11"}), {}, payload, bytes(64)]), TRUST, AT)
    assert (verdict.outcome, verdict.reason, verdict.format) == ("unverified", "unknown_format", "who-ddcc")


def test_line_ends_around_a_copied_text_do_no_harm() -> None:
    assert check(f"\n{GOOD}\r\n", TRUST, AT).outcome == "verified"


@pytest.mark.parametrize(
    "content",
    [
        "c48219ffff01",  # a decimal fraction
        "c51a7fffffff",  # a big float
        "d82363282e2a",  # a regular expression
        "c249010000000000000000",  # a bignum
        "d81c80",  # a shared reference
        "a2010101" + "02",  # one key twice
        "0000",  # trailing bytes
        "818181818181818181818101",  # too deep
        "9bffffffffffffffff",  # an array of more than there can be
        "5bffffffffffffffff",  # a string of more than there can be
        "bb7fffffffffffffff",
        "ff",
        "81ff",
        "bf01ff",
        "5f01ff",
        "5f5f41ffff",
        "1f",
        "3f",
        "1c",
        "f800",
        "61ff",
        "a18001",
        "a1f501",
        "",
        "d28401020304d2",
    ],
)
def test_cbor_beyond_need_is_refused(content: str) -> None:
    with pytest.raises(cbor.CborError):
        cbor.decode(bytes.fromhex(content))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers(-99, 99) | st.text(max_size=5), inner),
    max_leaves=12,
)


@given(VALUES)
def test_plain_cbor_is_read_as_the_general_library_reads_it(value: object) -> None:
    written = cbor2.dumps(value)
    try:
        assert cbor.decode(written) == value
    except cbor.CborError as wrong:
        assert "deep" in str(wrong)  # noqa: PT017


@given(st.binary(max_size=200))
def test_no_bytes_make_the_cbor_reader_raise_anything_else(content: bytes) -> None:
    with contextlib.suppress(cbor.CborError):
        cbor.decode(content)


@given(st.binary(max_size=100))
def test_base45_comes_back_as_it_went(content: bytes) -> None:
    assert base45.decode(base45.encode(content)) == content


@pytest.mark.parametrize("text", ["A", "ab", "GGW", ":::", "::", "A B C D \t"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    with pytest.raises(base45.Base45Error):
        base45.decode(text)


def test_base45_agrees_with_the_examples_of_its_standard() -> None:
    for text, content in (
        ("BB8", b"AB"),
        ("%69 VD92EX0", b"Hello!!"),
        ("UJCLQE7W581", b"base-45"),
        ("QED8WEX0", b"ietf!"),
    ):
        assert base45.decode(text) == content
        assert base45.encode(content) == text


def _signed(claims: dict[int, object]) -> str:
    """A certificate with these claims beside the statement."""
    return _resigned(cbor2.dumps({1: -7, 4: SIGNER.kid}), payload=cbor2.dumps(claims | {-260: {1: CONTENT}}))


def _resigned(protected: bytes, unprotected: dict[int, object] | None = None, payload: bytes | None = None) -> str:
    """A message with other headers or claims under a good signature."""
    payload = payload or cbor2.dumps({1: COUNTRY, -260: {1: CONTENT}})
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = decode_dss_signature(SIGNER.key.sign(covered, ec.ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return text_of(cbor2.CBORTag(18, [protected, unprotected or {}, payload, signature]))

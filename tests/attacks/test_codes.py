"""Codes that attack: bent at every layer, they are never verified with other content and never raise."""

from __future__ import annotations

import zlib
from collections import Counter
from random import Random
from typing import Any

import cbor2
import pytest

from bot.certificates import base45, cbor, cose, hcert
from bot.certificates.check import check
from bot.certificates.trust import ALL_KINDS, HCERT, TrustedKey, build_store
from tests.attacks.hostile_codes import AT, LAYERS, claims, content_of, parts_of, signed, signers, twin, wrap
from tests.attacks.hostile_pictures import bomb
from tests.specimens.make_specimens import statement

SEED = 20261124
BENT_A_LAYER = 400
SPECIMEN = statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001")


@pytest.mark.parametrize("layer", LAYERS)
def test_a_bent_code_is_verified_only_with_the_very_content_that_was_signed(layer: str) -> None:
    chance, known, outcomes = Random(SEED), signers(), Counter[str]()
    for number in range(BENT_A_LAYER):
        sound = known.certificates[number % 2]
        text = LAYERS[layer](chance, sound.text)
        verdict = check(text, known.store, AT)
        outcomes[verdict.outcome] += 1
        if verdict.outcome == "verified":
            assert content_of(text) == (sound.protected, sound.payload)
            assert verdict.identifier == check(sound.text, known.store, AT).identifier
    # A layer at which nothing is refused would try nothing.
    assert outcomes.total() - outcomes["verified"] > (0 if layer == "unsigned" else BENT_A_LAYER / 3)
    if layer == "claims":
        assert not outcomes["verified"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_sound_codes_are_verified(number: int) -> None:
    verdict = check(signers().certificates[number].text, signers().store, AT)
    assert (verdict.outcome, verdict.reason) == ("verified", "ok")


# ---- bombs


@pytest.mark.parametrize("megabytes", [1, 64])
def test_a_deflate_bomb_opens_to_its_limit_and_no_further(megabytes: int) -> None:
    with pytest.raises(hcert.TooLarge):
        hcert.inflate(bomb(megabytes))
    text = hcert.PREFIX + base45.encode(bomb(megabytes))
    assert check(text, signers().store, AT).reason == "too_large"


def test_a_bomb_within_a_bomb_and_two_streams_one_after_the_other_are_refused() -> None:
    good = signers().certificates[0].text
    twice = hcert.PREFIX + base45.encode(zlib.compress(zlib.compress(hcert.unwrap(good))))
    behind = hcert.PREFIX + base45.encode(zlib.compress(hcert.unwrap(good)) + zlib.compress(b"more"))
    assert {check(text, signers().store, AT).reason for text in (twice, behind)} == {"malformed"}


HUGE_EXPONENT = [2**63, 1]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x81" * 60_000 + b"\x01", id="arrays in arrays"),
        pytest.param(b"\xa1\x01" * 30_000 + b"\x01", id="maps in maps"),
        pytest.param(b"\xd2" * 60_000 + b"\x01", id="tags on tags"),
        pytest.param(b"\x9f" * 60_000, id="arrays without end"),
        pytest.param(b"\x98\xff" + b"\x00" * 60_000, id="values behind the value"),
        pytest.param(b"\x9a\x00\x00\xea\x60" + b"\x00" * 60_000, id="sixty thousand values"),
        pytest.param(b"\xbb" + b"\xff" * 8, id="a map of more than there can be"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(4, HUGE_EXPONENT)), id="tag 4, a decimal fraction"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(5, HUGE_EXPONENT)), id="tag 5, a big float"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(30, [1, 0])), id="tag 30, one through nothing"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(35, "(a+)+" * 50 + "$")), id="tag 35, a regular expression"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(2, b"\xff" * 50_000)), id="tag 2, a bignum"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)])), id="tags 28 and 29, a list in itself"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(36, "From: x")), id="tag 36, a message"),
        pytest.param(cbor2.dumps(cbor2.CBORTag(0, [1])), id="tag 0 around no text"),
        pytest.param(b"\xa2\x01\x01\x01\x02", id="one key twice"),
        pytest.param(b"\xa2\x01\x01\x18\x01\x02", id="one key in two spellings"),
        pytest.param(b"\xa2\x01\x01\xf9\x3c\x00\x02", id="one key as a float"),
    ],
)
@pytest.mark.parametrize("place", ["message", "protected header", "claims", "statement"])
def test_cbor_that_costs_more_than_it_says_is_refused_wherever_it_stands(content: bytes, place: str) -> None:
    known = signers()
    if place == "message":
        text = wrap(content)
    elif place == "protected header":
        text = wrap([content, {}, known.certificates[0].payload, bytes(64)])
    else:
        inner = content if place == "claims" else cbor2.dumps({1: "XX"})[:-3] + b"\x39\x01\x03\xa1\x01" + content
        text = signed(known.elliptic, inner, {1: cose.ES256, 4: b"elliptic"}).text
    verdict = check(text, known.store, AT)
    assert (verdict.outcome, verdict.reason) in {("unreadable", "malformed"), ("unreadable", "too_large")}
    with pytest.raises(cbor.CborError):
        cbor.decode(content)


@pytest.mark.parametrize("where", [0, 2, "message"])
def test_bytes_behind_the_end_are_refused_although_they_are_signed(where: int | str) -> None:
    known = signers()
    sound = known.certificates[0]
    if where == "message":
        text = wrap(hcert.unwrap(sound.text) + b"\x00")
    elif where == 0:
        head = sound.protected + b"\x00"
        text = wrap([head, {}, sound.payload, bytes(64)])
    else:
        text = signed(known.elliptic, sound.payload + b"\xf6", {1: cose.ES256, 4: b"elliptic"}).text
    assert check(text, known.store, AT).outcome == "unreadable"


# ---- signatures


def test_the_twin_of_a_signature_and_a_changed_unsigned_header_are_the_same_certificate() -> None:
    known = signers()
    sound = known.certificates[0]
    parts = parts_of(sound.text)
    forms = [
        wrap([parts[0], {"note": number, 4: b"another"}, parts[2], signature])
        for number in range(3)
        for signature in (parts[3], twin(parts[3]))
    ]
    verdicts = [check(text, known.store, AT) for text in forms]
    assert len(set(forms)) == 6
    assert {verdict.outcome for verdict in verdicts} == {"verified"}
    assert {verdict.identifier for verdict in verdicts} == {check(sound.text, known.store, AT).identifier}


@pytest.mark.parametrize("length", [0, 1, 63, 65, 70, 71, 72, 128, 1024, 1025])
def test_a_signature_of_another_length_is_none(length: int) -> None:
    parts = parts_of(signers().certificates[0].text)
    text = wrap([parts[0], {}, parts[2], (parts[3] * 17)[:length]])
    assert check(text, signers().store, AT).outcome != "verified"


@pytest.mark.parametrize("halves", [(0, 0), (0, 1), (1, 0), (1, 1), (2**256 - 1, 2**256 - 1)])
def test_the_numbers_that_once_opened_every_door_open_none(halves: tuple[int, int]) -> None:
    # A library that did not look at r and s took 0 and 0 for everybody's signature (CVE-2022-21449).
    parts = parts_of(signers().certificates[0].text)
    signature = b"".join(half.to_bytes(32, "big") for half in halves)
    assert check(wrap([parts[0], {}, parts[2], signature]), signers().store, AT).reason == "signature_wrong"


ALGORITHMS: list[Any] = [None, 0, 4, 5, 6, -1, -8, -35, -36, -38, -39, -257, -65535, "none", "ES256", b"", [-7], -7.0]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("signer", ["elliptic", "rsa"])
def test_the_algorithm_is_that_of_the_key_whatever_the_message_says(algorithm: Any, signer: str) -> None:
    known = signers()
    key = known.elliptic if signer == "elliptic" else known.rsa
    text = signed(key, known.certificates[0].payload, {1: algorithm, 4: signer.encode()}).text
    assert check(text, known.store, AT).outcome != "verified"


def test_a_key_is_not_taken_for_one_of_another_kind() -> None:
    known = signers()
    payload = known.certificates[0].payload
    # Each signs with its own algorithm, under the other's name and under the other's algorithm.
    crossed = [
        signed(known.elliptic, payload, {1: cose.ES256, 4: b"rsa"}),
        signed(known.elliptic, payload, {1: cose.PS256, 4: b"rsa"}),
        signed(known.rsa, payload, {1: cose.PS256, 4: b"elliptic"}),
        signed(known.rsa, payload, {1: cose.ES256, 4: b"elliptic"}),
    ]
    assert {check(one.text, known.store, AT).reason for one in crossed} == {"signature_wrong"}


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    # Key confusion: a MAC over the content, with the public key as its secret, is no signature.
    import hmac

    known = signers()
    sound = known.certificates[0]
    secret = known.rsa.public_key().public_numbers().n.to_bytes(256, "big")
    for algorithm in (4, 5, 6, cose.ES256, cose.PS256):
        head = cbor2.dumps({1: algorithm, 4: b"rsa"})
        mac = hmac.digest(secret, cbor2.dumps(["MAC0", head, b"", sound.payload]), "sha256")
        assert check(wrap([head, {}, sound.payload, mac]), known.store, AT).outcome == "unverified"
        assert check(wrap(cbor2.CBORTag(17, [head, {}, sound.payload, mac])), known.store, AT).outcome == "unreadable"


def test_a_key_of_the_wrong_scheme_signs_no_certificate_of_this_one() -> None:
    known = signers()
    stranger = TrustedKey(b"elliptic", "another", "XX", known.elliptic.public_key(), ALL_KINDS)
    assert check(known.certificates[0].text, build_store([stranger]), AT).reason == "issuer_unknown"
    assert check(known.certificates[0].text, build_store([known.key]), AT).outcome == "verified"
    assert known.key.scheme == HCERT


# ---- what is signed and strange


NUMBERS: list[Any] = [0, -1, 1.5, 1.9e9, 2**31, 2**63 - 1, 2**64 - 1, -(2**63), 1e308, float("nan"), float("inf")]
OTHERS: list[Any] = ["2036-01-01", "", b"2036", [], {}, None, True, cbor2.CBORTag(1, 1.9e9), -float("inf")]


@pytest.mark.parametrize("when", NUMBERS + OTHERS)
def test_times_of_every_kind_raise_nothing(when: Any) -> None:
    known = signers()
    text = signed(known.elliptic, claims(SPECIMEN, issued=when, expires=when), {1: -7, 4: b"elliptic"}).text
    verdict = check(text, known.store, AT)
    assert verdict.outcome == "verified"
    assert verdict.validity in ("valid", "expired", "not_yet_valid")


@pytest.mark.parametrize("wrong", [None, 7, [], {}, "x" * 50_000, "\u202e\u0000\ufeff", b"bytes", [[[[]]]], -1.5, True])
@pytest.mark.parametrize("place", ["nam", "dob", "v", "fn", "fnt", "dn", "dt", "ci", "co", "is", "mp"])
def test_a_signed_statement_of_any_shape_raises_nothing(place: str, wrong: Any) -> None:
    known = signers()
    content: dict[str, Any] = statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001")
    for holder in (content, content["nam"], content["v"][0]):
        if place in holder:
            holder[place] = wrong
    text = signed(known.elliptic, claims(content), {1: -7, 4: b"elliptic"}).text
    verdict = check(text, known.store, AT)
    assert verdict.outcome in ("verified", "unverified", "unreadable")

"""Public keys as lists write them: what is read, and what is too weak or too odd to be trusted."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.certificates.public_keys import base58, from_jwk, from_spki, to_spki
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import (
    UnusableKey,
)
from tests.specimens.make_keys import EC, ED_BYTES, EDWARDS, RSA, authority, b64url, jwk, spelled_out


@pytest.mark.parametrize("change", ["", "compressed", "bare"])
def test_a_curve_written_out_is_taken_for_the_named_one_it_is(change: str) -> None:
    assert to_spki(from_spki(spelled_out(change))) == to_spki(EC.public_key())


@pytest.mark.parametrize("change", ["a", "b", "base", "order", "cofactor"])
def test_a_curve_that_differs_in_anything_is_refused(change: str) -> None:
    with pytest.raises(UnusableKey, match="own parameters"):
        from_spki(spelled_out(change))


def test_keys_that_can_be_broken_or_are_of_no_use_are_refused() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(UnusableKey, match="1024 bits"):
        from_spki(short.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    for wrong in (b"", b"\x30\x00", bytes(5000), to_spki(EC.public_key())[:-1]):
        with pytest.raises(UnusableKey):
            from_spki(wrong)


@pytest.mark.parametrize(
    "change",
    [{"kty": "oct"}, {"crv": "P-192"}, {"x": "AAAA"}, {"y": None}, {"x": "?"}, {"kty": None}, {"y": "A" * 9000}],
)
def test_a_json_web_key_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UnusableKey):
        from_jwk(jwk(**change))
    with pytest.raises(UnusableKey):
        from_jwk(["EC"])


def test_json_web_keys_of_all_kinds_are_read() -> None:
    numbers = RSA.public_key().public_numbers()
    modulus, exponent = (
        b64url(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, 65537)
    )
    assert to_spki(from_jwk(jwk())) == to_spki(EC.public_key())
    assert to_spki(from_jwk({"kty": "RSA", "n": modulus, "e": exponent})) == to_spki(RSA.public_key())
    assert to_spki(from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64url(ED_BYTES)})) == to_spki(EDWARDS.public_key())


def test_base58_is_read_as_bitcoin_writes_it() -> None:
    assert base58("11233QC4") == b"\0\0\x28\x7f\xb4\xcd"
    for wrong in ("", "0", "l", "1" * 101):
        with pytest.raises(UnusableKey):
            base58(wrong)


def test_a_key_names_its_country_in_two_letters() -> None:
    assert key_of(authority(country="UK")).country == "GB"

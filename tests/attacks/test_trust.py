"""Trust under attack: which key may sign what, and that nothing a certificate names is ever fetched."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.certificates import cose
from bot.certificates.check import check
from bot.certificates.trust import TrustedKey, build_store
from bot.certificates.verdict import Verdict
from tests.attacks.hostile_codes import AT, claims, parts_of, signed, signers, wrap
from tests.specimens.make_specimens import statement

SPECIMEN = statement("Specimen", "Anna Maria", "1990-05-14", "ANNA0001")
OTHER = ec.generate_private_key(ec.SECP256R1())


def usual(**changed: Any) -> TrustedKey:
    """The trusted key of the elliptic signer, with some of it changed."""
    return replace(signers().key, **changed)


def verdict_on(text: str, *keys: TrustedKey) -> Verdict:
    return check(text, build_store(keys), AT)


def test_of_two_issuers_with_one_key_id_each_signs_for_its_own_country_only() -> None:
    german, french = usual(country="DE"), usual(country="FR", public_key=OTHER.public_key())
    for key, issuer, outcome in (
        (signers().elliptic, "DE", "verified"),
        (signers().elliptic, "FR", "unverified"),
        (OTHER, "FR", "verified"),
        (OTHER, "DE", "unverified"),
    ):
        text = signed(key, claims(SPECIMEN, issuer=issuer), {1: cose.ES256, 4: b"elliptic"}).text
        for keys in ((german, french), (french, german)):
            verdict = verdict_on(text, *keys)
            assert verdict.outcome == outcome
            assert outcome == "unverified" or verdict.country == issuer


def test_a_key_id_beside_finds_the_key_and_the_signature_decides() -> None:
    payload = signers().certificates[0].payload
    genuine = signed(signers().elliptic, payload, {1: cose.ES256}, {4: b"elliptic"})
    forged = signed(OTHER, payload, {1: cose.ES256}, {4: b"elliptic"})
    assert verdict_on(genuine.text, usual()).outcome == "verified"
    assert verdict_on(forged.text, usual()).reason == "signature_wrong"


def test_of_two_key_ids_that_disagree_the_signed_one_counts() -> None:
    payload = signers().certificates[0].payload
    stranger = usual(kid=b"stranger", public_key=OTHER.public_key())
    ours = signed(signers().elliptic, payload, {1: cose.ES256, 4: b"elliptic"}, {4: b"stranger"})
    theirs = signed(signers().elliptic, payload, {1: cose.ES256, 4: b"stranger"}, {4: b"elliptic"})
    assert verdict_on(ours.text, usual(), stranger).outcome == "verified"
    assert verdict_on(theirs.text, usual(), stranger).reason == "signature_wrong"
    assert verdict_on(theirs.text, usual()).reason == "issuer_unknown"


@pytest.mark.parametrize("kid", [b"", "elliptic", 7, [b"elliptic"], True, {}])
def test_a_key_id_that_is_none_finds_no_key(kid: Any) -> None:
    text = signed(signers().elliptic, signers().certificates[0].payload, {1: cose.ES256, 4: kid}).text
    assert verdict_on(text, usual(), usual(kid=b"")).outcome != "verified"


@pytest.mark.parametrize(("kind", "allowed"), [("v", "test"), ("v", "recovery")])
def test_a_signer_that_may_not_sign_this_kind_of_event_is_told_so(kind: str, allowed: Any) -> None:
    assert kind in SPECIMEN
    verdict = verdict_on(signers().certificates[0].text, usual(usages=frozenset({allowed})))
    assert (verdict.outcome, verdict.reason) == ("unverified", "key_not_for_this_use")


def test_an_event_of_an_allowed_kind_does_not_bring_another_in_with_it() -> None:
    mixed = SPECIMEN | {"t": [{"tg": "840539006", "tr": "260415000", "sc": "2026-03-02T00:00:00Z", "co": "XX"}]}
    text = signed(signers().elliptic, claims(mixed), {1: cose.ES256, 4: b"elliptic"}).text
    for allowed in ("test", "vaccination"):
        assert verdict_on(text, usual(usages=frozenset({allowed}))).outcome == "unverified"


def test_a_signer_that_has_ended_makes_the_certificate_expired_and_a_withdrawn_one_spoils_it() -> None:
    text = signers().certificates[0].text
    ended = verdict_on(text, usual(valid_until=AT - timedelta(seconds=1)))
    assert (ended.outcome, ended.validity) == ("verified", "expired")
    assert verdict_on(text, usual(withdrawn=True)).reason == "key_withdrawn"
    assert verdict_on(text, usual(), usual(withdrawn=True, country="DE")).reason == "key_withdrawn"


def test_a_certificate_that_brings_its_own_key_along_is_no_more_trusted_for_it() -> None:
    payload = signers().certificates[0].payload
    public = OTHER.public_key().public_numbers()
    own = {1: 2, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
    # RFC 9360: x5bag, x5chain, x5t and x5u; and a COSE key in the header and in the claims' `cnf`.
    for name in (32, 33, 34, 35, "jwk", "x5c"):
        for place in ({1: cose.ES256, 4: b"own", name: own}, {1: cose.ES256, 4: b"elliptic", name: own}):
            assert verdict_on(signed(OTHER, payload, place, {name: own}).text, usual()).outcome == "unverified"


# ---- nothing is fetched


class Fetched(AssertionError):
    """Something was looked up or connected to."""


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name can be looked up and no connection opened, not even to this machine."""

    def refuse(*_: Any, **__: Any) -> None:
        raise Fetched

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


ADDRESSES = [
    "https://evil.example/.well-known/jwks.json",
    "did:web:evil.example",
    "http://127.0.0.1/",
    "file:///etc/passwd",
]


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_in_a_certificate_is_looked_up(address: str) -> None:
    with pytest.raises(Fetched):
        socket.getaddrinfo("evil.example", 443)
    names = {"fn": address, "gn": address, "fnt": address, "gnt": address}
    event = dict.fromkeys(("is", "ci", "ma", "mp", "vp", "tg"), address)
    content = SPECIMEN | {"nam": names, "v": [SPECIMEN["v"][0] | event], "@context": [address], "$schema": address}  # type: ignore[index]
    head = {1: cose.ES256, 4: b"elliptic", 35: address, "x5u": address, "jku": address}
    text = signed(signers().elliptic, claims(content, issuer=address), head, {35: address}).text
    assert check(text, signers().store, AT).outcome in ("verified", "unverified")
    unknown = wrap([parts_of(text)[0], {}, claims(content, issuer=address), bytes(64)])
    assert check(unknown, signers().store, AT).outcome == "unverified"
    for begin in (
        "shc:/",
        "NZCP:/1/",
        "PK\x03\x04",
        f'{{"data":{{"@context":"{address}"}}}}',
        f'{{"@context":"{address}"}}',
    ):
        assert check(begin + address, signers().store, AT).outcome != "verified"
    assert check(address, signers().store, AT).outcome == "unreadable"

"""Linked-data signatures over JSON-LD: RsaSignature2018 with PS256 and Ed25519Signature2018, as DIVOC makes them.

What is signed is the RDF that a document stands for and not its text (W3C RDF Dataset Canonicalization, URDNA2015). So
only contexts that lie here count, a document may bring none of its own, and `covers` tells whether a value is signed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bot.certificates.cose import PublicKey
from bot.certificates.jws import JwsError, base64url
from bot.certificates.known_contexts import CONTEXTS, SECURITY, UnknownContext, UnsafeDocument
from bot.certificates.signed_json import Json, JsonError, Object, read_object, text_in

MAX_VALUES = 400
"""Values in one document; a real one has about seventy."""

_ALGORITHMS = {"RsaSignature2018": "PS256", "Ed25519Signature2018": "EdDSA"}


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document with its proof taken apart; nothing in it has been verified."""

    method: str
    """The verification method that the proof names, which is signed too."""
    algorithm: str
    signature: bytes
    covered: bytes
    """The bytes that the signature covers (RFC 7797, 3)."""
    statements: frozenset[tuple[str, str, str]]
    """What is signed, as subject, predicate and value; a node without a name is a subject of "_"."""
    digest: str
    """SHA-256 of the canonical form in hex: the same for every writing of the same statements."""


def take_apart(document: Object) -> SignedDocument:
    """The parts of a signed document; raises UnknownContext or UnsafeDocument."""
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise UnsafeDocument("not one proof")
    bare = {name: value for name, value in document.items() if name != "proof"}
    _look_over(bare)
    kind = text_in(proof, "type")
    if kind not in _ALGORITHMS:
        raise UnknownContext("a kind of proof that is not known here")
    header, signature = _detached(text_in_full(proof, "jws"), _ALGORITHMS[kind])
    options = {name: value for name, value in proof.items() if name != "jws"}
    if any(not isinstance(value, str) or name.startswith("@") or ":" in name for name, value in options.items()):
        raise UnsafeDocument("a proof of another form")
    # The library takes longer to import than all the rest, and most travellers bring other certificates.
    from bot.certificates import rdf

    said, told = rdf.canonical(bare), rdf.canonical({"@context": SECURITY, **options})
    digest = hashlib.sha256(said.quads.encode())
    return SignedDocument(
        method=text_in(proof, "verificationMethod"),
        algorithm=_ALGORITHMS[kind],
        signature=signature,
        covered=header.encode() + b"." + hashlib.sha256(told.quads.encode()).digest() + digest.digest(),
        statements=said.statements,
        digest=digest.hexdigest(),
    )


def signed_by(document: SignedDocument, key: PublicKey) -> bool:
    """Whether `key` made the proof, by the one algorithm that goes with its type (RFC 7518, 3.5; RFC 8037, 3.1)."""
    try:
        if isinstance(key, rsa.RSAPublicKey) and document.algorithm == "PS256":
            padded = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
            key.verify(document.signature, document.covered, padded, SHA256())
            return True
        if isinstance(key, ed25519.Ed25519PublicKey) and document.algorithm == "EdDSA":
            key.verify(document.signature, document.covered)
            return True
    except InvalidSignature:
        pass
    return False


def covers(document: SignedDocument, subject: str, predicate: str, value: str) -> bool:
    """Whether the signature covers this statement; `subject` is a node's name, or "_" for one without."""
    return (subject, predicate, value) in document.statements


def text_in_full(group: Object, name: str) -> str:
    """A text field as it is; "" where there is none."""
    value = group.get(name)
    return value if isinstance(value, str) else ""


def _detached(jws: str, algorithm: str) -> tuple[str, bytes]:
    """Header and signature of a detached JWS whose payload is not encoded (RFC 7797)."""
    header, _, rest = jws.partition("..")
    try:
        told, signature = read_object(base64url(header)), base64url(rest)
    except (JwsError, JsonError) as wrong:
        raise UnsafeDocument("the proof is no detached signature") from wrong
    if (told.get("alg"), told.get("b64"), told.get("crit")) != (algorithm, False, ["b64"]):
        raise UnsafeDocument("a signature of another kind than its proof")
    return header, signature


def _look_over(document: Object) -> None:
    """Refuse what could make the signed statements and the fields that we read two different things.

    Names of fields are plain words, so that no field can be written by its address or hold RDF of its own; every
    node's name stands once, so that what is said of it cannot be dealt out anew.
    """
    contexts = document.get("@context")
    named = contexts if isinstance(contexts, list) else [contexts]
    if not all(isinstance(context, str) for context in named):
        raise UnsafeDocument("a context of its own")
    if not all(context in CONTEXTS for context in named):
        raise UnknownContext("a context that is not known here")
    fields = list(_fields({name: value for name, value in document.items() if name != "@context"}))
    if len(fields) > MAX_VALUES:
        raise UnsafeDocument("too many values")
    if any(name.startswith("@") or ":" in name for name, _ in fields):
        raise UnsafeDocument("a field that is no plain word")
    names = Counter(value for name, value in fields if name == "id")
    if any(not isinstance(name, str) or name.startswith("_:") or times > 1 for name, times in names.items()):
        raise UnsafeDocument("a node whose name is no name or stands twice")


def _fields(value: Json) -> Iterator[tuple[str, Any]]:
    """Every field in a value, however deep, with what it holds."""
    if isinstance(value, list):
        for inner in value:
            yield from _fields(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner if isinstance(inner, str | int | float | None) else json.dumps(inner)
            yield from _fields(inner)

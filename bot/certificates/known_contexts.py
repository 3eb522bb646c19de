"""The JSON-LD contexts that signed documents may name, read from files and never fetched."""

import json
from functools import cache
from importlib.resources import files

SECURITY = "https://w3id.org/security/v2"
"""The context of proofs."""

CONTEXTS = {
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.json",
    "https://cowin.gov.in/credentials/vaccination/v1": "cowin-vaccination-v1.json",
    "https://divoc.dev/credentials/vaccination/v1": "cowin-vaccination-v1.json",
    "https://cowin.gov.in/credentials/vaccination/v2": "cowin-vaccination-v2.json",
    "https://w3id.org/security/v1": "security-v1.json",
    SECURITY: "security-v2.json",
}
"""Addresses of contexts and the files that hold them."""


class LinkedDataError(ValueError):
    """The document's signature cannot be looked into.

    LinkedDataError
    ├── UnknownContext  it names a context, or a kind of proof, that is not known here
    └── UnsafeDocument  it says things in a way that real documents do not, or there is too much of it
    """


class UnknownContext(LinkedDataError):  # names in the tree say what happened
    """It names a context, or a kind of proof, that is not known here."""


class UnsafeDocument(LinkedDataError):
    """It says things in a way that real documents do not, or there is too much of it."""


def load(address: str, _options: object) -> dict[str, object]:
    """A context by its address, as the JSON-LD library asks for it; UnknownContext for any that is not here."""
    if address not in CONTEXTS:
        raise UnknownContext("a context that is not known here")
    return {"contextUrl": None, "documentUrl": address, "document": _context(CONTEXTS[address])}


@cache
def _context(name: str) -> object:
    return json.loads((files("bot.certificates.contexts") / name).read_text("utf-8"))

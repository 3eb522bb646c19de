"""The RDF that a JSON-LD document stands for, in its canonical form (W3C RDF Dataset Canonicalization, URDNA2015)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyld import jsonld
from pyld.canon import URDNA2015

from bot.certificates.known_contexts import UnsafeDocument, load

MAX_BLANK_NODES = 32
"""Nodes without a name; a real document has five."""

MAX_ALIKE = 3
"""Nodes without a name that look the same; telling n of them apart takes n! steps."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """What a document states as subject, predicate and value, a node without a name as "_"; and its N-Quads."""

    statements: frozenset[tuple[str, str, str]]
    quads: str


def canonical(document: Mapping[str, Any]) -> Canonical:
    """What a document states, and its canonical N-Quads; UnsafeDocument where that would take too long."""
    try:
        dataset = jsonld.to_rdf(document, {"documentLoader": load, "processingMode": "json-ld-1.1"})
        if not set(dataset) <= {"@default"}:
            raise UnsafeDocument("graphs inside the document")
        quads = dataset.get("@default", [])
        statements = frozenset(
            ("_" if quad["subject"]["type"] == "blank node" else quad["subject"]["value"],
             quad["predicate"]["value"], quad["object"]["value"])
            for quad in quads
        )  # fmt: skip
        return Canonical(statements, str(_Bounded().main(dataset, {"format": "application/n-quads"})))
    except jsonld.JsonLdError as wrong:
        raise UnsafeDocument("not JSON-LD under its contexts") from wrong


class _Bounded(URDNA2015):  # type: ignore[misc]
    """The canonical form, given up where a document was made to be slow."""

    def main(self, dataset: Any, options: Any) -> Any:
        nodes = {
            quad[part]["value"]
            for quads in dataset.values()
            for quad in quads
            for part in ("subject", "object")
            if quad[part]["type"] == "blank node"
        }
        if len(nodes) > MAX_BLANK_NODES:
            raise UnsafeDocument("too many nodes without a name")
        return super().main(dataset, options)

    def hash_n_degree_quads(self, id_: Any, issuer: Any) -> Any:
        if any(len(alike) > MAX_ALIKE for alike in self.hash_to_blank_nodes.values()):
            raise UnsafeDocument("too many nodes that look alike")
        return super().hash_n_degree_quads(id_, issuer)

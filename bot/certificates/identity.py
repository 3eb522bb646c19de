"""Compares the person in a certificate with the person who declares: same, close or different, and in what.

Names are compared as sets of A–Z parts, whatever their order: passports, airlines and vaccination centres all sort and
cut them differently. The result is a score and the differences spelled out; it decides nothing by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz.distance import DamerauLevenshtein

from bot.certificates.verdict import Subject
from bot.written.names import latin

NameLikeness = Literal["same", "close", "differs", "absent"]
BirthLikeness = Literal["same", "partial", "differs", "absent"]
DifferenceKind = Literal[
    "missing_name", "extra_name", "spelling", "initial", "name", "birth_date", "birth_date_swapped"
]

CLOSE_SPELLING = 0.75
"""Likeness of two name parts from which one is taken for a misspelling or another transliteration of the other."""

SHORTEST_FOLDED = 4
"""Letters from which AE and A, OE and O, UE and U count as the same; short names like JOE and JO stay two names."""

SHORTEST_CUT = 3
"""Letters of a part that was cut off at the end of a machine readable zone."""

LONGEST_ZONE = 30
"""Letters of a whole name from which parts may have been cut off; the zone of a small card has 30."""

MAX_PARTS = 30
"""Parts of one name that are compared."""

_TITLES = frozenset({"DR", "PROF"})
# Le, Do and An are left out: they are names of Vietnam before they are particles of Europe.
_PARTICLES = frozenset(("AL", "BIN", "BINTI", "BINT", "DA", "DAS", "DE", "DEL", "DELLA", "DEN", "DER", "DOS", "EL")) | {
    *("LAS", "LES", "LOS", "TER", "VAN", "VOM", "VON", "ZU", "ZUM", "ZUR")
}
_SEPARATORS = str.maketrans(dict.fromkeys("<.,;/_", " "))
_FOLDS = (("UXX", "U"), ("NXX", "N"), ("AE", "A"), ("OE", "O"), ("UE", "U"), ("AA", "A"), ("SS", "S"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: what the certificate has and what was declared."""

    kind: DifferenceKind
    certificate: str
    declared: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two persons are; `score` runs from 0 to 1."""

    score: float
    name: NameLikeness
    birth: BirthLikeness
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class _Names:
    """How alike two forms of a name are."""

    score: float
    likeness: NameLikeness
    differences: tuple[Difference, ...] = ()


_BIRTH_FACTORS: dict[BirthLikeness, float] = {"same": 1.0, "partial": 0.9, "absent": 0.7, "differs": 0.3}


def compare(subject: Subject, names: Sequence[str], birth_date: date | None) -> Comparison:
    """Compare a certificate's person with a declared one.

    `names` are forms of one declared name, such as the name as written and its ICAO 9303 form; the most alike counts.
    """
    held = (f"{subject.given_icao}<{subject.family_icao}", f"{subject.given}<{subject.family}")
    forms = [(name_parts(ours), name_parts(theirs)) for ours in held for theirs in names]
    compared = [_compare_parts(ours, theirs) for ours, theirs in forms if ours and theirs]
    name = max(compared, key=lambda found: found.score, default=_Names(0.0, "absent"))
    birth, difference = _compare_birth(subject.birth_date, birth_date)
    differences = name.differences + ((difference,) if difference else ())
    return Comparison(round(name.score * _BIRTH_FACTORS[birth], 3), name.likeness, birth, differences)


def name_parts(text: str) -> tuple[str, ...]:
    """The A–Z parts of a name in their order, without academic titles: "Dr. Erika<Maria" gives ERIKA, MARIA."""
    parts = latin(text.translate(_SEPARATORS)).split()[:MAX_PARTS]
    return tuple(part for part in parts if part not in _TITLES) or tuple(parts)


def _compare_parts(held: tuple[str, ...], declared: tuple[str, ...]) -> _Names:
    """Pair off what is equal, then what is nearly equal, and judge by what is left."""
    ours, theirs = list(held), list(declared)
    paired = _pair_equal(ours, theirs) + _pair_joined(ours, theirs)
    differences: list[Difference] = []
    cut = max(sum(map(len, held)), sum(map(len, declared))) >= LONGEST_ZONE
    weight = 2.0 * sum(map(len, paired))
    for left, right, likeness in _pair_alike(ours, theirs, cut):
        initial = min(len(left), len(right)) == 1
        differences.append(Difference("initial" if initial else "spelling", left, right))
        paired.append(left)
        weight += likeness * (len(left) + len(right))
    total = sum(map(len, held)) + sum(map(len, declared))
    lost, added = [part for part in ours if part not in _PARTICLES], [part for part in theirs if part not in _PARTICLES]
    if not ours or not theirs:
        # Particles come and go; they are only names when something else stands against them.
        total -= sum(map(len, ours)) + sum(map(len, theirs)) - sum(map(len, lost)) - sum(map(len, added))
    else:
        lost, added = ours, theirs
    left_over = _left_over(lost, added)
    score = min(1.0, weight / total) if total else 1.0
    return _Names(score, _likeness(paired, lost, added, differences), (*differences, *left_over))


def _likeness(
    paired: Sequence[str], lost: Sequence[str], added: Sequence[str], differences: Sequence[Difference]
) -> NameLikeness:
    if not lost and not added:
        return "close" if differences else "same"
    # A middle name that one side leaves out is common; one shared part of a longer name proves nothing.
    firm = [part for part in paired if len(part) > 1 and part not in _PARTICLES]
    return "close" if not (lost and added) and len(firm) >= 2 else "differs"


def _left_over(lost: Sequence[str], added: Sequence[str]) -> Iterable[Difference]:
    if lost and added:
        yield Difference("name", " ".join(lost), " ".join(added))
    elif added:
        yield Difference("missing_name", "", " ".join(added))
    elif lost:
        yield Difference("extra_name", " ".join(lost), "")


def _pair_equal(ours: list[str], theirs: list[str]) -> list[str]:
    """Take out the parts that are equal, by letter first and then with national expansions folded."""
    paired = []
    for alike in (str, _folded):
        for part in tuple(ours):
            other = next((other for other in theirs if alike(other) == alike(part)), None)
            if other is not None:
                ours.remove(part)
                theirs.remove(other)
                paired.append(part)
    return paired


def _pair_joined(ours: list[str], theirs: list[str]) -> list[str]:
    """Take out parts that one side writes together: VANDERBERG and VAN DER BERG, XIAOMING and XIAO MING."""
    paired = []
    for whole, pieces in ((ours, theirs), (theirs, ours)):
        for part in tuple(whole):
            run = next((run for run in _runs(pieces) if _folded("".join(run)) == _folded(part)), None)
            if run is not None:
                whole.remove(part)
                for piece in run:
                    pieces.remove(piece)
                paired.append(part)
    return paired


def _runs(parts: Sequence[str]) -> Iterable[Sequence[str]]:
    """Every two to four neighbouring parts."""
    for length in (2, 3, 4):
        for at in range(len(parts) - length + 1):
            yield tuple(parts[at : at + length])


def _pair_alike(ours: list[str], theirs: list[str], cut: bool) -> Iterable[tuple[str, str, float]]:
    """Take out the parts that are nearly equal, the most alike first."""
    pairs = [(_alike(left, right, cut), left, right) for left in ours for right in theirs]
    for likeness, left, right in sorted(pairs, reverse=True):
        if likeness > 0 and left in ours and right in theirs:
            ours.remove(left)
            theirs.remove(right)
            yield left, right, likeness


def _alike(left: str, right: str, cut: bool) -> float:
    """How nearly two unequal parts are the same; 0 where they are two names."""
    short, long = sorted((left, right), key=len)
    if len(short) == 1:
        return 0.5 if long.startswith(short) else 0.0
    if cut and len(short) >= SHORTEST_CUT and long.startswith(short):
        return 0.9
    likeness = DamerauLevenshtein.normalized_similarity(_folded(left), _folded(right))
    return likeness if len(short) >= SHORTEST_FOLDED and likeness >= CLOSE_SPELLING else 0.0


def _folded(part: str) -> str:
    """A part with national expansions taken back: MUELLER, MUXXLLER and MULLER are one (ICAO 9303-3, section 6)."""
    if len(part) < SHORTEST_FOLDED:
        return part
    for expanded, plain in _FOLDS:
        part = part.replace(expanded, plain)
    return part


def _compare_birth(held: str, declared: date | None) -> tuple[BirthLikeness, Difference | None]:
    """Compare a possibly partial ISO 8601 date with a whole one."""
    if not held or declared is None:
        return "absent", None
    whole = declared.isoformat()
    if held == whole:
        return "same", None
    if whole.startswith(held + "-"):
        return "partial", None
    swapped = held == f"{whole[:4]}-{whole[8:]}-{whole[5:7]}"
    return "differs", Difference("birth_date_swapped" if swapped else "birth_date", held, whole)

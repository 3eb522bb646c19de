"""The kind of answer that is a certificate: a photo of it, or the word that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from bot.certificates import verdict as verdicts
from bot.certificates.identity import Comparison, compare
from bot.certificates.verdict import Verdict
from bot.declaration.choices import Choice, Option
from bot.declaration.question import Accepted, Answers, Asking, Proposed, Read
from bot.documents import paper as papers
from bot.documents.paper import Paper
from bot.documents.photo_reading import PhotoReading
from bot.messages import Button, Expects, Pictured, Pressed, Typed
from bot.words.text import P_, Line, Text, Value

Have = Literal["verified", "unverified", "unreadable", "paper", "none"]

HAVE: Mapping[str, Text] = {
    "verified": P_("certificate.verified", "Certificate checked, signature genuine"),
    "unverified": P_("certificate.unverified", "Certificate read, a person will check it"),
    "unreadable": P_("certificate.unreadable", "Photo not readable, a person will look at it"),
    "paper": P_("certificate.paper", "Vaccinated, but no certificate with a code"),
    "none": P_("certificate.none", "No certificate"),
}
NO_CERTIFICATE = P_("certificate.none_words", "none, no certificate, not vaccinated, skip")
PAPER_WORDS = P_("certificate.paper_words", "paper, paper card, yellow card, booklet, no code")
WITHOUT_PHOTO = Choice((Option("paper", HAVE["paper"], PAPER_WORDS), Option("none", HAVE["none"], NO_CERTIFICATE)))

READ_WELL = P_("certificate.read_well", "I have read your certificate, and its signature is genuine. ✓")
READ_DOUBTFUL = P_(
    "certificate.read_doubtful",
    "I can read your certificate but cannot confirm its signature. This is not a decision: "
    "a person will look at it, and you can go on.",
)
TELLS_VACCINATION = P_("certificate.tells_vaccination", "It shows a vaccination: dose {dose} of {doses}, {date}.")
EXPIRED = P_("certificate.expired", "It was valid until {date}.")
OTHER_NAME = P_(
    "certificate.other_name",
    "The certificate is for “{certificate}”, your declaration says “{declared}”. If you made a slip, change the name "
    "in the summary; otherwise go on, and a person will look at it.",
)
OTHER_BIRTH = P_(
    "certificate.other_birth",
    "The birth date on the certificate is {certificate}, your declaration says {declared}. If you made a slip, "
    "change it in the summary; otherwise go on, and a person will look at it.",
)
UNREADABLE = P_(
    "certificate.try_another", "{trouble}\nYou can send another, or go on: then a person will look at this one."
)
PAPER_CARD = P_(
    "certificate.paper_card",
    "This looks like a paper card without a code. I have kept it with what I could read of it, and a person will look "
    "at it. If there is a square code anywhere on it, please send a photo of that; otherwise go on.",
)
GO_ON = P_("certificate.go_on", "Go on, a person will look")

PHOTO_TROUBLES: Mapping[str, Text] = {
    "no_code": P_(
        "photo.no_code",
        "I find no code that I can read in this picture. Lay the certificate flat in good light, "
        "hold the phone straight above it, and let the square code fill most of the picture.",
    ),
    "blurred": P_(
        "photo.blurred",
        "The code is blurred. Hold the phone still, tap on the code so that the camera makes it sharp, and try again.",
    ),
    "glare": P_(
        "photo.glare",
        "Light shines on the code where I marked it. Tilt the certificate, or switch the flash off, and try again.",
    ),
    "cut_off": P_(
        "photo.cut_off", "Part of the code is outside the picture. Please take it again with all four corners in it."
    ),
    "too_small": P_(
        "photo.too_small",
        "The code is too small in this picture. Go closer, until the square code fills most of it, and try again.",
    ),
    "too_dark": P_(
        "photo.too_dark", "It is too dark to read. Take the picture by a window or under a lamp, and try again."
    ),
    "other_code": P_(
        "photo.other_code",
        "I can read the code that I marked, but it is not that of a certificate I know. Is there another on the page?",
    ),
    "unclear": P_(
        "photo.unclear",
        "I see a code but cannot read it. Lay the certificate flat, clean the lens, and take the picture straight from "
        "above; a screenshot is even better.",
    ),
    "unknown_code": P_(
        "photo.unknown_code", "I find a code in this picture, but it is not that of a certificate I know."
    ),
    "empty": P_("photo.empty", "The file was empty when it reached me. Please send it again."),
    "too_large": P_(
        "photo.too_large", "The file is larger than 20 megabytes. A photo or a screenshot of the code is enough."
    ),
    "too_many_pixels": P_(
        "photo.too_many_pixels",
        "This picture is too big for me to open. A photo or a screenshot of the code is enough.",
    ),
    "corrupt": P_("photo.corrupt", "The picture is damaged and cannot be opened. Please send it again."),
    "pdf_locked": P_(
        "photo.pdf_locked", "This PDF is locked with a password. Please send a screenshot of the page with the code."
    ),
    "not_a_picture": P_(
        "photo.not_a_picture", "This file is not a picture. Please send a photo or a screenshot of the code."
    ),
    "timed_out": P_(
        "photo.timed_out", "This picture took me too long to read. A closer photo of only the code may work."
    ),
    "crashed": P_("photo.crashed", "I could not open this picture. A screenshot of the code may work."),
    "missing": P_("photo.missing", "The file could not be fetched. Please send it again."),
}


def trouble_of(reading: PhotoReading) -> Text:
    """What is wrong with a photo in which no certificate could be read, and the one thing to do about it."""
    return PHOTO_TROUBLES[reading.advice.trouble if reading.advice else reading.trouble or "no_code"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the traveller has: in which state, the photo's id, and the verdict or the text where something was read."""

    have: Have
    photo: str | None = None
    verdict: Verdict | None = None
    paper: Paper | None = None
    """The text of a photo without a code, for the person who looks at it."""


@dataclass(frozen=True, slots=True)
class ProofKind:
    """A certificate's photo; none of its outcomes refuses anyone."""

    expects: Expects = "photo"

    def read(self, content: Typed | Pressed | Pictured, asking: Asking) -> Read:
        match content:
            case Pictured(photo, reading):
                if reading.verdict is None or reading.verdict.outcome == "unreadable":
                    proof = Proof("unreadable", photo, paper=reading.paper)
                    is_card = reading.paper is not None and reading.paper.is_card
                    told = PAPER_CARD() if is_card else UNREADABLE(trouble=trouble_of(reading))
                    return Proposed((proof,), told, GO_ON)
                return _readable(photo, reading.verdict)
            case Typed() | Pressed():
                match WITHOUT_PHOTO.read(content, asking):
                    case Accepted(have):
                        return Accepted(Proof(have))
                    case Proposed((have,), line):
                        return Proposed((Proof(have),), line)
                    case refused:
                        return refused

    def show(self, value: Any) -> Value:
        return HAVE[value.have]

    def keep(self, value: Any) -> Any:
        return {
            "have": value.have,
            "photo": value.photo,
            "verdict": verdicts.keep(value.verdict) if value.verdict else None,
            "paper": papers.keep(value.paper) if value.paper else None,
        }

    def recall(self, kept: Any) -> Any:
        if kept["have"] not in HAVE:
            raise ValueError("not a certificate answer that was kept")
        verdict = verdicts.recall(kept["verdict"]) if kept["verdict"] else None
        # Answers from before papers were read have none.
        paper = papers.recall(kept["paper"]) if kept.get("paper") else None
        return Proof(kept["have"], kept["photo"], verdict, paper)

    def buttons(self, asking: Asking) -> tuple[Button, ...]:
        return WITHOUT_PHOTO.buttons(asking)


def same_person(verdict: Verdict, answers: Answers) -> Comparison | None:
    """Compare the certificate's subject with the declared name and birth date; None if there is nothing to compare."""
    if verdict.subject is None or "name" not in answers:
        return None
    names = [answers["name"], *([answers["name_latin"]] if "name_latin" in answers else [])]
    return compare(verdict.subject, names, answers.get("birth_date"))


def _readable(photo: str, verdict: Verdict) -> Read:
    verified = verdict.outcome == "verified"
    notes = [READ_WELL() if verified else READ_DOUBTFUL()]
    notes.extend(
        TELLS_VACCINATION(dose=event.dose, doses=event.doses, date=_day(event.date))
        for event in verdict.events
        if event.kind == "vaccination" and event.dose and event.doses and event.date
    )
    if verdict.validity == "expired" and verdict.expires_at:
        notes.append(EXPIRED(date=verdict.expires_at.date()))
    return Accepted(Proof("verified" if verified else "unverified", photo, verdict), tuple(notes))


def differences(verdict: Verdict, answers: Answers) -> list[Line]:
    """How the certificate differs from the declared name and birth date, in words for the traveller."""
    comparison = same_person(verdict, answers)
    if comparison is None or verdict.subject is None:
        return []
    lines = []
    if comparison.name == "differs":
        certificate = " ".join(part for part in (verdict.subject.given, verdict.subject.family) if part)
        lines.append(OTHER_NAME(certificate=certificate, declared=answers["name"]))
    if comparison.birth == "differs":
        certificate_birth = _day(verdict.subject.birth_date or "")
        lines.append(OTHER_BIRTH(certificate=certificate_birth, declared=answers["birth_date"]))
    return lines


def _day(text: str) -> Value:
    """A whole date as a date, a partial one as it stands."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text

"""The verifier beside what the makers of test certificates expect of one, over every file that is here."""

import base64
import json
import re
import statistics
import time
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.certificates import base45, cbor, cose, hcert
from bot.certificates.check import check
from bot.certificates.signer_certificates import key_of
from bot.certificates.statements import day
from bot.certificates.trust import TrustStore, build_store, join_stores
from bot.certificates.trust_files import load_trust
from bot.certificates.verdict import Verdict
from bot.documents.codes import find_codes
from bot.documents.photo import read_photo
from bot.documents.pixels import PixelsError, open_picture
from tests.specimens.make_specimens import make_signer, sign

DATA = Path(__file__).parents[3] / "shared" / "testdata"
CLOCK = datetime(2022, 11, 9, tzinfo=UTC)
"""The day on which the list of signers was fetched."""

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")

Case = dict[str, Any]
"""One file of dgc-testdata."""

SIGNER = make_signer()
VERSIONS = {path.stem for path in (DATA / "dcc" / "schema").glob("*.json")}

USAGE = {"ok": True, "key_not_for_this_use": False}

SIGNED = ("ok", "key_not_for_this_use", "malformed")
"""Reasons that are only given when a trusted key made the signature."""


@pytest.fixture(scope="module")
def acceptance(tmp_path_factory: pytest.TempPathFactory) -> TrustStore:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "signers.json").write_bytes((DATA / "trust" / "dcc-acc-dsc.json").read_bytes())
    store = load_trust(folder)
    assert not store.problems
    return store


def test_every_published_picture_is_read_and_verified(
    acceptance: TrustStore, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = [json.loads(line) for line in (DATA / "dcc/qa/expected.jsonl").read_text().splitlines()]
    expected = [entry for entry in listed if (DATA / entry["path"]).exists()]
    wrong, took = [], []
    for entry in expected:
        content = (DATA / entry["path"]).read_bytes()
        began = time.perf_counter()
        reading = read_photo(content, acceptance, CLOCK)
        took.append(1000 * (time.perf_counter() - began))
        texts = _texts(content)
        verdict, names = reading.verdict, entry["hcert"]["nam"]
        # Two events in one certificate must not pass, though the signature is good.
        outcome = ("verified", "ok") if sum(entry["events"].values()) == 1 else ("unverified", "malformed")
        agrees = (
            verdict is not None
            and verdict.subject is not None
            and reading.trouble is None
            and (verdict.outcome, verdict.reason) == outcome
            and entry["qr_text"] in texts
            and (verdict.kid, verdict.issuer) == (entry["kid"], entry["iss"].strip())
            and verdict.subject.family == (names.get("fn") or "").strip()
            and verdict.subject.given == (names.get("gn") or "").strip()
            and verdict.subject.birth_date == day(entry["hcert"].get("dob") or "")
            and _seconds(verdict.issued_at, entry["iat"])
            and _seconds(verdict.expires_at, entry["exp"])
        )
        if not agrees:
            wrong.append(entry["path"])
    with capsys.disabled():
        good = len(expected) - len(wrong)
        print(f"\ndcc-quality-assurance: {good} of {len(expected)}, median {statistics.median(took):.1f} ms a photo")
    assert not wrong
    assert expected


def test_every_published_expectation_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    known_bad = [
        (entry["file"], entry["checks"])
        for entry in json.loads((DATA / "dcc/testdata/known_bad_expectations.json").read_text())
    ]
    good, tried, silent, left_out = (Counter[str]() for _ in range(4))
    wrong = []
    for path in sorted((DATA / "dcc/testdata").glob("**/raw/*.json")):
        name = str(path.relative_to(DATA))
        case = json.loads(path.read_text("utf-8-sig"))
        # A file of which the list says that it contradicts its own data.
        contradicted = {flag for pattern, flags in known_bad if fnmatch(name, pattern) for flag in flags}
        for flag, expected in case.get("EXPECTEDRESULTS", {}).items():
            if ENTAILS.get(flag, flag) in contradicted:
                left_out[flag] += 1
                continue
            found = FLAGS[flag](case)
            if found is None:
                silent[flag] += 1
                continue
            tried[flag] += 1
            good[flag] += found is expected
            if found is not expected:
                wrong.append((name, flag))
    with capsys.disabled():
        print(f"\ndgc-testdata: {good.total()} of {tried.total()}")
        for flag in FLAGS:
            beside = ((silent[flag], "without the data to try it"), (left_out[flag], "contradicted by their own data"))
            told = "".join(f", {count} {why}" for count, why in beside if count)
            print(f"  {flag}: {good[flag]} of {tried[flag]}{told}")
    assert not wrong
    assert set(tried) == set(FLAGS)


def test_every_sample_of_kde_verifies(capsys: pytest.CaptureFixture[str]) -> None:
    trust = join_stores(load_trust(DATA / "dcc/kde"))
    texts = sorted((DATA / "dcc/kde").glob("*.txt"))
    verdicts = [check(path.read_text(), trust, datetime(2021, 7, 1, tzinfo=UTC)) for path in texts]
    with capsys.disabled():
        print(f"\nkhealthcertificate: {sum(v.outcome == 'verified' for v in verdicts)} of {len(texts)}")
    assert {verdict.outcome for verdict in verdicts} == {"verified"}
    assert {key.kid.hex() for keys in trust.keys.values() for key in keys} == {
        path.stem for path in (DATA / "dcc/kde").glob("*.der")
    }


def _texts(picture: bytes) -> set[str]:
    try:
        return {code.text for code in find_codes(open_picture(picture))}
    except PixelsError:
        return set()


def _verdict(case: Case) -> Verdict:
    """The verdict on a case's message with its own signer as the one that is trusted, at its own time."""
    context = case["TESTCTX"]
    trust = build_store([key_of(base64.b64decode(context["CERTIFICATE"]))] if context.get("CERTIFICATE") else [])
    at = datetime.fromisoformat(context["VALIDATIONCLOCK"]) if context.get("VALIDATIONCLOCK") else CLOCK
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    # What a case says of its message holds for the message, also where the text around it is damaged on purpose.
    message = case.get("COSE")
    text = hcert.PREFIX + base45.encode(zlib.compress(bytes.fromhex(message))) if message else case["PREFIX"]
    return check(text, trust, at)


def _statement_in(content: bytes) -> object:
    """The health statement in CBOR: cases hold it bare or among its claims; None where it cannot be decoded."""
    try:
        found = cbor.decode(content)
    except cbor.CborError:
        return None
    if not isinstance(found, dict) or hcert.CLAIM_HCERT not in found:
        return found
    container = found[hcert.CLAIM_HCERT]
    return container.get(hcert.HCERT_V1) if isinstance(container, dict) else None


def _statement_of(message: Callable[[], bytes]) -> object:
    """The health statement in a COSE message; None where one of the layers is damaged."""
    try:
        return _statement_in(cose.take_apart(message()).payload)
    except (hcert.HcertError, cose.CoseError):
        return None


def _says(text: str) -> object:
    """What the whole chain of a text leads to."""
    return _statement_of(partial(hcert.unwrap, text))


def _plain(stated: Any) -> Any:
    """A statement with every time of UTC written in one of the two ways there are: with a Z."""
    if isinstance(stated, dict):
        return {name: _plain(value) for name, value in stated.items()}
    if isinstance(stated, list):
        return [_plain(value) for value in stated]
    return re.sub(r"(?<=\d\d:\d\d)\+00:00$", "Z", stated) if isinstance(stated, str) else stated


def _signed(case: Case) -> object:
    """What a case's message states."""
    return _statement_of(partial(bytes.fromhex, case["COSE"])) if case.get("COSE") else _says(case["PREFIX"])


def _decodes(case: Case) -> bool:
    """Whether content and message state what the case says, as far as it holds them."""
    several = [_statement_in(bytes.fromhex(case["CBOR"]))] if case.get("CBOR") else []
    if case.get("COSE") or not several:
        several.append(_signed(case))
    return all(stated is not None and _plain(stated) == _plain(case.get("JSON", stated)) for stated in several)


def _encodes(case: Case) -> bool:
    """Whether the statement, encoded and signed by us, states the same as the case's own encoding of it."""
    theirs = _statement_in(bytes.fromhex(case["CBOR"])) if case.get("CBOR") else _signed(case)
    return theirs is not None and _plain(_says(sign(SIGNER, case["JSON"]))) == _plain(theirs)


def _is_one_statement(statement: Any, case: Case) -> bool:
    """Whether a statement is valid by the schema of the version it names, and about one event.

    Only 1.3 says the latter in the schema itself. The schema that a case names is of an older version now and then.
    """
    named = statement.get("ver") if isinstance(statement, dict) else None
    schema = _schema(named if named in VERSIONS else case["TESTCTX"]["SCHEMA"])
    return schema.is_valid(statement) and sum(len(statement.get(group) or ()) for group in "vtr") == 1


@cache
def _schema(version: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((DATA / f"dcc/schema/{version}.json").read_text()))


def _unpacks(case: Case) -> bool:
    text = case["PREFIX"]
    return hcert.recognises(text) and text.removeprefix(hcert.PREFIX) == case["BASE45"]


def _reads_base45(case: Case) -> bool | None:
    if not case.get("COMPRESSED"):
        return None
    try:
        return base45.decode(case["BASE45"]) == bytes.fromhex(case["COMPRESSED"])
    except base45.Base45Error:
        return False


def _inflates(case: Case) -> bool | None:
    if not case.get("COMPRESSED"):
        return None
    try:
        return hcert.inflate(bytes.fromhex(case["COMPRESSED"])) == bytes.fromhex(case["COSE"])
    except hcert.HcertError:
        return False


def _sees(case: Case) -> bool | None:
    return _texts(base64.b64decode(case["2DCODE"])) == {case["PREFIX"]} if case.get("2DCODE") else None


def _is_signed(case: Case) -> bool:
    return _verdict(case).reason in SIGNED and _verdict(case).outcome != "unreadable"


# As UPSTREAM-README.md in that folder explains them; None where a case holds nothing to try it on.
FLAGS: dict[str, Callable[[Case], object]] = {
    "EXPECTEDVALIDOBJECT": lambda case: _is_one_statement(case["JSON"], case),
    "EXPECTEDENCODE": _encodes,
    "EXPECTEDPICTUREDECODE": _sees,
    "EXPECTEDUNPREFIX": _unpacks,
    "EXPECTEDB45DECODE": _reads_base45,
    "EXPECTEDCOMPRESSION": _inflates,
    "EXPECTEDVERIFY": _is_signed,
    "EXPECTEDKEYUSAGE": lambda case: USAGE.get(_verdict(case).reason, "another reason"),
    "EXPECTEDEXPIRATIONCHECK": lambda case: _verdict(case).validity == "valid",
    "EXPECTEDDECODE": _decodes,
    "EXPECTEDVALIDJSON": lambda case: _plain(_says(case["PREFIX"])) == _plain(case["JSON"]),
    "EXPECTEDSCHEMAVALIDATION": lambda case: _is_one_statement(_signed(case), case),
}

ENTAILS = {"EXPECTEDVALIDOBJECT": "EXPECTEDSCHEMAVALIDATION"}
"""What contradicts the second in a file contradicts the first too: the same schema holds for JSON and certificate."""


def _seconds(moment: datetime | None, expected: float) -> bool:
    return moment is not None and abs(moment.timestamp() - expected) < 1

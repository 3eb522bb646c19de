"""The verifier beside what the makers of test certificates expect of one, over every file that is here."""

import base64
import json
import statistics
import time
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.certificates import base45, hcert
from bot.certificates.check import check
from bot.certificates.statements import day
from bot.certificates.trust import TrustStore, build_store, join_stores, key_of, load_trust
from bot.documents.codes import find_codes
from bot.documents.photo import read_photo
from bot.documents.pixels import PixelsError, open_picture

DATA = Path(__file__).parents[3] / "shared" / "testdata"
CLOCK = datetime(2022, 11, 9, tzinfo=UTC)
"""The day on which the list of signers was fetched."""

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")

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
    known_bad = {
        (entry["file"], name)
        for entry in json.loads((DATA / "dcc/testdata/known_bad_expectations.json").read_text())
        for name in entry["checks"]
    }
    counted: Counter[str] = Counter()
    wrong = []
    for path in sorted((DATA / "dcc/testdata").glob("**/raw/*.json")):
        name = str(path.relative_to(DATA))
        case = json.loads(path.read_text("utf-8-sig"))
        for expectation, agrees in _expectations(case):
            if (name, expectation) in known_bad:
                continue
            counted[expectation] += 1
            if not agrees:
                wrong.append((name, expectation))
    with capsys.disabled():
        total = sum(counted.values())
        listed = ", ".join(f"{name.removeprefix('EXPECTED').lower()} {count}" for name, count in counted.items())
        print(f"\ndgc-testdata: {total - len(wrong)} of {total} ({listed})")
    assert not wrong
    assert counted


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


def _expectations(case: dict[str, object]) -> list[tuple[str, bool]]:
    """Which expectations of one case could be tried, and whether we agree."""
    expected, context = case.get("EXPECTEDRESULTS", {}), case["TESTCTX"]
    assert isinstance(expected, dict)
    assert isinstance(context, dict)
    key = key_of(base64.b64decode(context["CERTIFICATE"])) if context.get("CERTIFICATE") else None
    trust = build_store([key] if key else [])
    at = datetime.fromisoformat(context["VALIDATIONCLOCK"]) if context.get("VALIDATIONCLOCK") else CLOCK
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    found: dict[str, bool] = {}
    if isinstance(cose := case.get("COSE"), str):
        verdict = check("HC1:" + base45.encode(zlib.compress(bytes.fromhex(cose))), trust, at)
        found["EXPECTEDVERIFY"] = verdict.reason in SIGNED and verdict.outcome != "unreadable"
        found["EXPECTEDKEYUSAGE"] = verdict.reason != "key_not_for_this_use"
        found["EXPECTEDEXPIRATIONCHECK"] = verdict.validity == "valid"
        found["EXPECTEDDECODE"] = verdict.outcome != "unreadable" and verdict.subject is not None
    if isinstance(text := case.get("PREFIX"), str) and isinstance(cose, str):
        found["EXPECTEDUNPREFIX"] = found["EXPECTEDB45DECODE"] = _unwraps(text, cose)
        found["EXPECTEDCOMPRESSION"] = found["EXPECTEDUNPREFIX"]
    elif isinstance(text, str):
        found["EXPECTEDUNPREFIX"] = text.startswith("HC1:")
    if isinstance(text, str) and isinstance(drawn := case.get("2DCODE"), str):
        found["EXPECTEDPICTUREDECODE"] = text in _texts(base64.b64decode(drawn))
    return [(name, found[name] == expected[name]) for name in found if name in expected]


def _texts(picture: bytes) -> set[str]:
    try:
        return {code.text for code in find_codes(open_picture(picture))}
    except PixelsError:
        return set()


def _unwraps(text: str, cose: str) -> bool:
    try:
        return hcert.unwrap(text) == bytes.fromhex(cose)
    except hcert.HcertError:
        return False


def _seconds(moment: datetime | None, expected: float) -> bool:
    return moment is not None and abs(moment.timestamp() - expected) < 1

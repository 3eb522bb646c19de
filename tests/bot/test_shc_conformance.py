"""SMART Health Cards beside what the makers of the specification expect of a verifier, over every file that is here."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from bot.certificates import shc, shc_codes, shc_revocation
from bot.certificates.trust import TrustedKey, TrustStore, build_store
from bot.certificates.trust_lists import smart
from bot.certificates.trust_lists.origin import Origin
from bot.certificates.verdict import Subject

DATA = Path(__file__).parents[3] / "shared" / "testdata"

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"the test data of others is not at {DATA}")


def _drawn(path: Path) -> Image.Image:
    """A picture; a drawing of strokes (SVG) as one."""
    if path.suffix != ".svg":
        return Image.open(path).convert("RGB")
    text = path.read_text()
    side = int(re.search(r'viewBox="0 0 (\d+) ', text)[1])  # type: ignore[index]
    page = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(page)
    x, y = 0.0, 0.0
    strokes = re.search(r'stroke="#000000" d="([^"]+)"', text)[1]  # type: ignore[index]
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", strokes):
        values = [float(number) for number in numbers.split()]
        if command == "h":
            pen.line((x, int(y), x + values[0] - 1, int(y)), 0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return page.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def _texts(case: dict[str, Any]) -> list[str]:
    paths = [DATA / "shc" / name for name in case["files"]]
    if case["type"] != "qr":
        return [path.read_text() for path in paths]
    return [found.text for path in paths for found in zxingcpp.read_barcodes(_drawn(path))]


def _published_keys() -> TrustStore:
    """The keys that the issuers of the examples publish, each with its revocation list; one whose list is damaged
    is left out, as it is by the reader of trust lists."""
    root = "https://raw.githubusercontent.com/smart-on-fhir/health-cards-dev-tools/main/testdata/badcrl/"
    issuers = {"https://spec.smarthealth.cards/examples/issuer": DATA / "shc/issuer/well-known"}
    issuers |= {root + name: DATA / f"shc/badcrl/{name}/well-known" for name in ("invalid-method", "version-mismatch")}
    found = []
    for issuer, folder in issuers.items():
        listed = json.loads((folder / "jwks.json").read_text())
        versions = {jwk["kid"]: jwk.get("crlVersion") for jwk in listed["keys"]}
        for key in smart.read(listed, Origin("test", issuer=issuer)):
            assert isinstance(key, TrustedKey)
            crl = folder / "crl" / f"{key.kid.decode()}.json"
            try:
                revoked = (
                    shc_revocation.read_list(crl.read_bytes(), key.kid.decode(), versions[key.kid.decode()])
                    if crl.exists()
                    else frozenset()
                )
            except shc_revocation.RevocationError:
                continue
            found.append(replace(key, revoked=revoked))
    return build_store(found)


def test_every_published_case_is_judged_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    expected = json.loads((DATA / "shc/expected.json").read_text())
    at = datetime.fromtimestamp(expected["clock"], UTC)
    published = _published_keys()
    snapshot = json.loads((DATA / "trust/vci/vci_snapshot.json").read_text())
    directory = build_store([key for key in smart.read(snapshot, Origin("vci")) if isinstance(key, TrustedKey)])
    wrong = []
    for case in expected["cases"]:
        trust = directory if "VCI" in (case["options"] or "") else published
        assert _judged(_texts(case), trust, at) in ("accept", "reject")
        if _judged(_texts(case), trust, at) != case["expect"]:
            wrong.append(case["name"])
    with capsys.disabled():
        total = len(expected["cases"])
        print(f"\nsmart health cards: {total - len(wrong)} of {total}")
    assert not wrong
    assert total == 39


def _judged(texts: list[str], trust: TrustStore, at: datetime) -> str:
    """What becomes of the texts of one case; a code that was read twice from one case is one too many there."""
    try:
        joined = shc_codes.join_chunks(texts)
    except shc_codes.CodeError:
        return "reject"
    verdicts = [shc.check(text, trust, at) for text in joined]
    good = [verdict.outcome == "verified" and verdict.validity == "valid" for verdict in verdicts]
    return "accept" if good and all(good) else "reject"


def test_every_damaged_revocation_list_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    kid = "hrvC0uzB16UXK83BnPo7Glg685b1D6iYOyJd5hpRaAA"
    damaged = sorted((DATA / "shc/badcrl").glob("*/well-known/crl/*.json"))
    refused = 0
    for path in damaged:
        with pytest.raises(shc_revocation.RevocationError):
            shc_revocation.read_list(path.read_bytes(), kid, 1)
        refused += 1
    (sound,) = (DATA / "shc/issuer/well-known/crl").glob("*.json")
    assert len(shc_revocation.read_list(sound.read_bytes(), sound.stem, 1)) == 4
    with capsys.disabled():
        print(f"\nrevocation lists: {refused} of {len(damaged)} damaged ones refused, the sound one read")
    assert refused == 5


def test_the_examples_say_what_their_plain_form_says() -> None:
    at = datetime(2022, 5, 31, tzinfo=UTC)
    verdict = shc.check((DATA / "shc/example-00-d-jws.txt").read_text(), _published_keys(), at)
    assert verdict.subject == Subject(family="Anyperson", given="John B.", birth_date="1951-01-20")
    assert [(event.product, event.date) for event in verdict.events] == [
        ("EU/1/20/1507", "2021-01-01"),
        ("EU/1/20/1507", "2021-01-29"),
    ]

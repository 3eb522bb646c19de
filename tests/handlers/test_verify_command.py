"""`khaibao verify`: what it prints about files of every kind, and with which status it ends."""

from __future__ import annotations

import argparse
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec

from bot.certificates import specimens
from bot.certificates.trust import HCERT, ISRAEL, NZCP, SHC, VDSNC, TrustedKey, TrustStore
from bot.certificates.trust_lists import own
from bot.certificates.verdict import Event, Subject, Verdict
from bot.documents.photo import read_photo
from bot.documents.photo_reading import PhotoReading
from handlers import verify_command
from handlers.reading import ReadingRoom
from handlers.settings import Settings
from handlers.table import columns, lay_out
from handlers.verify_command import Finding, as_object, in_short, verify
from tests.specimens import israel, nzcp, shc, vdsnc
from tests.specimens.make_specimens import make_signer, sign, statement

SPECIMENS = specimens.folder()
AT = datetime(2026, 11, 24, tzinfo=UTC)
MEMBERS = (
    *("file", "outcome", "format", "reason", "validity", "specimen", "issuer", "country", "kid", "subject", "events"),
    *("issued_at", "expires_at", "identifier", "others", "page", "rung", "milliseconds"),
)


def khaibao_verify(home: Path, *words: str | Path, workers: int = 1) -> int:
    """Run the command as the command line would, without a platform's token."""
    parser = argparse.ArgumentParser()
    verify_command.add_to(parser)
    settings = Settings(home=home, trust=None, telegram_token=None, photo_workers=workers)
    return verify_command.run(parser.parse_args([str(word) for word in words]), settings)


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_folder_gives_one_object_a_file_and_all_have_the_same_members(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inner").mkdir()
    for place, name in enumerate(("good.png", "tampered.png", "foreign-key.png", "blurred.jpg")):
        (tmp_path / "inner" / f"{place}.{name}").symlink_to(SPECIMENS / name)
    (tmp_path / "inner" / "4.notes.txt").write_text("nothing that is signed")
    (tmp_path / ".hidden").write_text("left out")
    home = tmp_path / "home"
    assert khaibao_verify(home, "--json", "--trust", SPECIMENS, tmp_path) == verify_command.NOT_VERIFIED
    found = objects(capsys)
    assert all(tuple(one) == MEMBERS for one in found)
    assert [(one["outcome"], one["reason"]) for one in found] == [
        ("verified", "ok"),
        ("unverified", "signature_wrong"),
        ("unverified", "issuer_unknown"),
        ("unreadable", "no_code"),
        ("unreadable", "not_a_picture"),
    ]
    good = found[0]
    assert good["file"] == str(tmp_path / "inner" / "0.good.png")
    assert (good["format"], good["country"], good["validity"], good["specimen"]) == ("hcert", "XX", "valid", True)
    assert (good["subject"]["family"], good["subject"]["birth_date"]) == ("Specimen", "1990-05-14")
    assert (good["events"][0]["kind"], good["events"][0]["date"]) == ("vaccination", "2026-03-02")
    assert (good["rung"], good["others"]) == ("plain", 0)
    assert found[3]["subject"] == {}
    assert found[3]["validity"] is None
    # Neither a home nor a database was made.
    assert not home.exists()


def test_texts_and_pictures_of_every_format_are_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, authority, signer = ec.generate_private_key(ec.SECP256R1()), vdsnc.make_authority(), make_signer()
    public = key.public_key()
    trusted = [
        TrustedKey(signer.kid, HCERT, "XX", signer.key.public_key()),
        TrustedKey(shc.KID.encode(), SHC, "US", public, issuer=shc.ISSUER),
        TrustedKey(nzcp.KID, NZCP, "NZ", public, issuer=nzcp.ISSUER),
        TrustedKey(b"ecdsa", ISRAEL, "IL", public),
        TrustedKey(authority.identifier, VDSNC, "XX", authority.key.public_key()),
    ]
    trust, files = tmp_path / "trust", tmp_path / "files"
    trust.mkdir()
    files.mkdir()
    (trust / "own.json").write_bytes(own.write("own", "2026-11-24", trusted))
    texts = {
        "hcert": sign(signer, statement("Specimen", "Anna Maria", "1990-05-14", "X1")),
        "shc": shc.make_card(key),
        "nzcp": nzcp.make_pass(key),
        "israel": israel.make_certificate(key),
        "vds-nc": vdsnc.make_seal(authority),
    }
    for name, text in texts.items():
        (files / f"{name}.txt").write_text(text)
        segno.make_qr(text).save(str(files / f"{name}.png"), scale=4)
    words = ("--at", "2026-11-24", "--trust", trust, "--json", files)
    assert khaibao_verify(tmp_path, *words, workers=2) == verify_command.VERIFIED
    found = objects(capsys)
    assert [(Path(one["file"]).stem, one["subject"]["family"].title()) for one in found] == [
        (one["format"], "Specimen") for one in found
    ]
    assert [one["rung"] for one in found] == ["plain", "text"] * len(texts)


def test_a_table_for_people_holds_no_line_that_is_too_wide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    several = tmp_path / "two certificates.txt"
    good, other = (sign(make_signer(), statement("A", "B", "1990", number)) for number in ("X1", "X2"))
    several.write_text(f"{good}\n{other}\n")
    monkeypatch.setenv("COLUMNS", "120")
    words = ("--at", "2040-01-01T07:00+07:00", SPECIMENS / "good.png", several)
    assert khaibao_verify(tmp_path, *words) == verify_command.NOT_VERIFIED
    shown = capsys.readouterr()
    heading, first, second = shown.out.splitlines()
    assert heading.split() == ["outcome", "file", "format", "issuer", "name", "events", "reason", "rung", "ms"]
    # Without a platform's token the specimens are trusted; one that has ended is genuine all the same.
    assert first.startswith("[+] verified")
    assert "expired" in first
    assert "Specimen, Anna" in first
    assert "vaccination 2/2" in first
    assert second.startswith("[?] unverified")
    assert "1 more" in second
    assert max(map(columns, (heading, first, second))) <= 120
    assert shown.err == ""


def unruly(content: bytes, trust: TrustStore, at: datetime) -> PhotoReading:
    """A reader that a file can crash; any other file it reads in earnest."""
    if content == b"crash":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_photo(content, trust, at)


async def test_a_file_that_crashes_its_worker_costs_its_own_line(tmp_path: Path) -> None:
    hostile, gone = tmp_path / "hostile", tmp_path / "gone"
    hostile.write_bytes(b"crash")
    room = ReadingRoom([SPECIMENS], workers=1, reader=unruly)
    try:
        found = [finding async for finding in verify([hostile, gone, SPECIMENS / "good.png"], room, AT, workers=1)]
    finally:
        await room.close()
    assert [(one["outcome"], one["reason"]) for one in map(as_object, found)] == [
        ("unreadable", "crashed"),
        ("unreadable", "cannot_be_opened"),
        ("verified", "ok"),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.png",), "there is no file or folder none.png"),
        (("empty",), "there is no file in empty"),
        (("good.png", "--trust", "nowhere"), "there is no folder nowhere"),
        (("good.png", "--trust", "good.png"), "there is no folder good.png"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.png").symlink_to(SPECIMENS / "good.png")
    assert khaibao_verify(tmp_path, *words) == verify_command.WRONG_USE
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"khaibao: {told}\n")


@pytest.mark.parametrize("time", ["yesterday", "2026-11-24T08:00", "2026-13-01", "0001-01-01T00:00+12:00"])
def test_a_time_needs_its_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str], time: str) -> None:
    with pytest.raises(SystemExit) as ended:
        khaibao_verify(tmp_path, SPECIMENS / "good.png", "--at", time)
    assert ended.value.code == verify_command.WRONG_USE
    assert "neither a date nor" in capsys.readouterr().err


def test_the_best_of_several_stands_first_and_the_others_are_counted() -> None:
    best = Verdict("verified", "ok", "hcert", subject=Subject("Lê", "Hoa"), validity="expired")
    others = (best, Verdict("unverified", "issuer_unknown", "shc"))
    told = as_object(Finding(Path("a"), PhotoReading(None, best, verdicts=others), 7))
    assert (told["outcome"], told["validity"], told["others"], told["milliseconds"]) == ("verified", "expired", 1, 7)
    assert told["subject"]["family"] == "Lê"


@pytest.mark.parametrize(
    ("event", "short"),
    [
        (Event("vaccination", dose=2, doses=2, date="2021-06-01"), "vaccination 2/2 2021-06-01"),
        (Event("vaccination", dose=1), "vaccination 1/?"),
        (Event("test", test_result="260415000", date="2021-05-30"), "test not detected 2021-05-30"),
        (Event("recovery", date="2021-01-10"), "recovery 2021-01-10"),
    ],
)
def test_events_in_short(event: Event, short: str) -> None:
    assert in_short(event) == short


def test_a_name_can_neither_move_the_cursor_nor_turn_the_line_round() -> None:
    rows = [("name", "file"), ("\x1b[2J\u202eAnna\n", "a/long/way/to/picture.png"), ("阮氏花阮氏花阮氏花", "b")]
    _, first, second = lay_out(rows, (4, 8), width=24)
    assert first == "?[2J?Anna?   ~icture.png"
    assert second == "阮氏花阮氏~  b"
    assert columns(second) == len("阮氏花阮氏") * 2 + len("~  b")


def test_a_narrow_table_loses_columns_from_the_right() -> None:
    rows = [("outcome", "file", "reason", "ms"), ("verified", "picture-of-anna.png", "expired", "12")]
    assert list(lay_out(rows, (8, 8, 6, 2), width=22)) == ["outcome   file", "verified  ~of-anna.png"]
    assert list(lay_out(rows, (8, 8, 6, 2), width=4)) == ["outcome", "verified"]

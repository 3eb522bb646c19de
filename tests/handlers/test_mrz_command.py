"""`khaibao mrz` on the committed pictures: what it prints, and with which status it ends."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from handlers import mrz_command

PICTURES = Path(__file__).parents[1] / "specimens" / "passports"


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    mrz_command.add_to(parser)
    settings: Any = None
    return mrz_command.run(parser.parse_args(arguments), settings)


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(PICTURES / "passport.jpg")) == 0
    shown = capsys.readouterr().out
    truth = json.loads((PICTURES / "lines.json").read_text())["passport"]["lines"]
    assert all(line in shown for line in truth)
    assert "TD3, valid" in shown


def test_one_object_a_line_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", str(PICTURES / "card.jpg"), str(PICTURES / "passport-cut-off.jpg")) == mrz_command.NOT_READ
    card, cut = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (card["kind"], card["valid"], card["doubts"]) == ("TD1", True, [])
    assert card["fields"]["birth_date"]["mark"] == "confirmed"
    assert card["fields"]["names"]["mark"] == "unconfirmed"
    assert all(check["stands"] == check["ought"] for check in card["checks"])
    assert cut["trouble"] == "unreadable"


def test_a_file_that_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(PICTURES / "lines.json")) == mrz_command.NOT_READ
    assert "not a picture" in capsys.readouterr().out


def test_without_a_file_it_is_wrong_use() -> None:
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2


def test_a_missing_file_is_the_caller_s_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(str(tmp_path / "none.jpg"))

"""`khaibao trust`: lists brought in, looked at, and keys and certificates taken out of trust."""

import argparse
import asyncio
import base64
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.certified import reasons, show
from fixtures.storing import permit
from pydantic import SecretStr

from bot.certificates.check import check
from bot.certificates.signer_certificates import key_of
from bot.certificates.trust import all_keys
from bot.certificates.trust_files import load_trust
from bot.certificates.trust_lists import withdrawals
from handlers import trust_command
from handlers.service import now, open_memory
from handlers.settings import Settings
from handlers.trust_folder import replace_file, trust_folder
from tests.specimens.make_keys import RSA, authority, pem_of
from tests.specimens.make_specimens import make_signer, sign, statement


def settings_of(home: Path, url: str | None = None) -> Settings:
    """The settings of a home."""
    return Settings(_env_file=None, home=home, trust=None, database_url=SecretStr(url) if url else None)


def khaibao_trust(home: Path, *words: str | Path, url: str | None = None) -> int:
    """Run the command as the command line would."""
    parser = argparse.ArgumentParser()
    trust_command.add_to(parser)
    return trust_command.run(parser.parse_args([str(word) for word in words]), settings_of(home, url))


def gateway_list(path: Path, *certificates: bytes) -> Path:
    entries = [
        {"kid": base64.b64encode(key_of(one).kid).decode(), "country": "XX", "rawData": base64.b64encode(one).decode()}
        for one in certificates
    ]
    path.write_text(json.dumps({"certificates": [*entries, {"kid": "AAAA"}]}))
    return path


def test_a_list_is_brought_in_and_again_and_says_what_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three = (make_signer().certificate for _ in range(3))
    path = gateway_list(tmp_path / "eu list.json", one, two)
    assert khaibao_trust(tmp_path, "import", path, "--date", "2026-11-01") == 0
    told = capsys.readouterr().out
    assert "refused: eu-list AAAA: kid, country or rawData missing" in told
    assert "eu-list: 2 keys read, 1 refused; 2 new, 0 replaced, 0 gone. List of 2026-11-01." in told
    gateway_list(path, two, three)
    assert khaibao_trust(tmp_path, "import", path, "--source", "eu-list") == 0
    assert "2 keys read, 1 refused; 1 new, 1 replaced, 1 gone" in capsys.readouterr().out
    store = load_trust(tmp_path / "trust")
    assert set(store.keys) == {key_of(two).kid, key_of(three).kid}
    assert {key.source for key in all_keys(store)} == {"eu-list"}
    assert [path.name for path in (tmp_path / "trust").iterdir()] == ["eu-list.json"]


def test_a_list_without_a_usable_key_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = gateway_list(tmp_path / "eu.json", make_signer().certificate)
    assert khaibao_trust(tmp_path, "import", path) == 0
    before = (tmp_path / "trust" / "eu.json").read_bytes()
    for content in ("{", "[]", '{"certificates": [1, 2]}'):
        path.write_text(content)
        assert khaibao_trust(tmp_path, "import", path) == 1
    assert (tmp_path / "trust" / "eu.json").read_bytes() == before
    assert "nothing was changed" in capsys.readouterr().out


def test_bare_keys_need_a_scheme_and_take_issuer_and_country(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "india.pem"
    path.write_text(pem_of(RSA.public_key()))
    assert khaibao_trust(tmp_path, "import", path) == 2
    assert "--scheme" in capsys.readouterr().err
    words = ("--scheme", "divoc", "--issuer", "did:india", "--country", "IN")
    assert khaibao_trust(tmp_path, "import", path, *words) == 0
    (key,) = all_keys(load_trust(tmp_path / "trust"))
    assert (key.kid, key.issuer, key.country, key.scheme) == (b"did:india", "did:india", "IN", "divoc")


def test_of_two_certificates_for_one_key_the_longer_lived_counts(tmp_path: Path) -> None:
    folder = tmp_path / "vdsnc"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.der").write_bytes(authority(serial=number))
    assert khaibao_trust(tmp_path, "import", folder, "--source", "icao") == 0
    assert len(all_keys(load_trust(tmp_path / "trust"))) == 1


@pytest.mark.parametrize("source", ["withdrawn", "../up", "a/b", ""])
def test_a_source_is_a_plain_name_and_never_a_path(tmp_path: Path, source: str) -> None:
    path = gateway_list(tmp_path / "withdrawn.json", make_signer().certificate)
    assert khaibao_trust(tmp_path, "import", path, "--source", source) == 2
    assert not (tmp_path / "trust").exists()


def test_the_list_of_lists_tells_their_age(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = gateway_list(tmp_path / "eu.json", make_signer().certificate, make_signer().certificate)
    day = now().date()
    khaibao_trust(tmp_path, "import", path, "--date", day.replace(year=day.year - 1, day=1).isoformat())
    capsys.readouterr()
    assert khaibao_trust(tmp_path, "list") == 0
    heading, row, total = capsys.readouterr().out.splitlines()
    assert heading.split() == ["scheme", "country", "keys", "withdrawn", "list", "of", "days", "old"]
    assert row.split()[:5] == ["hcert", "XX", "2", "0", "eu"]
    assert 365 <= int(row.split()[-1]) <= 397
    assert total.startswith("2 keys, 0 certificates withdrawn")


def test_an_empty_house_trusts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert khaibao_trust(tmp_path, "list") == 0
    assert khaibao_trust(tmp_path, "show", "DE") == 1
    assert khaibao_trust(tmp_path, "withdraw", "AAAA", "--reason", "none") == 1
    assert "Nothing is known of DE." in capsys.readouterr().out
    assert not (tmp_path / "trust").exists()


def test_a_key_is_shown_and_withdrawn_by_any_writing_of_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = make_signer()
    khaibao_trust(tmp_path, "import", gateway_list(tmp_path / "eu.json", signer.certificate))
    for name in (base64.b64encode(signer.kid).decode(), signer.kid.hex(), "XX"):
        assert khaibao_trust(tmp_path, "show", name) == 0
    capsys.readouterr()
    assert khaibao_trust(tmp_path, "withdraw", signer.kid.hex(), "--reason", "key lost") == 0
    assert khaibao_trust(tmp_path, "show", "XX") == 0
    assert "withdrawn" in capsys.readouterr().out
    # The list comes again and does not bring the key back.
    khaibao_trust(tmp_path, "import", tmp_path / "eu.json")
    text = sign(signer, statement("A", "B", "1990", "X"))
    assert check(text, load_trust(tmp_path / "trust"), now()).reason == "key_withdrawn"


def test_a_certificate_is_withdrawn_without_its_name_being_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = make_signer()
    khaibao_trust(tmp_path, "import", gateway_list(tmp_path / "eu.json", signer.certificate))
    text = sign(signer, statement("A", "B", "1990", "X0001"))
    verdict = check(text, load_trust(tmp_path / "trust"), now())
    assert khaibao_trust(tmp_path, "withdraw", "--certificate", verdict.identifier, "--reason", "forged") == 0
    assert "X0001" not in (tmp_path / "trust" / withdrawals.FILE).read_text()
    assert check(text, load_trust(tmp_path / "trust"), now()) == replace(
        verdict, outcome="unverified", reason="revoked"
    )
    assert khaibao_trust(tmp_path, "show", verdict.identifier) == 0
    assert "this certificate is withdrawn" in capsys.readouterr().out


def test_a_damaged_file_of_withdrawals_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trust" / withdrawals.FILE
    replace_file(path, b"{")
    assert khaibao_trust(tmp_path, "withdraw", "--certificate", "x", "--reason", "y") == 2
    assert path.read_bytes() == b"{"
    assert "damaged" in capsys.readouterr().err


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    replace_file(path, b"old")
    blocked = tmp_path / "folder"
    (blocked / "inner").mkdir(parents=True)
    with pytest.raises(OSError):
        replace_file(blocked, b"new")
    assert path.read_bytes() == b"old"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["folder", "list.json"]


def test_the_folder_is_the_operators_or_in_the_home(tmp_path: Path) -> None:
    assert trust_folder(Settings(home=tmp_path, trust=None)) == tmp_path / "trust"
    assert trust_folder(Settings(home=tmp_path, trust=tmp_path / "mine")) == tmp_path / "mine"


async def test_withdrawing_beside_the_service_reopens_the_permits_that_rest_on_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = make_signer()
    khaibao_trust(tmp_path, "import", gateway_list(tmp_path / "eu.json", signer.certificate))
    trust = load_trust(tmp_path / "trust")
    first, second = (check(sign(signer, statement("A", "B", "1990", number)), trust, now()) for number in "12")
    async with open_memory(settings_of(tmp_path)) as memory:
        one = await show(memory, "one", first, "C01X00T47", permit=permit("VN-1"))
        two = await show(memory, "two", second, "K7700021")
        words = ("withdraw", "--certificate", first.identifier, "--reason", "forged")
        assert await asyncio.to_thread(khaibao_trust, tmp_path, *words) == 0
        assert "Reopened for a person: 1 permits, 0 declarations" in capsys.readouterr().out
        assert await reasons(memory) == {one: ("certificate_withdrawn",)}
        words = ("withdraw", signer.kid.hex(), "--reason", "key lost")
        assert await asyncio.to_thread(khaibao_trust, tmp_path, *words) == 0
        assert "Reopened for a person: 0 permits, 1 declarations" in capsys.readouterr().out
        assert (await reasons(memory))[two] == ("key_withdrawn",)
        await show(memory, "one", first, "C01X00T47")


def test_where_the_database_does_not_answer_the_withdrawal_stands_and_what_remains_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("withdraw", "--certificate", "uvci:XX:A", "--reason", "forged")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"postgresql://nobody:secret@127.0.0.1:{port}/nothing"
    assert khaibao_trust(tmp_path, *words, url=url) == 3
    told = capsys.readouterr()
    assert "run this again" in told.out
    assert "secret" not in told.out + told.err
    assert json.loads((tmp_path / "trust" / withdrawals.FILE).read_bytes())["entries"]
    # So with a file that is no database; and once it is mended, the same command finishes the work.
    asyncio.run(_once(tmp_path))
    database = tmp_path / "khaibao.db"
    whole = database.read_bytes()
    database.write_bytes(b"no database" * 1000)
    assert khaibao_trust(tmp_path, *words) == 3
    database.write_bytes(whole)
    assert khaibao_trust(tmp_path, *words) == 0


async def _once(home: Path) -> None:
    """Let a home have a database and keys."""
    async with open_memory(settings_of(home)):
        pass


def test_where_nobody_ever_declared_anything_no_database_is_made(tmp_path: Path) -> None:
    assert khaibao_trust(tmp_path, "withdraw", "--certificate", "uvci:XX:A", "--reason", "forged") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["trust"]

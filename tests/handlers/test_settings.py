"""Settings: a wrong one stops the start with a sentence that names it, and only one process serves from a home."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from fixtures.killing import COMMAND, Service, environment, free_port
from pydantic import SecretStr

from handlers.settings import Settings, WrongSettings, load_settings

WRONG_USE = 2
TOKEN = "123456789:" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A folder without `.env`, and an environment without settings."""
    for name in os.environ:
        if name.startswith("KHAIBAO_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def khaibao(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command, run in the folder to its end."""
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment(folder / "home", **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("serve", "KHAIBAO_PORT", "abc"),
        ("doctor", "KHAIBAO_PORT", "abc"),
        ("serve", "KHAIBAO_PORT", "70000"),
        ("migrate", "KHAIBAO_PHOTO_WORKERS", "0"),
        ("serve", "KHAIBAO_PUBLIC_URL", "declare.example"),
        ("doctor", "KHAIBAO_TELEGRAM_API", "ftp://api.example"),
    ],
)
def test_a_wrong_setting_stops_every_command_with_a_sentence_that_names_it(
    tmp_path: Path, command: str, name: str, value: str
) -> None:
    ended = khaibao(tmp_path, command, **{name: value})
    assert ended.returncode == WRONG_USE
    assert ended.stderr.startswith("khaibao: ")
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_several_wrong_settings_are_all_named_and_no_secret_is_told(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("KHAIBAO_PORT", "abc")
    bare.setenv("KHAIBAO_PHOTO_WORKERS", "many")
    bare.setenv("KHAIBAO_TELEGRAM_TOKEN", TOKEN)
    with pytest.raises(WrongSettings) as wrong:
        load_settings()
    assert "KHAIBAO_PORT" in str(wrong.value)
    assert "KHAIBAO_PHOTO_WORKERS" in str(wrong.value)
    assert TOKEN not in str(wrong.value)
    assert "abc" not in str(wrong.value)


def test_a_webhook_without_a_secret_is_refused(tmp_path: Path) -> None:
    public = {"KHAIBAO_TELEGRAM_TOKEN": TOKEN, "KHAIBAO_PUBLIC_URL": "https://declare.example"}
    ended = khaibao(tmp_path, "serve", **public)
    assert ended.returncode == WRONG_USE
    assert "KHAIBAO_TELEGRAM_SECRET" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert TOKEN not in ended.stderr + ended.stdout


def test_a_webhook_with_a_secret_and_polling_without_one_are_taken(bare: pytest.MonkeyPatch) -> None:
    token = SecretStr(TOKEN)
    assert not Settings(_env_file=None, telegram_token=token).demonstration
    with_secret = Settings(
        _env_file=None, telegram_token=token, telegram_secret=SecretStr("s" * 20), public_url="https://declare.example/"
    )
    assert with_secret.public_url == "https://declare.example"


def test_the_file_env_is_read_and_the_environment_goes_before_it(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KHAIBAO_PORT=9001\nKHAIBAO_HOME=elsewhere\nSOMEBODY_ELSES=1\n")
    bare.setenv("KHAIBAO_PORT", "9002")
    settings = load_settings()
    assert (settings.port, settings.home) == (9002, Path("elsewhere"))


def test_a_wrong_setting_in_the_file_env_is_named_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KHAIBAO_PORT=nine thousand\n")
    ended = khaibao(tmp_path, "doctor")
    assert (ended.returncode, "KHAIBAO_PORT" in ended.stderr) == (WRONG_USE, True)


def test_secrets_do_not_show_when_the_settings_are_printed() -> None:
    settings = Settings(
        _env_file=None, telegram_token=SecretStr(TOKEN), database_url=SecretStr("postgresql://me:passw0rd@host/db")
    )
    assert TOKEN not in f"{settings!r} {settings}"
    assert "passw0rd" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    "url", ["mysql://me:passw0rd@host/db", "sqlite:///:memory:", "nonsense", "postgresql://", "://passw0rd"]
)
def test_a_database_that_cannot_be_used_stops_the_start_with_a_sentence(tmp_path: Path, url: str) -> None:
    ended = khaibao(tmp_path, "serve", KHAIBAO_DATABASE_URL=url, KHAIBAO_PORT="0")
    assert ended.returncode == WRONG_USE
    assert ended.stderr.startswith("khaibao: ")
    assert "Traceback" not in ended.stderr
    assert "passw0rd" not in ended.stderr


async def test_a_database_that_does_not_answer_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://me:passw0rd@127.0.0.1:{free_port()}/db"
    ended = khaibao(tmp_path, "serve", KHAIBAO_DATABASE_URL=url, KHAIBAO_PORT="0")
    assert ended.returncode == WRONG_USE
    assert "Traceback" not in ended.stderr
    assert "passw0rd" not in ended.stderr


async def test_a_second_process_on_the_same_home_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    service = Service(tmp_path / "home", free_port())
    service.start()
    try:
        await service.ready()
        second = khaibao(tmp_path, "serve", KHAIBAO_PORT="0")
        assert second.returncode == WRONG_USE
        assert "another process serves from" in second.stderr
        assert "Traceback" not in second.stderr
        await service.ready()
    finally:
        service.kill()


async def test_a_port_that_is_taken_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    service = Service(tmp_path / "first" / "home", free_port())
    service.home.parent.mkdir()
    service.start()
    try:
        await service.ready()
        second = khaibao(tmp_path, "serve", KHAIBAO_PORT=str(service.port))
        assert second.returncode == WRONG_USE
        assert "Traceback" not in second.stderr
    finally:
        service.kill()


def test_help_names_every_command(tmp_path: Path) -> None:
    told = khaibao(tmp_path, "--help").stdout
    assert all(command in told for command in ("serve", "migrate", "doctor", "words", "flagged", "permit"))

"""Settings: the environment and `.env`, read once into a frozen object."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.sentences import PHOTO_DAYS

PREFIX = "KHAIBAO_"
DATABASE_FILE = "khaibao.db"


class WrongSettings(Exception):
    """A setting that cannot be used; the message names it and says what is wrong."""


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address that begins with http:// or https:// is wanted")
    return text.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """What the operator may set; each is `KHAIBAO_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="the folder of keys and photos; machines that serve together share it")
    host: str = Field("127.0.0.1", description="the address that the web server listens on")
    port: int = Field(8080, ge=0, le=65535, description="the port that the web server listens on; 0 takes a free one")
    public_url: WebAddress | None = Field(None, description="where people and platforms reach the service")
    database_url: SecretStr | None = Field(None, description="PostgreSQL's URL; without it SQLite in the home folder")
    trust: Path | None = Field(None, description="a folder of lists of keys that sign certificates")
    photo_workers: int = Field(2, ge=1, le=64, description="how many processes read photos")
    photo_days: int = Field(PHOTO_DAYS, ge=1, le=365, description="days after which a kept photo is removed")
    metrics_token: SecretStr | None = Field(None, description="the token with which Prometheus may read /metrics")
    telegram_token: SecretStr | None = Field(None, description="the token of the Telegram bot")
    telegram_secret: SecretStr | None = Field(None, description="the secret that Telegram's webhook calls carry")
    telegram_rate: float = Field(30, ge=0, description="messages a second to Telegram at most; 0 for no limit")
    telegram_api: WebAddress = Field("https://api.telegram.org", description="where the Bot API is")

    @model_validator(mode="after")
    def _webhook_has_a_secret(self) -> Settings:
        if self.telegram_token and self.public_url and not self.telegram_secret:
            raise ValueError(f"{PREFIX}TELEGRAM_SECRET is wanted when there is a token and a public address")
        return self

    @property
    def demonstration(self) -> bool:
        """Without any platform's token the service is a demonstration, and the project's specimens are trusted."""
        return self.telegram_token is None

    @property
    def shares(self) -> bool:
        """Whether other processes may serve from the same database: only PostgreSQL is made for that."""
        return self.database_url is not None and not self.database_url.get_secret_value().startswith("sqlite")

    @property
    def database(self) -> str:
        """The URL of the database."""
        if self.database_url:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / DATABASE_FILE).resolve()}"


def load_settings() -> Settings:
    """The settings as they stand now; WrongSettings with a sentence for each one that cannot be used."""
    try:
        return Settings()
    except ValidationError as wrong:
        told = []
        for error in wrong.errors(include_input=False, include_url=False):
            name = PREFIX + "_".join(str(part) for part in error["loc"]).upper() if error["loc"] else ""
            told.append(f"{name}: {error['msg']}" if name else str(error["msg"]))
        raise WrongSettings("; ".join(told)) from None

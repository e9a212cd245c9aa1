"""Settings from the environment and a .env file, read once, at the edge."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import NewsError

DEFAULT_MODEL = "all-MiniLM-L6-v2"


class SettingsError(NewsError):
    """A setting that does not hold what it should."""


class Settings(BaseSettings):
    """Every setting, frozen. In the environment each is NEWSBOT_ and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="NEWSBOT_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("newsbot"),
        description="The folder that holds the database and the indexes.",
    )
    database: str | None = Field(
        None, description="The database's URL; by default a SQLite file in the data folder."
    )
    model: str = Field(
        DEFAULT_MODEL,
        description="The embedding model: the packaged one, or any other sentence-transformers"
        " name or folder. A change embeds everything again.",
    )
    threads: int | None = Field(
        None,
        ge=1,
        description="Processor threads of the model; by default half of the processors.",
    )
    refresh_minutes: int = Field(
        30, ge=5, description="How long after a successful reading a source is due again."
    )
    allow_private: bool = Field(
        False, description="Whether sources on private and loopback addresses may be fetched."
    )

    token: str | None = Field(None, description="The bot's token, from @BotFather in Telegram.")
    admins: tuple[int, ...] = Field(
        (), description="Telegram user ids that may add and remove sources, as [1, 2]."
    )
    webhook_url: str | None = Field(
        None, description="An https address that leads here; then Telegram calls newsbot."
    )
    webhook_port: int = Field(
        8443, ge=1, le=65535, description="The local port that the webhook's address leads to."
    )
    webhook_secret: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{16,256}$",
        description="What Telegram's calls must carry: 16 to 256 of A-Z a-z 0-9 _ -.",
    )
    tell_corrections: bool = Field(
        False,
        description="Whether chats are told once when an article that answered them has changed.",
    )
    api_url: str | None = Field(
        None, description="Another Bot API server, up to and with /bot; by default Telegram's."
    )

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        return data.expanduser().absolute()

    @cached_property
    def interval(self) -> timedelta:
        """``refresh_minutes`` as a duration."""
        return timedelta(minutes=self.refresh_minutes)


def read_settings() -> Settings:
    """The settings, now. Raises SettingsError naming the first that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "NEWSBOT_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(
            name, f"{first['msg'].lower()} (it is {first['input']!r})", "See .env.example"
        ) from error

"""Settings from the environment (``RAPPORT_…``) or a TOML file named by ``RAPPORT_CONFIG``."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """Where things lie. Environment wins over the TOML file, which wins over the defaults."""

    model_config = SettingsConfigDict(env_prefix="RAPPORT_", extra="forbid", frozen=True)

    home: Path = Field(default=Path("var"), description="database, cache and stored audio")
    database_url: str | None = Field(default=None, description="default: SQLite in the home")
    models: Path | None = Field(default=None, description="model weights; default: the home's models")
    inbox: Path = Field(default=Path("recordings/inbox"), description="the drop folder of the night run")
    device: str = Field(default="auto", pattern="^(auto|cpu|cuda)$", description="where models run")
    threads: int | None = Field(default=None, ge=1, description="CPU threads per process; default: all cores")

    vocabulary: Path | None = Field(default=None, description="custom words for the recogniser, per team")

    @property
    def url(self) -> str:
        """The database address (SQLAlchemy form)."""
        return self.database_url or f"sqlite:///{(self.home / 'rapport.db').absolute()}"

    @property
    def models_path(self) -> Path:
        """Where model weights lie."""
        return self.models or self.home / "models"

    @property
    def cache_path(self) -> Path:
        """Where the outputs of pipeline steps are kept."""
        return self.home / "cache"

    @property
    def audio_path(self) -> Path:
        """Where the app's playback copies of recordings lie."""
        return self.home / "audio"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get("RAPPORT_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)


def settings() -> Settings:
    """The settings as the environment gives them now."""
    return Settings()

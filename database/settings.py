"""Settings from the environment (``RAPPORT_…``) or a TOML file named by ``RAPPORT_CONFIG``."""

import os
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

Role = Literal["trainer", "agent", "manager", "admin"]


class Oidc(BaseModel):
    """Sign-in by an identity provider (OpenID Connect). Which claim tells what, and which of its groups is
    which role here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="the provider's address; its .well-known/openid-configuration is read")
    client_id: str
    client_secret: str = Field(default="", description="empty for a public client (PKCE is always used)")
    name: str = Field(default="single sign-on", description="on the button of the sign-in page")
    scope: str = "openid profile email"
    redirect_uri: str | None = Field(default=None, description="where a proxy hides the app's own address")
    login_claim: str = Field(default="preferred_username", description="the user name here")
    role_claim: str = Field(default="roles", description="groups or roles; realm_access.roles for Keycloak")
    roles: dict[str, str] = Field(
        default={}, description="its group: our role; empty where they are the same"
    )
    default_role: Role | None = Field(default=None, description="for people without a group; none: refused")
    team_claim: str | None = Field(default=None, description="the team's name")
    agent_claim: str | None = Field(default=None, description="the agent's name in the call data")
    match_accounts: bool = Field(default=True, description="bind an account of the same user name")
    make_accounts: bool = Field(default=True, description="make an account at the first sign-in")
    language: Literal["en", "de"] = "en"

    @field_validator("roles")
    @classmethod
    def _our_roles(cls, roles: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(roles.values()) - set(get_args(Role)))
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no role here; there are {', '.join(get_args(Role))}")
        return roles


class Council(BaseModel):
    """What a works council agreed to: no averages by agent at all, and none over fewer calls than this."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    agent_averages: bool = Field(default=True, description="whether managers see averages by agent")
    smallest_group: int = Field(default=5, ge=2, le=1000, description="fewer calls show no average")


class Settings(BaseSettings):
    """Where things lie. Environment wins over the TOML file, which wins over the defaults."""

    model_config = SettingsConfigDict(
        env_prefix="RAPPORT_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = Field(default=Path("var"), description="database, cache and stored audio")
    database_url: str | None = Field(default=None, description="default: SQLite in the home")
    models: Path | None = Field(default=None, description="model weights; default: the home's models")
    inbox: Path = Field(default=Path("recordings/inbox"), description="the drop folder of the night run")
    device: str = Field(default="auto", pattern="^(auto|cpu|cuda)$", description="where models run")
    threads: int | None = Field(default=None, ge=1, description="CPU threads per process; default: all cores")

    vocabulary: Path | None = Field(default=None, description="custom words for the recogniser, per team")

    oidc: Oidc | None = Field(default=None, description="sign-in by an identity provider")

    council: Council = Field(default=Council(), description="what a works council agreed to")

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

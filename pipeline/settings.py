"""Settings: built-in `config/settings.toml`, overridden by the same file in ``--config DIR``, then by ``ATALAYA_*``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.declarations import read_toml

BUILTIN_CONFIG = Path(__file__).resolve().parent.parent / "config"


class SettingsError(ValueError):
    """A settings file or variable that cannot be used; the message says which key and what to write instead."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FetchSettings(_Section):
    contact: str = ""
    min_delay_s: float = Field(2.0, ge=0)
    concurrency: int = Field(16, ge=1, le=256)
    total_timeout_s: float = Field(30.0, gt=0)
    connect_timeout_s: float = Field(10.0, gt=0)
    max_redirects: int = Field(5, ge=0)
    max_feed_bytes: int = Field(10_000_000, gt=0)
    max_page_bytes: int = Field(5_000_000, gt=0)
    max_header_bytes: int = Field(65_536, gt=0)
    retry_after_cap_s: int = Field(86_400, gt=0, le=86_400)
    full_fetch_every_s: int = Field(604_800, gt=0)
    max_entries_per_feed: int = Field(500, gt=0)
    max_pages_per_source: int = Field(200, gt=0)
    max_source_s: float = Field(900.0, gt=0)
    allow_private_network: bool = False
    respect_robots: bool = True
    resolve: dict[str, str] = Field(default_factory=dict)


class ParseSettings(_Section):
    timeout_s: float = Field(30.0, gt=0)
    max_memory_mb: int = Field(1024, ge=256)


class ExtractSettings(_Section):
    workers: int = Field(0, ge=0)
    timeout_s: float = Field(20.0, gt=0)
    max_memory_mb: int = Field(1536, ge=256)
    min_words: int = Field(40, ge=1)


class IdentitySettings(_Section):
    copy_window_days: int = Field(7, ge=1)
    story_window_days: int = Field(4, ge=1)


class TranslateSettings(_Section):
    target: str = "en"
    languages: tuple[str, ...] = ("es", "ca", "gl", "pt")
    engines: tuple[str, ...] = ("argos", "apertium")
    index: str = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
    redo_per_run: int = Field(200, ge=0)
    threads: int = Field(0, ge=0)
    beam: int = Field(2, ge=1)


class StoreSettings(_Section):
    url: str = ""
    spool: str = ""

    @field_validator("url")
    @classmethod
    def _readable(cls, url: str) -> str:
        from storage.errors import StorageError
        from storage.lake import parse_url

        try:
            if url:
                parse_url(url)
        except StorageError as error:
            raise ValueError(str(error)) from error
        return url


class PublishSettings(_Section):
    query_timeout_s: float = Field(60.0, gt=0)
    query_memory_mb: int = Field(2_048, ge=64)


class DigestSettings(_Section):
    beat: str = "venezuela"
    at: str = Field("06:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    fresh_minutes: int = Field(90, ge=1)
    late_minutes: int = Field(30, ge=0)
    size: int = Field(10, ge=1, le=100)
    urls: tuple[str, ...] = ()


class ServeSettings(_Section):
    hosts: tuple[str, ...] = ()
    timeout_s: float = Field(10.0, gt=0)


class AlertSettings(_Section):
    urls: tuple[str, ...] = ()
    source_hours: int = Field(24, ge=1)
    untranslated: int = Field(50, ge=0)
    run_hours: int = Field(6, ge=1)


class MaintainSettings(_Section):
    backups: int = Field(7, ge=0)
    spool_days: int = Field(3, ge=1)
    free_share: float = Field(0.3, gt=0, le=1)


class Settings(BaseSettings):
    """All settings, plus where things are: ``home`` (what a run writes) and ``config_dir`` (what a user declares)."""

    model_config = SettingsConfigDict(env_prefix="ATALAYA_", env_nested_delimiter="__", frozen=True, extra="ignore")
    _declared: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    home: Path = Path("data")
    config_dir: Path | None = None
    fetch: FetchSettings = Field(default_factory=FetchSettings)  # type: ignore[arg-type]
    parse: ParseSettings = Field(default_factory=ParseSettings)  # type: ignore[arg-type]
    extract: ExtractSettings = Field(default_factory=ExtractSettings)  # type: ignore[arg-type]
    identity: IdentitySettings = Field(default_factory=IdentitySettings)  # type: ignore[arg-type]
    translate: TranslateSettings = Field(default_factory=TranslateSettings)  # type: ignore[arg-type]
    publish: PublishSettings = Field(default_factory=PublishSettings)  # type: ignore[arg-type]
    digest: DigestSettings = Field(default_factory=DigestSettings)  # type: ignore[arg-type]
    serve: ServeSettings = Field(default_factory=ServeSettings)  # type: ignore[arg-type]
    alerts: AlertSettings = Field(default_factory=AlertSettings)  # type: ignore[arg-type]
    maintain: MaintainSettings = Field(default_factory=MaintainSettings)  # type: ignore[arg-type]
    store: StoreSettings = Field(default_factory=StoreSettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = [InitSettingsSource(settings_cls, dict(d)) for d in reversed(cls._declared)]
        return (init_settings, env_settings, *files)


def load_settings(
    home: Path | str | None = None, config_dir: Path | str | None = None, **overrides: object
) -> Settings:
    """Read the settings for one process.

    ``overrides`` are whole or partial sections, e.g. ``fetch={"min_delay_s": 0}``.
    Raises SettingsError with file, key and advice when a value cannot be used.
    """
    config = Path(config_dir) if config_dir else None
    if config is not None and not config.is_dir():
        raise SettingsError(f"--config {config}: no such folder. Create it, or leave the option out.")
    files = [BUILTIN_CONFIG / "settings.toml"]
    if config is not None and (config / "settings.toml").is_file():
        files.append(config / "settings.toml")
    declared = {f: _sections(f) for f in files}
    bound = type("BoundSettings", (Settings,), {"_declared": tuple(declared.values()), "__module__": __name__})
    values: dict[str, object] = dict(overrides)
    values["home"] = Path(home) if home else Path(os.environ.get("ATALAYA_HOME", "data"))
    values["config_dir"] = config
    try:
        settings: Settings = bound(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = tuple(map(str, first["loc"]))
        raise SettingsError(f"settings: {'.'.join(key)}: {first['msg']} ({_written(key, declared)})") from error
    except ValueError as error:  # of a variable that holds no JSON where a table is wanted
        raise SettingsError(f"settings: {error}") from error
    return settings


def _sections(path: Path) -> dict[str, Any]:
    """Return what a settings file says. Raises SettingsError for a file that cannot be read and unknown sections."""
    known = sorted(Settings.model_fields.keys() - {"home", "config_dir"})
    _, declared = read_toml(path, SettingsError)
    for name in declared:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean [{near[0]}]?" if near else f" Known: {', '.join(known)}."
            raise SettingsError(f"{path}: {name}: no such section.{hint}")
    return declared


def _written(key: Sequence[str], declared: Mapping[Path, Mapping[str, Any]]) -> str:
    """Return where the value of ``key`` was written: a variable counts before the files, the last file first."""
    variable = "ATALAYA_" + "__".join(key[:2]).upper()
    if variable in os.environ:
        return f"in the variable {variable}"
    for path, sections in reversed(list(declared.items())):
        if len(key) > 1 and isinstance(section := sections.get(key[0]), dict) and key[1] in section:
            return f"in {path}"
    return f"read from {', '.join(map(str, declared))}"


def config_file(settings: Settings, name: str) -> Path:
    """Return the user's ``name`` from ``--config DIR`` where it is there, else the built-in one."""
    if settings.config_dir is not None and (settings.config_dir / name).exists():
        return settings.config_dir / name
    return BUILTIN_CONFIG / name

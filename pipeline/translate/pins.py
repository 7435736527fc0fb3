"""Pins: size and SHA-256 of each package as it came the first time. What comes later under the same name must match.

They stand in ``packages.toml`` of the ``--config`` folder, else of the home: a file to look at, to copy to other
machines and to put under version control.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import Settings
from pipeline.translate.index import SetupError

NAME = "packages.toml"
_HEAD = "# Translation packages as they first came; `./atalaya translate setup` refuses others under the same name.\n"


@dataclass(frozen=True, slots=True)
class Pin:
    """One package file: ``code`` and ``version`` name it, ``origin`` is the address or file it came from."""

    code: str
    version: str
    size: int
    sha256: str
    origin: str


def measure(file: Path) -> tuple[int, str]:
    """Return size in bytes and SHA-256 of a file."""
    with file.open("rb") as data:
        return file.stat().st_size, hashlib.file_digest(data, "sha256").hexdigest()


def places(settings: Settings) -> list[Path]:
    """Return where pins are kept, the first being where new ones go."""
    folders = [settings.config_dir, settings.home] if settings.config_dir else [settings.home]
    return [folder / NAME for folder in folders if folder is not None]


def read_pins(settings: Settings) -> dict[tuple[str, str], Pin]:
    """Return the pins by code and version. Raises SetupError for a file that cannot be read."""
    pins: dict[tuple[str, str], Pin] = {}
    for path in reversed(places(settings)):
        if not path.exists():
            continue
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
            found = [Pin(**table) for table in tables]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupError(f"{path} cannot be read ({error}). Correct or delete it.") from error
        pins |= {(p.code, p.version): p for p in found}
    return pins


def check_pin(settings: Settings, pin: Pin) -> None:
    """Compare a package that came with what is pinned under its name. Raises SetupError where they differ."""
    held = read_pins(settings).get((pin.code, pin.version))
    if held is None or (held.size, held.sha256) == (pin.size, pin.sha256):
        return
    raise SetupError(
        f"{pin.code} {pin.version} is another file than the one pinned: {pin.size} bytes with SHA-256 {pin.sha256} "
        f"instead of {held.size} bytes with {held.sha256} (from {held.origin}). Nothing was installed. If you trust "
        f"the new one, call the command again with --repin."
    )


def keep_pin(settings: Settings, pin: Pin) -> Path:
    """Write a pin down, in place of one of the same name; return the file. Raises SetupError."""
    path = places(settings)[0]
    own = dict(read_pins(settings))
    own[pin.code, pin.version] = pin
    lines = [_HEAD]
    for one in sorted(own.values(), key=lambda p: (p.code, p.version)):
        lines.append(
            f"[[package]]\ncode = {_quoted(one.code)}\nversion = {_quoted(one.version)}\nsize = {one.size}\n"
            f"sha256 = {_quoted(one.sha256)}\norigin = {_quoted(one.origin)}\n"
        )
    temporary = path.with_name(f".{NAME}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text("\n".join(lines), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise SetupError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _quoted(text: str) -> str:
    """Return a TOML string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in plain) + '"'

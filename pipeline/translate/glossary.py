"""The glossary: names that no engine may translate, from ``config/glossary.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path


class GlossaryError(ValueError):
    """A glossary that cannot be used; the message names the file and the field."""


def load_glossary(path: Path) -> tuple[str, ...]:
    """Return the names to keep, in the order of the file. Raises GlossaryError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GlossaryError(f"{path}: {error}") from error
    unknown = sorted(set(data) - {"keep"})
    if unknown:
        raise GlossaryError(f"{path}: {unknown[0]}: no such field; names stand in a list called keep")
    names = data.get("keep", [])
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        raise GlossaryError(f"{path}: keep: must be a list of names")
    return tuple(names)

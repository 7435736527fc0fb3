"""The index of Argos packages: a JSON list, one object a package. Pure; nothing is fetched here.

    [{"code": "translate-es_en", "package_version": "1.9", "from_code": "es", "to_code": "en",
      "links": ["https://…/translate-es_en-1_9.argosmodel", "ipfs://…"]}, …]

It has neither sizes nor checksums: what came at first use is pinned (`pipeline.translate.pins`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.settings import TranslateSettings
from pipeline.translate.argos import version_key
from pipeline.translate.engine import route

CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,30}")


class SetupError(RuntimeError):
    """Something that keeps an engine from being set up; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class IndexPackage:
    """One package of the index. ``links`` are those that can be fetched over the web."""

    source: str
    target: str
    version: str
    links: tuple[str, ...]

    @property
    def code(self) -> str:
        """The package's name, as `argospm` writes it."""
        return f"translate-{self.source}_{self.target}"


def index_address(settings: TranslateSettings, option: str | None = None) -> str:
    """Return where the index is: the option, else ``ARGOS_PACKAGE_INDEX``, else the settings.

    A folder's address may be given instead of the file's, as Argos does.
    """
    address = (option or os.environ.get("ARGOS_PACKAGE_INDEX", "").strip() or settings.index).strip()
    return address if address.endswith(".json") else f"{address.rstrip('/')}/index.json"


def parse_index(body: bytes) -> list[IndexPackage]:
    """Return the translation packages of an index; entries that make no sense are left out. Raises SetupError."""
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SetupError(f"what came is no JSON ({str(error)[:80]}; it begins with {body[:40]!r})") from error
    if not isinstance(entries, list):
        raise SetupError("what came is no list of packages")
    packages = [p for e in entries if isinstance(e, dict) for p in _package(e)]
    if not packages:
        raise SetupError("the list holds no translation package that could be fetched")
    return packages


def _package(entry: dict[str, object]) -> Iterable[IndexPackage]:
    source, target, version, links = (entry.get(k) for k in ("from_code", "to_code", "package_version", "links"))
    if entry.get("type", "translate") != "translate" or not isinstance(links, list):
        return
    web = tuple(link for link in links if isinstance(link, str) and link.startswith(("https://", "http://")))
    if not web or not isinstance(source, str) or not isinstance(target, str) or not isinstance(version, str):
        return
    if CODE.fullmatch(source) and CODE.fullmatch(target) and VERSION.fullmatch(version):
        yield IndexPackage(source, target, version, web)


def choose(packages: Iterable[IndexPackage], source: str, target: str) -> tuple[IndexPackage, ...]:
    """Return the newest packages that lead from ``source`` to ``target``: one, or two by way of a third language."""
    newest: dict[tuple[str, str], IndexPackage] = {}
    for package in sorted(packages, key=lambda p: version_key(p.version)):
        newest[package.source, package.target] = package
    return tuple(newest[step] for step in route(newest, source, target))

"""Readers of the extraction gold sets: three public formats become one list of `GoldPage`.

- Fundus parser tests: ``<country>/<Publisher>_<date>.html.gz`` beside ``<Publisher>.json`` (by parser version).
- Trafilatura: ``gold.json`` (segments that must and must not appear) beside ``html/``.
- Fundus evaluation: ``ground_truth.json`` (body paragraphs) beside ``html/``.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

Format = Literal["fundus-tests", "trafilatura", "fundus-evaluation"]


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A real page and what people say it holds. None: not annotated."""

    key: str
    url: str
    body: bytes
    lang: str
    folder: str = ""
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: str | None = None  # ISO date or date and time
    paragraphs: tuple[str, ...] | None = None
    wanted: tuple[str, ...] = field(default=())
    unwanted: tuple[str, ...] = field(default=())


def gold_format(path: Path) -> Format:
    """Return which of the three formats ``path`` has; raise ValueError where it has none."""
    if (path / "gold.json").is_file():
        return "trafilatura"
    if (path / "ground_truth.json").is_file():
        return "fundus-evaluation"
    if any(path.glob("*/meta.info")):
        return "fundus-tests"
    raise ValueError(f"{path}: no gold.json, ground_truth.json or */meta.info: not an extraction gold set")


def read_gold(path: Path) -> list[GoldPage]:
    """Return the pages of one gold folder, sorted by key. Pages whose file is absent are left out."""
    readers = {
        "trafilatura": _read_trafilatura,
        "fundus-evaluation": _read_fundus_evaluation,
        "fundus-tests": _read_fundus_tests,
    }
    return sorted(readers[gold_format(path)](path), key=lambda page: page.key)


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _page(path: Path) -> bytes | None:
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.is_file():
            raw = candidate.read_bytes()
            return gzip.decompress(raw) if candidate.suffix == ".gz" else raw
    return None


def _html_lang(body: bytes) -> str:
    found = re.search(rb"<html[^>]*?\slang\s*=\s*[\"']?([A-Za-z]{2})", body[:20_000])
    return found.group(1).decode().lower() if found else "en"


def _read_trafilatura(path: Path) -> list[GoldPage]:
    pages = []
    for key, gold in _json(path / "gold.json").items():
        body = _page(path / "html" / gold["file"])
        if body is None:
            continue
        author = gold.get("author")
        pages.append(
            GoldPage(
                key=gold["file"],
                url=key if key.startswith("http") else f"https://{gold['file'].split('-')[0]}/{gold['file']}",
                body=body,
                lang=gold.get("lang") or _html_lang(body),
                title=gold.get("title") or None,
                authors=tuple(a.strip() for a in re.split(r"[;/,]", author) if a.strip()) if author else None,
                published=gold.get("date") or None,
                wanted=tuple(gold["with"]),
                unwanted=tuple(gold["without"]),
            )
        )
    return pages


def _read_fundus_evaluation(path: Path) -> list[GoldPage]:
    pages = []
    for name, gold in _json(path / "ground_truth.json").items():
        body = _page(path / "html" / name)
        if body is not None:
            lang = _html_lang(body)
            pages.append(GoldPage(name, gold["url"], body, lang, paragraphs=tuple(gold["body"])))
    return pages


def _read_fundus_tests(path: Path) -> list[GoldPage]:
    pages = []
    for meta in path.glob("*/meta.info"):
        for name, info in _json(meta).items():
            body = _page(meta.parent / name)
            gold_file = meta.parent / f"{name.split('_')[0]}.json"
            if body is None or not gold_file.is_file():
                continue
            gold = _version(_json(gold_file), info["crawl_date"])
            parts = list(gold["body"]["summary"])
            for section in gold["body"]["sections"]:
                parts += [*section["headline"], *section["paragraphs"]]
            pages.append(
                GoldPage(
                    key=f"{meta.parent.name}/{name}",
                    url=info["url"],
                    body=body,
                    lang=_html_lang(body),
                    folder=meta.parent.name,
                    title=gold.get("title"),
                    authors=tuple(gold.get("authors") or ()) or None,
                    published=gold.get("publishing_date"),
                    paragraphs=tuple(parts),
                )
            )
    return pages


def _version(versions: dict[str, Any], crawled: str) -> Any:
    """Return the gold of the parser version in force when the page was taken: the last one published before it."""
    when = datetime.fromisoformat(crawled).replace(tzinfo=None)
    dated = sorted(
        (datetime.fromisoformat(gold["publishing_date"]).replace(tzinfo=None), name)
        for name, gold in versions.items()
        if gold.get("publishing_date")
    )
    before = [name for published, name in dated if published <= when]
    return versions[before[-1] if before else next(iter(versions))]

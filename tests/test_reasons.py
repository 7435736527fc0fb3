"""Every reason code is known, recorded somewhere, documented and exercised by a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.reasons import REASONS
from pipeline.reasons_doc import main
from tests.conftest import ROOT

CARRIERS = {
    "CheckResult": 3,
    "Drop": 2,
    "Extraction": 1,
    "FetchResult": 1,
    "Outcome": 5,
    "ParsedFeed": 0,
    "TransportError": 0,
}
"""Records (and one error) that carry a reason code, and at which place; by keyword it is always ``reason``."""

OTHER_REASONS = {
    # Why an outline of an OPML file is not taken: shown once to a person, recorded nowhere (its own Literal).
    "pipeline.opml",
    # What a worker process died of; translated by the modules that run workers.
    "pipeline.workers",
    # Why an article is in a story: a word for analysts, not an outcome.
    "pipeline.identity.stories",
    # Why a story is known by another id.
    "pipeline.identity.cluster",
}
"""Modules in which ``reason`` means something else."""

WITHOUT_TEST: dict[str, str] = {}
"""Codes that no test exercises, each with the reason why."""

TESTS = [f for f in (ROOT / "tests").rglob("*.py") if f != Path(__file__)]


def package_files() -> Iterator[tuple[str, Path]]:
    """Yield name and path of every module of the packages."""
    for package in ("pipeline", "storage"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts), file


def used_codes() -> set[tuple[str, str]]:
    """Return module and code of every reason that is written as a literal where a record is made or compared."""
    found: set[tuple[str, str]] = set()
    for name, file in package_files():
        if name in OTHER_REASONS or name == "pipeline.reasons":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found |= {(name, code) for code in _codes(node)}
    return found


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        place = CARRIERS.get(called)
        if place is not None and len(node.args) > place:
            yield from _strings(node.args[place])
        for keyword in node.keywords:
            if keyword.arg in ("reason", "problem", "last_reason"):
                yield from _strings(keyword.value)
    elif isinstance(node, ast.Compare) and _is_reason(node.left):
        for other in node.comparators:
            yield from _strings(other)
    elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "reason" for t in node.targets):
        yield from _strings(node.value)


def _is_reason(node: ast.expr) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "reason") or (
        isinstance(node, ast.Name) and node.id in ("reason", "cause")
    )


def _strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for element in node.elts:
            yield from _strings(element)


def test_the_code_uses_known_reasons_only() -> None:
    """A code that is written anywhere stands in the table: a misspelt one would be an outcome nobody can look up."""
    used = used_codes()
    assert {(module, code) for module, code in used if code not in REASONS} == set()
    assert len({code for _, code in used}) > len(REASONS) // 2, "the walk finds the places where reasons are made"


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_recorded_by_some_module(code: str) -> None:
    """The table holds no code that nothing gives."""
    quoted = re.compile(rf"[\"']{code}[\"']")
    assert any(quoted.search(f.read_text("utf-8")) for name, f in package_files() if name != "pipeline.reasons")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_reason_is_exercised_by_some_test(code: str) -> None:
    """Each code has a test that names it (in code or in the newsroom's gold that tests compare with)."""
    quoted = re.compile(rf"[\"']{code}[\"']|/{code}\b")
    tested = any(quoted.search(f.read_text("utf-8")) for f in TESTS)
    assert tested != (code in WITHOUT_TEST)


@pytest.mark.parametrize("reason", REASONS.values(), ids=lambda r: r.code)
def test_a_reason_says_what_it_means(reason: object) -> None:
    """The meaning is a sentence for people; only what a request can end in has a way to be tried again."""
    meaning = reason.meaning  # type: ignore[attr-defined]
    assert meaning[0].isupper() or meaning.startswith("robots.txt")
    assert meaning.endswith(".")
    if reason.kind != "none":  # type: ignore[attr-defined]
        assert reason.stage in ("fetch", "feed", "page")  # type: ignore[attr-defined]


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m pipeline.reasons_doc FILE` writes every code and its meaning."""
    monkeypatch.setattr("sys.argv", ["reasons_doc", str(tmp_path / "r.md")])
    assert main() == 0
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert [r.code for r in REASONS.values() if f"| `{r.code}` | {r.meaning} |" not in text] == []

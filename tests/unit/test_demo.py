"""The demo: what it finds in the newsroom is what the newsroom's gold says, and a second one stores nothing twice."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.demo import compare, demo_settings
from pipeline.newsroom.content import ROUNDS
from pipeline.newsroom.gold import Gold, load_gold
from pipeline.settings import StoreSettings, load_settings
from storage.dump import logical_dump
from storage.query import run_query
from tests.cli import Demo, atalaya


@pytest.fixture(scope="module")
def gold() -> Gold:
    """What the newsroom's authors say after the last poll."""
    return load_gold(ROUNDS[-1])


def test_the_demo_matches_its_gold(demo: Demo) -> None:
    """Entries, articles, stories, copies, texts, beats and topics: all right, and said so."""
    found = re.findall(r"^(\w+): (\d+) of (\d+) as the newsroom's gold says$", demo.ran.stdout, re.M)
    assert [name for name, _, _ in found] == ["entries", "articles", "stories", "copies", "texts", "beats", "topics"]
    assert [(name, right) for name, right, _ in found] == [(name, total) for name, _, total in found], demo.ran.stdout
    assert demo.ran.status == 0


def test_a_second_demo_stores_nothing_twice(demo: Demo, demo_copy: Path) -> None:
    """The newsroom polled again from its first day on: the same database but for what a run itself leaves."""
    before = logical_dump(demo.home / "warehouse.duckdb")
    ran = atalaya("demo", "--home", "data-demo", "--json")
    assert ran.status == 0, ran.output
    assert ran.stdout.count("\n") == 1
    summary = json.loads(ran.stdout)
    assert (summary["articles"], sum(s["stored"] for s in summary["sources"])) == (86, 0)
    assert [(c["name"], c["wrong"]) for c in summary["gold"]][:2] == [("entries", []), ("articles", [])]
    tables = run_query(demo_copy, "SELECT count(*), count(DISTINCT article_id) FROM v_articles", 10.0).rows
    assert tables == [(86, 86)]
    assert logical_dump(demo_copy / "warehouse.duckdb") == before


def test_the_comparison_can_fail(demo_home: Path, gold: Gold) -> None:
    """A story torn apart, a copy, a beat and an entry that differ are each named: agreement is no foregone thing."""
    first, second, *rest = gold.articles
    other = replace(first, story="another-story", beats=("other",), copy_of="nothing", topics=("ata:none",))
    checks = {c.name: c for c in compare(demo_home, replace(gold, articles=(other, second, *rest))).checks}
    for name in ("stories", "copies", "beats", "topics"):
        assert checks[name].wrong, name
        assert checks[name].right == checks[name].total - len(checks[name].wrong)
    assert any(first.key in w for w in checks["beats"].wrong)
    fewer = {c.name: c for c in compare(demo_home, replace(gold, entries=gold.entries[1:])).checks}
    assert any(w.startswith("unexpected ") for w in fewer["entries"].wrong)


def test_a_missing_article_is_wrong_everywhere(demo_home: Path, gold: Gold) -> None:
    """Gold that is not held counts as an error, not as nothing to compare."""
    lost = replace(gold.articles[0], key="lost", source_id="nobody")
    checks = compare(demo_home, replace(gold, articles=(*gold.articles, lost)))
    assert not checks.all_right
    named = {c.name for c in checks.checks if any("lost" in w for w in c.wrong)}
    assert named >= {"articles", "copies", "beats", "topics"}
    assert any("lost: missing instead of" in line for line in checks.lines())


def test_fiction_stays_out_of_a_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a machine's environment names a lake, the demo goes into its own home all the same."""
    monkeypatch.setenv("ATALAYA_STORE__URL", "ducklake+postgres://db.example/news?data=/mnt/lake")
    monkeypatch.setenv("ATALAYA_STORE__SPOOL", "s3://news/spool")
    assert load_settings(tmp_path).store.spool == "s3://news/spool"
    assert demo_settings(tmp_path, {}).store == StoreSettings()

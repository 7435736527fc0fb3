"""Reading during publishing, by processes of their own: no error, and what is counted never goes back."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from storage.publish import publish
from storage.store import Store
from tests.conftest import ROOT
from tests.storage.builders import article, member, source, story

READER = """
import json, sys
from pathlib import Path
from pipeline.search import SearchQuery, search
from storage.held import HeldSnapshot
from storage.query import open_reading
home, wanted, way = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
import duckdb
last, reads, seen, problems = 0, 0, set(), []
held = HeldSnapshot(home)
def opened():  # as the commands open it, and as the page does
    return open_reading(home, 60) if reads % 2 else held.reading(60)
while reads < wanted and not problems:
    try:
        if way == "client":  # any DuckDB client, as the README shows it
            with duckdb.connect() as con:
                con.execute(f"ATTACH '{home / 'news.duckdb'}' AS news (READ_ONLY)")
                stamp, count, members = con.execute(
                    "SELECT search_version, (SELECT count(*) FROM news.articles), "
                    "(SELECT count(*) FROM news.story_articles) FROM news.snapshot"
                ).fetchone()
        elif reads % 20:
            with opened() as found:
                reading = getattr(found, "reading", found)
                ((stamp, count),) = reading.ask("SELECT search_version, article_count FROM v_snapshot").rows
                ((members,),) = reading.ask("SELECT count(*) FROM v_articles WHERE story_id IS NOT NULL").rows
        else:
            page = search(home, SearchQuery("ornitorrinco", limit=1))
            stamp, count, members = None, page.total, page.total
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")
        break
    if count < last or members != count:
        problems.append(f"{count} articles after {last}, {members} in stories")
    last, reads = count, reads + 1
    seen.add(stamp)
print(json.dumps({"reads": reads, "states": len(seen - {None}), "last": last, "problems": problems}))
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader found: reads made, different states met, articles in the last of them, and what went wrong."""

    reads: int
    states: int
    last: int
    problems: list[str]


def read_while_publishing(home: Path, reads: int) -> tuple[list[Told], int]:
    """Let two processes read ``reads`` times in all while articles go on being published.

    One reads as the commands and the page do, in turn (every twentieth read is a search), one as any client. Returns
    what they found and how often was published.
    """
    with Store.open(home, "test") as store:
        store.merge([source(), story("s", "a0"), article("a0", text="Un ornitorrinco."), member("s", "a0")])
        publish(home, store)
        words = [sys.executable, "-c", READER, str(home), str(reads // 2)]
        readers = [
            subprocess.Popen([*words, way], cwd=ROOT, stdout=subprocess.PIPE, text=True) for way in ("ours", "client")
        ]
        published = 1
        while any(r.poll() is None for r in readers):
            store.merge([article(f"a{published}", text="Otro ornitorrinco."), member("s", f"a{published}")])
            publish(home, store)
            published += 1
        return [Told(**json.loads(r.communicate()[0])) for r in readers], published


def test_two_readers_and_a_publisher(tmp_path: Path) -> None:
    """Each read sees one whole state (every article in its story, each search its own snapshot), none an older one."""
    told, published = read_while_publishing(tmp_path, 300)
    assert [t.problems for t in told] == [[], []]
    assert [t.reads for t in told] == [150, 150]
    assert all(t.states > 1 for t in told), "the readers must have met a publish"
    assert all(1 <= t.last <= published for t in told)

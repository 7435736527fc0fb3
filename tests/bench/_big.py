"""A big home of invented outlets for the benches: ``python -m tests.bench._big FOLDER [ARTICLES] [DAYS]``.

All rows come from hashes of their number (`big.sql`), so two builds hold the same. Outlets are fictional
(``.example``); the text is made of a few hundred common words of news and many invented ones, known ones most often.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from storage.publish import publish
from storage.store import Store

ARTICLES = 200_000
DAYS = 60


def big_home(folder: Path, articles: int = ARTICLES, days: int = DAYS) -> Path:
    """Return a home with ``articles`` articles over ``days`` days, built in ``folder`` unless it is there already."""
    home = folder / f"big-{articles}-{days}"
    if (home / "news.duckdb").exists():
        return home
    home.mkdir(parents=True, exist_ok=True)
    for left in home.glob("warehouse.duckdb*"):
        left.unlink()
    per_day = max(1, articles // days // 4)  # stories of a day
    sql = Path(__file__).with_name("big.sql").read_text(encoding="utf-8")
    for name, number in (("$articles", articles), ("$days", days), ("$per_day", per_day)):
        sql = sql.replace(name, str(number))
    with Store.open(home, "bench") as store:
        store.con.execute(sql)
        publish(home, store)
    return home


def main() -> None:
    """Build the home that the words name and say where it is."""
    words = sys.argv[1:]
    start = time.perf_counter()
    home = big_home(Path(words[0]), *(int(w) for w in words[1:]))
    print(f"{home} ({(home / 'news.duckdb').stat().st_size / 1e6:.0f} MB, {time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()

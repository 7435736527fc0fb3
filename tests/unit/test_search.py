"""Search: what is found and what is not, in either language, with and without accents; the index fits its snapshot."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import search_words
from pipeline.search import SearchHit, SearchPage, SearchQuery, day_span, moment, search, topics_within
from pipeline.search_words import Marks, Words, parse
from storage import search_find, search_index
from storage.errors import SearchError, SearchMistake, StorageError
from storage.publish import publish
from storage.query import run_query
from storage.records import ArticleTopic, Record, Topic
from storage.store import Store
from tests.cli import atalaya
from tests.conftest import ROOT
from tests.storage.builders import article, at, member, source, story, translation

ES = "La devaluación del bolívar llegó con la excarcelación de presos políticos en Cumaná."
WORLD: list[Record] = [
    source("faro", "VE"),
    source("villa", "ES"),
    source("bay", "US"),
    Topic("t:1", "economy", "Economía", None, 1),
    Topic("t:2", "currency", "Moneda", "t:1", 2),
    article("es1", "faro", title="El dólar", text=ES, published_at=at(0)),
    article(
        "es2", "villa", country="ES", title="Las devaluaciones", text="Los excarcelados hablan.", published_at=at(1)
    ),
    article("en1", "bay", country="US", lang="en", title="Inflation", text="Prices were devalued.", published_at=at(2)),
    article(
        "ca1", "villa", country="ES", lang="ca", title="El dòlar", text="La pujada dels preus.", published_at=at(3)
    ),
    translation("es1", "partial", title="The dollar", text="The devaluation came with the release of prisoners."),
    translation("es2", "quarantined", title="Zyzzogeton", text="mainstre@@"),
    ArticleTopic("es1", "t:2", 0.9, (), "t"),
    story("s1", "es1"),
    member("s1", "es1"),
    member("s1", "es2"),
]


def published(home: Path, records: Iterable[Record]) -> Path:
    """Merge ``records`` into the home and publish it."""
    with Store.open(home, "test") as store:
        store.merge(list(records))
        publish(home, store)
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published home of four articles in three languages."""
    return published(tmp_path_factory.mktemp("search"), WORLD)


def found(home: Path, words: str = "", **filters: object) -> set[str]:
    """Return the ids of the articles that a search finds."""
    return {h.article_id for h in search(home, SearchQuery(words, **filters)).hits}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("devaluación", {"es1", "es2"}),
        ("devaluacion", {"es1", "es2"}),
        ("DEVALUACIONES", {"es1", "es2"}),
        ("devaluation", {"es1", "en1"}),
        ("excarcelacion", {"es1", "es2"}),
        ("excarcel*", {"es1", "es2"}),
        ("excarcelaci*", {"es1", "es2"}),
        ("presos politicos", {"es1"}),
        ("preso político", {"es1"}),
        ('"presos politicos"', {"es1"}),
        ('"politicos presos"', set()),
        ("“presos políticos”", {"es1"}),
        ("prisoner", {"es1"}),
        ("dolar", {"es1", "ca1"}),
        ("dólar -pujada", {"es1"}),
        ("pujada OR prices", {"ca1", "en1"}),
        ("pujada OR prices inflation", {"en1"}),
        ("the price of", {"en1"}),
        ("cumana", {"es1"}),
        ("Cumaná", {"es1"}),
        ("Zyzzogeton", set()),
        ("mainstre", set()),
        ("de la", {"es1"}),
    ],
)
def test_words(home: Path, words: str, wanted: set[str]) -> None:
    """Accents and capitals make no difference, inflections of one word are one, English that failed is not found."""
    assert found(home, words) == wanted


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"countries": ("ES",)}, {"es2", "ca1"}),
        ({"countries": ("es", "US")}, {"es2", "ca1", "en1"}),
        ({"sources": ("faro",)}, {"es1"}),
        ({"languages": ("ca",)}, {"ca1"}),
        ({"topics": ("t:2",)}, {"es1"}),
        ({"topics": ("economy",)}, {"es1"}),
        ({"topics": ("MONEDA",)}, {"es1"}),
        ({"since": at(1)}, {"es2", "en1", "ca1"}),
        ({"until": at(1)}, {"es1"}),
        ({"since": at(1), "until": at(2)}, {"es2"}),
        ({"since": timedelta(hours=1)}, {"en1", "ca1"}),
        ({"countries": ("ES",), "languages": ("es",)}, {"es2"}),
    ],
)
def test_filters(home: Path, filters: dict[str, object], wanted: set[str]) -> None:
    """Each filter narrows, also without words; times are half open; a timedelta counts from the newest article."""
    assert found(home, **filters) == wanted
    assert found(home, "dólar", **filters) == wanted & {"es1", "ca1"}


def test_hits_say_what_an_analyst_asks_next(home: Path) -> None:
    """A hit has its story, outlet, English and the words found, marked; the total counts beyond the page."""
    page = search(home, SearchQuery("devaluacion", limit=1))
    assert (page.total, len(page.hits), page.data_through) == (2, 1, at(3))
    (hit,) = search(home, SearchQuery("presos devaluación")).hits
    assert (hit.story_id, hit.source_name, hit.country, hit.title_en) == ("s1", "Faro", "VE", "The dollar")
    assert [p.text for p in hit.snippet if p.hit] == ["devaluación", "presos"]
    assert "".join(p.text for p in hit.snippet) == ES
    (hit,) = search(home, SearchQuery("release")).hits
    assert (hit.snippet_lang, [p.text for p in hit.snippet if p.hit]) == ("en", ["release"])


def test_newest_first_and_pages(home: Path) -> None:
    """Without words the newest come first; pages continue each other without overlap."""
    asked = [search(home, SearchQuery(countries=("ES", "US", "VE"), limit=2, offset=o)) for o in (0, 2, 4)]
    assert [[h.article_id for h in p.hits] for p in asked] == [["ca1", "en1"], ["es2", "es1"], []]
    newest = search(home, SearchQuery("dólar", order="newest"))
    assert [h.article_id for h in newest.hits] == ["ca1", "es1"]


def test_hits_are_rows_of_v_articles(demo_home: Path) -> None:
    """What a hit says of its article is what `v_articles` says, of all articles that there are."""
    names = [f.name for f in fields(SearchHit) if f.name not in {"title_parts", "snippet", "snippet_lang", "score"}]
    page = search(demo_home, SearchQuery(countries=("VE", "ES", "US"), limit=1_000))
    held = run_query(demo_home, f"SELECT {', '.join(names)} FROM v_articles WHERE country IN ('VE', 'ES', 'US')", 60)
    assert page.total == len(page.hits) == len(held.rows) > 50
    assert {tuple(getattr(h, n) for n in names) for h in page.hits} == set(held.rows)


@pytest.mark.parametrize("words", ["devaluación", "nada'; DROP TABLE x --\n;", "zzz"])
def test_hits_join_in_sql(home: Path, words: str) -> None:
    """The SQL of a page gives the same articles in the same order, in any client, whatever the words."""
    page = search(home, SearchQuery(words))
    answer = run_query(home, page.as_sql, 10)
    place = answer.columns.index("article_id")
    assert [r[place] for r in answer.rows] == [h.article_id for h in page.hits]
    assert page.as_sql.startswith("-- ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ('"presos', "quotation mark is missing"),
        ("OR dólar", "OR stands between"),
        ("dólar OR", "OR stands between"),
        ("dólar OR -peso", "cannot be one of them"),
        ("-dólar", "only words to leave out"),
        ("!!! ...", "no word to look for"),
        ("country:VE dólar", "beside the words"),
        ("do*", "at least 3 letters"),
        ("d*lar", "at the end of a word"),
        ("*", "at least 3 letters"),
        ("x1 " * 33, "at most 32"),
        ("x" * 501, "at most 500"),
        ("", "Nothing is asked for"),
    ],
)
def test_mistakes_are_explained(home: Path, words: str, says: str) -> None:
    """What cannot be understood ends in a sentence that says what is right."""
    with pytest.raises(SearchError, match=says):
        search(home, SearchQuery(words))


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"topics": ("econmy",)}, "Close: economy"),
        ({"sources": ("fare",)}, "There are: bay, faro, villa"),
        ({"countries": ("Spain",)}, "No country here is called 'Spain'. There are: ES, US, VE"),
        ({"beats": ("sport",)}, "No beat here is called 'sport'. There are: none yet"),
        ({"limit": 0}, "1 to 1000"),
        ({"limit": 1001}, "1 to 1000"),
        ({"offset": 10_000}, "first 10000"),
        ({"offset": -1}, "1 to 1000"),
    ],
)
def test_wrong_filters_name_what_there_is(home: Path, filters: dict[str, object], says: str) -> None:
    """A source, topic or country that is not there is answered with those that are, a page too far with the limit."""
    with pytest.raises(SearchError, match=says):
        search(home, SearchQuery("dólar", **filters))  # type: ignore[arg-type]


def test_nothing_found_says_why(home: Path) -> None:
    """A word that no article has is named; else that the words do not meet, or not within the filters."""
    assert search(home, SearchQuery("dólar qwertz")).notes == ("No article here has: qwertz.",)
    assert "none has all" in search(home, SearchQuery("pujada Cumaná")).notes[0]
    assert "not within these filters" in search(home, SearchQuery("pujada", countries=("US",))).notes[0]


@given(st.text(max_size=60))
def test_any_words_are_understood_or_explained(words: str) -> None:
    """Whatever is typed, parsing ends in a wish or in a SearchError, and what is looked for has a letter or digit."""
    try:
        wish = parse(words)
    except SearchError as error:
        assert str(error).endswith((".", "*"))
        return
    for looked_for in (*[w for g in wish.needed for w in g], *wish.refused):
        assert any(c.isalnum() for c in looked_for.text)


@pytest.mark.parametrize(
    "words",
    [
        '"' + "de la " * 15 + '"', "dev* OR exc* OR pre* OR pol*", "a\x00b \ud7ff \u202e", "'; DROP TABLE articles; --",
        "%s %(x)s {}", " OR ".join(["dólar"] * 20), "(((((dólar)))))", "/.*/", "text:[* TO *]", "dólar^999 ~2",
        '""""""', "-" * 400, "１２３ ＡＢＣ",
    ],
)  # fmt: skip
def test_hostile_words_are_bounded(home: Path, words: str) -> None:
    """Nothing typed is taken for a pattern, a field or SQL: it finds articles or nothing, or says what is wrong."""
    try:
        page = search(home, SearchQuery(words))
    except SearchError:
        return
    assert page.total <= 4
    run_query(home, page.as_sql, 10)


@given(st.lists(st.sampled_from(["presos", "Políticos,", "de", "«la»", "x", "cárcel.\n"]), max_size=200).map(" ".join))
def test_marking_loses_no_letter(text: str) -> None:
    """The parts of a marked text are the text; a snippet is a piece of it on one line, of bounded length."""
    marks = Marks(parse('presos "políticos de" carc*'))
    assert "".join(p.text for p in marks.marked(text)) == text
    parts, _ = marks.snippet(text)
    shown = "".join(p.text for p in parts)
    assert "\n" not in shown
    assert len(shown) <= search_words._SHOWN + 4
    assert " ".join(shown.strip("… ").split()) in " ".join(text.split())


def test_a_phrase_is_marked_only_where_it_stands() -> None:
    """Words of a phrase that stand apart are not what was found."""
    parts = Marks(parse('"presos políticos"')).marked("Presos sin ser políticos; presas políticas.")
    assert [p.text for p in parts if p.hit] == ["presas", "políticas"]


def test_what_people_type_as_a_time() -> None:
    """Days, hours and weeks back, a day in Caracas with its end, a time; anything else is explained."""
    assert moment("7d") == timedelta(days=7)
    assert moment("2w") == timedelta(weeks=2)
    assert moment(None) is None
    assert moment("2026-01-08") == datetime(2026, 1, 8, 4, tzinfo=UTC)
    assert moment("2026-01-08", end=True) == datetime(2026, 1, 9, 4, tzinfo=UTC) == day_span(at(0).date())[1]
    assert moment("2026-01-08T07:00") == datetime(2026, 1, 8, 11, tzinfo=UTC)
    for wrong in ("yesterday", "7", "2026-13-01", "1/2/26"):
        with pytest.raises(SearchError, match="is no time"):
            moment(wrong)


def test_a_topic_takes_in_what_is_below_it() -> None:
    """Children of children belong to a topic; a loop in the tree ends."""
    tree = [
        ("a", "A", "A", None),
        ("b", "B", "B", "a"),
        ("c", "C", "C", "b"),
        ("d", "D", "D", None),
        ("x", "X", "X", "x"),
    ]
    assert topics_within(tree, ["A"]) == ("a", "b", "c")
    assert topics_within(tree, ["b", "x"]) == ("b", "c", "x")


# --------------------------------------------------------------------------------------------- index and snapshot


def versions(home: Path) -> list[str]:
    """Return the indexes that are there."""
    return sorted(p.name for p in (home / "search").iterdir())


def current(home: Path) -> str:
    """Return the index of the snapshot."""
    return str(run_query(home, "SELECT search_version FROM v_snapshot", 10).rows[0][0])


def test_changes_are_taken_in(tmp_path: Path) -> None:
    """Each publish finds what is new, changed, gone, or newly translated; the index before stays until the next."""
    published(tmp_path, WORLD)
    first = current(tmp_path)
    published(tmp_path, [article("es2", "villa", title="Otra cosa", text="Un ornitorrinco.", country="ES")])
    assert found(tmp_path, "ornitorrinco") == {"es2"}
    assert found(tmp_path, "excarcelados") == {"es1"}
    second = current(tmp_path)
    assert versions(tmp_path) == sorted({first, second})
    published(tmp_path, [translation("es2", "ok", title="Another thing", text="A platypus.")])
    assert found(tmp_path, "platypus") == {"es2"}
    published(tmp_path, [translation("es2", "quarantined", title="Another thing", text="A platypus.")])
    assert found(tmp_path, "platypus") == set()
    with Store.open(tmp_path, "test") as store:
        store.merge([ArticleTopic("en1", "t:1", 0.9, (), "t")])
        store.con.execute("DELETE FROM articles WHERE article_id = 'es1'")
        publish(tmp_path, store)
    assert found(tmp_path, topics=("economy",)) == {"en1"}
    assert len(versions(tmp_path)) == 2


def test_the_same_articles_keep_their_index(tmp_path: Path) -> None:
    """A publish without news writes no index; the same articles merged in another order have the same one."""
    published(tmp_path / "a", WORLD)
    folder = tmp_path / "a" / "search" / current(tmp_path / "a")
    inode = (folder / "meta.json").stat().st_ino
    published(tmp_path / "a", [])
    assert (folder / "meta.json").stat().st_ino == inode
    published(tmp_path / "b", reversed(WORLD))
    assert current(tmp_path / "b") == current(tmp_path / "a")


def test_unchanged_files_are_shared(tmp_path: Path) -> None:
    """The next index begins with the files of the one before: what is written grows with the news, not the archive."""
    published(tmp_path, [*WORLD, *(article(f"x{n}", text=f"palabra{n} " * 50) for n in range(200))])
    before = tmp_path / "search" / current(tmp_path)
    published(tmp_path, [article("more", text="algo nuevo")])
    after = tmp_path / "search" / current(tmp_path)
    held = {f.stat().st_ino for f in before.glob("*.pos")}
    assert held <= {f.stat().st_ino for f in after.glob("*.pos")}
    assert found(tmp_path, "palabra7") == {"x7"}


@pytest.mark.parametrize("name", ["meta.json", "documents.parquet", "*.term", "*.store", "*.idx"])
def test_a_damaged_index_is_built_anew(tmp_path: Path, name: str) -> None:
    """Whatever file of the index before is broken, the next publish gives a whole one."""
    published(tmp_path, WORLD)
    for file in (tmp_path / "search" / current(tmp_path)).glob(name):
        file.write_bytes(b"broken")
    published(tmp_path, [article("new", text="Un ornitorrinco.")])
    assert found(tmp_path, "ornitorrinco") == {"new"}
    assert found(tmp_path, "presos") == {"es1"}


def test_a_search_over_a_damaged_index_says_so(tmp_path: Path) -> None:
    """A broken or missing index is an error in words; the next publish mends it even where nothing is new."""
    published(tmp_path, WORLD)
    folder = tmp_path / "search" / current(tmp_path)
    (folder / "meta.json").write_text("{}")
    with pytest.raises(SearchError, match=r"damaged.*builds it anew"):
        search(tmp_path, SearchQuery("presos"))
    shutil.rmtree(folder)
    published(tmp_path, [])
    for file in (tmp_path / "search" / current(tmp_path)).glob("*.pos"):
        file.write_bytes(b"\xff" * file.stat().st_size)
    with pytest.raises(SearchError, match=r"damaged.*builds it anew"):
        search(tmp_path, SearchQuery('"presos políticos"'))
    shutil.rmtree(tmp_path / "search" / current(tmp_path))
    with pytest.raises(SearchError, match=r"lacks the index.*\./atalaya run"):
        search(tmp_path, SearchQuery("presos"))
    published(tmp_path, [])
    assert found(tmp_path, "presos") == {"es1"}


def test_no_snapshot_and_an_old_one(tmp_path: Path) -> None:
    """Without a snapshot, or with one from before there was a search, the message says what adds it."""
    with pytest.raises(SearchError, match=r"no snapshot yet. Run \./atalaya run"):
        search(tmp_path, SearchQuery("x"))
    duckdb.connect(str(tmp_path / "news.duckdb")).close()
    with pytest.raises(SearchError, match="before there was a search"):
        search(tmp_path, SearchQuery("x"))


def test_a_full_disk_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the index cannot be written nothing is published: the snapshot and its index stay as they were."""
    published(tmp_path, WORLD)
    before = (current(tmp_path), versions(tmp_path), (tmp_path / "news.duckdb").stat().st_ino)

    def full(*_: object) -> None:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    monkeypatch.setattr(search_index, "_add", full)
    with pytest.raises(StorageError, match=r"Cannot build the search index.*No space left"):
        published(tmp_path, [article("new", text="Un ornitorrinco.")])
    assert (current(tmp_path), versions(tmp_path), (tmp_path / "news.duckdb").stat().st_ino) == before
    monkeypatch.undo()
    published(tmp_path, [])
    assert found(tmp_path, "ornitorrinco") == {"new"}


KILLED = """
import os, signal, sys
from pathlib import Path
from storage import publish as p, search_index as s
from storage.store import Store
from tests.storage.builders import article
home, where = Path(sys.argv[1]), sys.argv[2]
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
module, name = where.split(".")
setattr({"p": p, "s": s}[module], name, die)
with Store.open(home, "test") as store:
    store.merge([article("new", text="Un ornitorrinco.")])
    p.publish(home, store)
"""


@pytest.mark.parametrize("where", ["s._add", "s._holds", "p._swap", "s.forget_old"])
def test_killed_in_between(tmp_path: Path, where: str) -> None:
    """Killed at any point, readers have the pair before or the pair after, and the next publish goes on."""
    published(tmp_path, WORLD)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), where], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert found(tmp_path, "presos") == {"es1"}
    assert found(tmp_path, "ornitorrinco") == ({"new"} if where == "s.forget_old" else set())
    published(tmp_path, [])
    assert found(tmp_path, "ornitorrinco") == {"new"}
    assert len(versions(tmp_path)) <= 2
    assert current(tmp_path) in versions(tmp_path)


def test_searching_while_publishing(tmp_path: Path) -> None:
    """Searches beside twenty publishes: no error, each hit is an article of its snapshot, and totals never go back."""
    published(tmp_path, [*WORLD, article("n0", text="Un ornitorrinco.")])
    problems: list[str] = []
    done = threading.Event()
    counts = [0, 0]

    def reader(number: int) -> None:
        last = 0
        while not done.is_set() or counts[number] < 30:
            try:
                page: SearchPage = search(tmp_path, SearchQuery("ornitorrinco", limit=50))
            except SearchError as error:
                problems.append(str(error))
                return
            if page.total < last or page.total != len(page.hits):
                problems.append(f"{page.total} after {last}, {len(page.hits)} hits")
            last = page.total
            counts[number] += 1

    threads = [threading.Thread(target=reader, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 21):
        published(tmp_path, [article(f"n{number}", text="Otro ornitorrinco.")])
    done.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert found(tmp_path, "ornitorrinco", limit=50) == {f"n{n}" for n in range(21)}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_who_may_only_read_can_search(tmp_path: Path) -> None:
    """An account without the right to write in the home searches it as well."""
    published(tmp_path, WORLD)
    for folder in [tmp_path, *tmp_path.parents][:4]:
        folder.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from pipeline.search import *\nimport tantivy, duckdb, pytz\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "print([h.article_id for h in search(Path(sys.argv[1]), SearchQuery('presos')).hits])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "['es1']\n", done.stderr


# ------------------------------------------------------------------------------------------------------ the command


def test_the_command(home: Path) -> None:
    """The command prints hits for people, one line of JSON, or the SQL; mistakes end with status 2 and a sentence."""
    where = ("--home", str(home))
    ran = atalaya("search", "presos políticos", *where, "--country", "ve", "--since", "7d")
    assert ran.status == 0
    assert "1 article found, data through 2026-01-08 11:00 Caracas" in ran.stdout
    assert "El dólar" in ran.stdout
    ran = atalaya("search", "dólar", *where, "--json")
    assert ran.stdout.count("\n") == 1
    assert '"total": 2' in ran.stdout
    ran = atalaya("search", "dólar", *where, "--sql")
    assert len(run_query(home, ran.stdout, 10).rows) == 2
    assert atalaya("search", "--lang", "ca", *where).stdout.splitlines()[0] == "El dòlar"
    assert atalaya("search", "qwertz", *where).stdout.splitlines()[-1] == "No article here has: qwertz."
    ran = atalaya("search", '"presos', *where)
    assert (ran.status, ran.stderr.startswith("atalaya: A quotation mark is missing")) == (2, True)
    ran = atalaya("search", "dólar", *where, "--country", "VEN")
    assert (ran.status, ran.stderr) == (2, "atalaya: No country here is called 'VEN'. There are: ES, US, VE.\n")
    ran = atalaya("search", "dólar", "--home", str(home / "nowhere"))
    assert ran.status == 1, "a snapshot that is not there is no mistake of whoever asks"


def test_a_search_that_begins_with_a_minus_gets_a_hint(home: Path) -> None:
    """It would be read as an option: the sentence says what to write, and what is written so is a search."""
    ran = atalaya("search", "-dólar presos", "--home", str(home), "--country", "VE")
    assert ran.status == 2
    assert f"./atalaya search --home {home} --country VE -- '-dólar presos'" in ran.stderr
    assert atalaya("search", "--home", str(home), "--country", "VE", "--", "-dólar presos").status == 0
    assert "only words to leave out" in atalaya("search", "--home", str(home), "--", "-dólar").stderr
    assert atalaya("search", "dólar", "--home", str(home), "--limit", "-1").stderr.startswith(
        "atalaya: A page has 1 to"
    )


def test_a_filter_among_many_names_what_comes_close(tmp_path: Path) -> None:
    """Where there are too many to name, the closest are named by what people may write, and what lists all."""
    published(tmp_path, [source(f"faro-{n}", name=f"El Faro {n}") for n in range(20)] + [article("a", text="presos")])
    with pytest.raises(SearchMistake, match=r"Close: .*faro-7.* All of them: ./atalaya query"):
        search(tmp_path, SearchQuery("presos", sources=("faro7",)))
    search(tmp_path, SearchQuery("presos", sources=("el faro 7",)))


def test_titles_are_no_commands_of_a_terminal(tmp_path: Path) -> None:
    """Control characters and markup in a title reach the terminal as signs."""
    published(tmp_path, [source(), article("a", title="\x1b[31m[bold]Ojo\x07", text="presos")])
    ran = atalaya("search", "presos", "--home", str(tmp_path))
    assert "\x1b" not in ran.stdout
    assert "[bold]Ojo" in ran.stdout


def test_words_that_are_the_same_word() -> None:
    """What the index compares: case, accents and endings aside, in Spanish and in English."""
    same = search_find.keys_of
    for one, other in (
        ("excarcelación", "Excarcelaciones"),
        ("economía", "economia"),
        ("prisoner", "prisoners"),
        ("país", "PAISES"),
    ):
        assert same(one) & same(other), (one, other)
    assert not same("presos") & same("prensa")
    assert search_find.stems_of("Cumaná, 8 de enero", "es") == search_find.stems_of("cumana 8 de enero", "es")
    assert Words("a") == Words("a", "word")

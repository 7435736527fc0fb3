"""The command line's promises: exit statuses, errors in words, one line of JSON that is the last."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli_common import errors_in_words
from storage.errors import LockBusy
from storage.lock import WriterLock
from tests.cli import atalaya
from tests.conftest import ROOT

SOURCE = """
[[source]]
id = "{id}"
name = "El Faro Ficticio"
country = "VE"
languages = ["es"]
homepage = "https://{id}.example/"
media_type = "digital"
ownership = "private"
feeds = ["https://{id}.example/feed/"]
"""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with a folder ``mine`` that declares one outlet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    monkeypatch.delenv("ATALAYA_HOME", raising=False)
    (tmp_path / "mine" / "sources").mkdir(parents=True)
    (tmp_path / "mine" / "sources" / "ve.toml").write_text(SOURCE.format(id="el-faro"))
    return tmp_path


def test_without_words_help_and_status_2(workplace: Path) -> None:
    """Nothing asked for is a usage error that shows what there is."""
    ran = atalaya()
    assert ran.status == 2
    assert "Usage: atalaya" in ran.output


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nonsense"], 2, "No such command"),
        (["run", "--nonsense"], 2, "No such option"),
        (["run", "--limit", "0"], 2, "--limit"),
        (["run", "--source", "efecto-cocuyu"], 2, "Did you mean efecto-cocuyo?"),
        (["run", "--country", "ZZ"], 2, "ZZ"),
        (["run", "--config", "nowhere"], 2, "--config nowhere: no such folder"),
        (["sources", "list", "--source", "vtw"], 2, "Did you mean vtv"),
        (["sources", "import-opml", "none.opml", "--country", "VE"], 2, "none.opml: no such file"),
        (["sources", "add", "x", "--feed", "https://x.example/", "--name", "X", "--country", "VE", "--homepage",
          "https://x.example/"], 2, "--config"),
        (["query", "--format", "xml", "SELECT 1"], 2, "choose from table, json, csv"),
        (["query", "SELECT 1"], 1, "no snapshot yet"),
        (["status"], 1, "no snapshot yet"),
        (["translate", "status"], 1, "no snapshot yet"),
        (["reprocess", "nothing"], 2, "choose from extract, beats, translate, stories, topics"),
        (["reprocess", "topics", "--since", "yesterday"], 2, "write 7d, 12h or a date"),
        (["reprocess", "topics"], 1, "holds nothing yet"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)  # fmt: skip
def test_mistakes_are_answered_in_words(workplace: Path, words: list[str], status: int, said: str) -> None:
    """Each mistake says what is wrong or what to write instead, on standard error, without a traceback."""
    ran = atalaya(*words)
    assert ran.status == status, ran.output
    assert said in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.output
    assert not (workplace / "data").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("settings.toml", "[fetch]\nmin_delay_s = -1\n", "fetch.min_delay_s"),
        ("settings.toml", "[fetch]\nmin_dealy_s = 1\n", "fetch.min_dealy_s"),
        ("settings.toml", "[fetch]\nconcurrency = 0\n", "(in mine/settings.toml)"),
        ("settings.toml", "[fech]\nmin_delay_s = 1\n", "fech: no such section. Did you mean [fetch]?"),
        ("settings.toml", "[fetch\n", "mine/settings.toml: not valid TOML"),
        ("sources/ve.toml", SOURCE.format(id="el-faro").replace("VE", "Venezuela"), "country"),
        ("sources/ve.toml", "[[source]\n", "ve.toml"),
    ],
)
def test_files_of_the_user_are_named(workplace: Path, file: str, text: str, said: str) -> None:
    """A file in --config that cannot be used is a usage error that names the key or the file."""
    (workplace / "mine" / file).write_text(text)
    ran = atalaya("sources", "list", "--config", "mine")
    assert ran.status == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.output


def test_an_error_of_our_own_is_not_dressed_up() -> None:
    """A plain ValueError is a bug: it goes up with its traceback instead of looking like a mistake of the user."""
    with pytest.raises(ValueError, match="bug"), errors_in_words():
        raise ValueError("bug")


def test_a_run_refuses_a_home_with_fiction(demo_copy: Path) -> None:
    """Real outlets do not go beside the demo's, neither by `run` nor by `sources check`."""
    for words in (["run"], ["sources", "check"]):
        ran = atalaya(*words, "--home", "data-demo", "--source", "vtv")
        assert ran.status == 2
        assert "holds the fictional outlets" in ran.stderr
    assert atalaya("query", "--home", "data-demo", "FROM sources WHERE source_id = 'vtv'").output.endswith("0 rows\n")


def test_a_demo_refuses_a_home_with_real_outlets(workplace: Path) -> None:
    """Fiction does not go beside outlets that a run declared, even if none of them answered."""
    first = atalaya("run", "--config", "mine", "--home", "real", "--json")
    assert json.loads(first.stdout)["exit_status"] == first.status == 1
    ran = atalaya("demo", "--home", "real")
    assert ran.status == 2
    assert "holds real outlets" in ran.stderr


def test_a_run_without_internet_says_so_and_loses_nothing(workplace: Path) -> None:
    """One sentence, the source recorded as not reached, status 1; a second run at once says that nothing is due."""
    ran = atalaya("run", "--config", "mine", "--home", "home")
    assert ran.status == 1
    assert ran.stdout.count("is this machine connected to the internet?") == 1
    query = ["query", "--home", "home", "--format", "json"]
    sql = "SELECT last_reason, failures, next_due_at > now() AS paused FROM feeds"
    (feed,) = json.loads(atalaya(*query, sql).stdout)
    assert feed["last_reason"] in ("unreachable", "dns", "timeout")
    assert (feed["failures"], feed["paused"]) == (1, True)
    (event,) = json.loads(atalaya(*query, "SELECT kind, source_id FROM fetch_events").stdout)
    assert event == {"kind": "feed", "source_id": "el-faro"}
    again = atalaya("run", "--config", "mine", "--home", "home")
    assert again.status == 1
    assert "No feed is due: 1 feed of 1 in a pause after failures, the first until " in again.stdout


def test_a_broken_declaration_is_told_before_the_poll_and_does_not_keep_it(workplace: Path) -> None:
    """Feeds move on, so what they show is fetched; what needs the file fails, and names it again."""
    (workplace / "mine" / "watches.toml").write_text("[[watch]\n")
    ran = atalaya("run", "--config", "mine", "--home", "home")
    assert ran.status == 2
    assert "mine/watches.toml: not valid TOML" in ran.stdout.split("poll: 1 to do")[0]
    assert "poll: 1 done" in ran.stdout
    assert "mine/watches.toml: not valid TOML" in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["doctor"],
        ["translate", "status"],
        ["sources", "list", "--source", "vtv"],
        ["query", "--format", "json", "SELECT 1 AS one"],
    ],
    ids=" ".join,
)
def test_json_is_one_line_and_the_last(demo_copy: Path, words: list[str]) -> None:
    """What machines read is the last line of standard output, and for these commands the only one."""
    flags = [] if words[0] == "query" else ["--json"]
    ran = atalaya(*words, "--home", "data-demo", *flags)
    assert ran.status == 0, ran.output
    assert ran.stdout.count("\n") == 1
    assert json.loads(ran.stdout)


def test_a_second_run_on_one_home_is_told_who_holds_it(workplace: Path) -> None:
    """Two runs do not poll the same outlets side by side: the second says which process has the home, since when."""
    with WriterLock(workplace / "home", "run", name="run.lock"):
        ran = atalaya("run", "--config", "mine", "--home", "home")
    assert ran.status == 1
    assert "is being written by another process (`run`, process " in ran.stderr
    assert LockBusy.reason == "lock_busy"


def test_reprocess_waits_for_no_run(demo_copy: Path) -> None:
    """While a run works on the home, reprocess refuses instead of mixing its writes with the run's."""
    with WriterLock(demo_copy, "run", name="run.lock"):
        ran = atalaya("reprocess", "beats", "--home", "data-demo")
    assert ran.status == 1
    assert "is being written by another process" in ran.stderr


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("", "no statement"),
        ("FROM v_storys", 'Did you mean "v_stories"?'),
        ("DROP TABLE articles", "read-only"),
        ("FROM read_text('/etc/hostname')", "Only the snapshot can be read"),
        ("SET enable_external_access = true", "Only the snapshot can be read"),
    ],
)
def test_questions_that_cannot_be_answered(demo_home: Path, sql: str, said: str) -> None:
    """Status 1, the cause in words, nothing on standard output."""
    ran = atalaya("query", "--home", str(demo_home), sql)
    assert ran.status == 1
    assert said in ran.stderr
    assert ran.stdout == ""


def test_a_question_from_standard_input(demo_home: Path) -> None:
    """`-` reads the statement, as long as it may be."""
    words = ["query", "--home", str(demo_home), "--format", "csv", "-"]
    ran = atalaya(*words, input="SELECT count(*) AS n\nFROM articles")
    assert (ran.status, ran.stdout.split()) == (0, ["n", "86"])


def test_the_home_may_come_from_the_environment(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ATALAYA_HOME stands in for --home, and --home goes before it."""
    monkeypatch.setenv("ATALAYA_HOME", str(demo_home))
    assert json.loads(atalaya("status", "--json").stdout)["home"] == str(demo_home)
    assert atalaya("status", "--home", "elsewhere").status == 1


def test_a_slow_question_is_stopped(demo_home: Path, workplace: Path) -> None:
    """query_timeout_s of the settings holds on the command line too."""
    (workplace / "mine" / "settings.toml").write_text("[publish]\nquery_timeout_s = 0.2\n")
    sql = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = 7"
    ran = atalaya("query", "--home", str(demo_home), "--config", "mine", sql)
    assert ran.status == 1
    assert "stopped after 0.2 s" in ran.stderr


def test_sources_are_added_checked_and_listed(workplace: Path) -> None:
    """A new outlet goes into the user's folder; the same again is refused, and nothing is written then."""
    words = ["sources", "add", "la-torre", "--config", "mine", "--name", "La Torre Ficticia", "--country", "VE",
             "--homepage", "https://latorre.example/", "--feed", "https://latorre.example/rss", "--language", "es",
             "--media-type", "newspaper", "--ownership", "independent"]  # fmt: skip
    assert atalaya(*words).status == 0
    held = (workplace / "mine" / "sources" / "ve.toml").read_text()
    listed = json.loads(atalaya("sources", "list", "--config", "mine", "--json").stdout)
    assert [s["source_id"] for s in listed] == ["el-faro", "la-torre"]
    assert (listed[1]["media_type"], listed[1]["feeds"]) == ("newspaper", ["https://latorre.example/rss"])
    assert atalaya(*words).status == 2
    assert (workplace / "mine" / "sources" / "ve.toml").read_text() == held


def test_opml_goes_out_and_comes_back(workplace: Path) -> None:
    """What was exported is imported into a new folder, beside the built-in sources that are copied there."""
    (workplace / "all.opml").write_text(atalaya("sources", "export-opml", "--config", "mine").stdout)
    ran = atalaya("sources", "import-opml", "all.opml", "--config", "new", "--country", "US")
    assert ran.status == 0, ran.output
    listed = json.loads(atalaya("sources", "list", "--config", "new", "--json").stdout)
    (found,) = (s for s in listed if s["source_id"] == "el-faro")
    assert (found["country"], len(listed) > 100) == ("VE", True)
    again = atalaya("sources", "import-opml", "all.opml", "--config", "new", "--country", "US")
    assert (again.status, "0 sources added, 1 of 2 outlines not taken" in again.stdout) == (1, True)


def test_stopped_by_the_user() -> None:
    """Ctrl-C ends with 130 and says that nothing is lost."""
    code = (
        "import typer\nfrom pipeline.cli_common import errors_in_words\n"
        "def stop():\n    with errors_in_words():\n        raise KeyboardInterrupt\n"
        "typer.run(stop)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert "What was loaded is kept" in done.stderr


def test_the_module_is_the_command(workplace: Path) -> None:
    """`python -m pipeline` is what the bootstrap starts: same words, same statuses, and no module of the user's."""
    (workplace / "pipeline").mkdir()
    (workplace / "pipeline" / "__init__.py").write_text("raise SystemExit('not ours')")
    words = [sys.executable, "-P", "-m", "pipeline", "query", "--home", "none", "SELECT 1"]
    env = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("atalaya: none/news.duckdb: there is no snapshot yet.")

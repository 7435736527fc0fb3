"""The docs do not lie: every command line in docs/commands runs and prints what is shown, links lead somewhere, and
every option, setting, reason and column that is named exists.

In what is shown, a line that is only ``…`` stands for any lines, and ``…`` within a line for anything. A fenced block
whose first line names a file in a comment is written to that file before the commands after it run. ``$ echo $?`` shows
the exit status of the command before it; a command without one must end with 0.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.newsroom import CONFIG
from pipeline.newsroom.live import NewsroomServer
from pipeline.reasons import REASONS
from pipeline.reasons_doc import reasons_doc
from pipeline.settings import BUILTIN_CONFIG, Settings, load_settings
from pipeline.sources import load_sources
from pipeline.topics import load_topics
from pipeline.translate.gate import CHECKS
from storage.dictionary import data_dictionary
from tests.cli import Demo, Ran, atalaya
from tests.conftest import ROOT
from tests.eval.__main__ import task_names

DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "commands").glob("*.md"))
TEXTS = [*sorted(DOCS.rglob("*.md")), *(f for f in sorted(ROOT.glob("*.md")) if f.is_file())]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.S | re.M)
_FILE = re.compile(r"(?:#|--|<!--) ([\w./-]+\.(?:toml|sql|opml))\b")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command of a page with what the page says it prints, and its exit status."""

    command: str
    output: str
    status: int


def steps(page: str) -> Iterator[Shown | tuple[Path, str]]:
    """Yield what a page does, in order: files to write and commands to run."""
    for language, text in _BLOCK.findall(page):
        named = _FILE.match(text)
        if named:
            yield Path(named[1]), text
        elif language == "console":
            yield from commands(text)


def commands(block: str) -> Iterator[Shown]:
    """Yield the commands of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.M)
    assert not parts[0].strip(), f"a console block starts with a command, not with {parts[0]!r}"
    found = [p.split("\n", 1) for p in parts[1:]]
    at = 0
    while at < len(found):
        command, output = found[at]
        following = found[at + 1] if at + 1 < len(found) else None
        while command.startswith("./atalaya test") and following and not following[0].startswith(("./", "echo")):
            output += f"$ {following[0]}\n{following[1]}"  # `test` itself prints lines that look like commands
            at += 1
            following = found[at + 1] if at + 1 < len(found) else None
        status = 0
        if following and following[0] == "echo $?":
            status = int(following[1])
            at += 1
        yield Shown(command, output, status)
        at += 1


def matches(shown: str, printed: str) -> bool:
    """Return whether ``printed`` is what is ``shown``, trailing spaces aside."""
    pattern = ""
    for line in shown.rstrip("\n").split("\n"):
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, re.split(r" *… *", line.rstrip()))) + r" *\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def run_shown(command: str, demo: Demo) -> Ran:
    """Run a command line of the docs, as a shell would."""
    words = shlex.split(command, comments=False)
    assert words[0] == "./atalaya", f"only ./atalaya is run, not {command!r}"
    words = words[1:]
    given = None
    if "<" in words:
        at = words.index("<")
        given = Path(words[at + 1]).read_text(encoding="utf-8")
        words = words[:at]
    if words == ["demo"]:
        return demo.ran
    if words[0] == "test":  # what its own processes print reaches only a real standard output
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pipeline", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr, done.stdout)
    return atalaya(*words, input=given)


@pytest.fixture
def workplace(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with what the pages suppose: the demo's home, and declarations of the newsroom with its hosts' ports."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    shutil.copytree(demo.home, tmp_path / "data-demo")
    shutil.copytree(CONFIG, tmp_path / "newsroom")
    with NewsroomServer(2) as server:
        lines = [f'"{host}" = "{where}"' for host, where in server.hosts().items()]
        words = "\n".join(["[fetch]", "min_delay_s = 0", "[fetch.resolve]", *lines, ""])
        (tmp_path / "newsroom" / "settings.toml").write_text(words, encoding="utf-8")
        yield tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_commands_print_what_their_page_shows(page: Path, workplace: Path, demo: Demo) -> None:
    """Every command line of the page, in order, prints what stands below it and ends as it says."""
    count = 0
    for step in steps(page.read_text(encoding="utf-8")):
        if isinstance(step, tuple):
            (workplace / step[0]).parent.mkdir(parents=True, exist_ok=True)
            (workplace / step[0]).write_text(step[1], encoding="utf-8")
            continue
        count += 1
        ran = run_shown(step.command, demo)
        assert matches(step.output, ran.output), f"$ {step.command}\n{ran.output}\n--- shown:\n{step.output}"
        assert ran.status == step.status, f"$ {step.command}\n{ran.output}"
    assert count, "a page shows at least one command"


def test_the_readme_shows_what_is_printed(workplace: Path, demo: Demo) -> None:
    """What README.md shows of the demo and of questions to it is what they print."""
    found = [s for s in steps((ROOT / "README.md").read_text(encoding="utf-8")) if isinstance(s, Shown)]
    asked = [s for s in found if s.command.split()[1] in ("demo", "query")]
    assert {s.command.split()[1] for s in found} >= {"demo", "test", "run", "query"}
    for step in asked:
        ran = run_shown(step.command, demo)
        if step.output.strip():
            assert matches(step.output, ran.output), f"$ {step.command}\n{ran.output}\n--- shown:\n{step.output}"
        assert ran.status == 0, f"$ {step.command}\n{ran.output}"


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("one\n", "one\n", True),
        ("one\n", "two\n", False),
        ("one\n", "one\ntwo\n", False),
        ("…\ntwo\n", "one\none and a half\ntwo  \n", True),
        ("…\ntwo\n", "two\n", True),
        ("took … s\n", "took 3.1 s\n", True),
        ("took … s\n", "took 3.1 h\n", False),
        ("took … s\n", "took 3.1\n s\n", False),
        ("│ a … │ 3 │\n", "│ a      │ 3 │\n", True),
        ("│ a … │ 3 │\n", "│ a      │ 4 │\n", False),
        ("", "", True),
        ("", "one\n", False),
    ],
)
def test_what_the_wildcards_mean(shown: str, printed: str, same: bool) -> None:
    """A shown text is strict but for its wildcards: this test of docs can fail."""
    assert matches(shown, printed) is same


def test_pages_are_cut_into_steps() -> None:
    """Files, commands, output and exit statuses of a page are told apart."""
    page = "Words\n```toml\n# a/b.toml\nx = 1\n```\n```console\n$ ./atalaya run\nno\n$ echo $?\n1\n$ ./atalaya x\n```\n"
    assert list(steps(page)) == [
        (Path("a/b.toml"), "# a/b.toml\nx = 1\n"),
        Shown("./atalaya run", "no\n", 1),
        Shown("./atalaya x", "", 0),
    ]


def command_tree() -> dict[str, object]:
    """Return the public commands by their words (``sources list``)."""
    found: dict[str, object] = {}

    def walk(group: object, words: tuple[str, ...]) -> None:
        for name, command in group.commands.items():  # type: ignore[attr-defined]
            if hasattr(command, "commands"):
                walk(command, (*words, name))
            elif not command.hidden:
                found[" ".join((*words, name))] = command

    walk(typer.main.get_command(app), ())
    return found


COMMANDS = command_tree()


def test_every_command_has_a_page_and_every_page_a_command() -> None:
    """Pages are named after commands, and the index links each."""
    assert {p.stem for p in PAGES} == {c.replace(" ", "-") for c in COMMANDS}
    index = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert [c for c in COMMANDS if f"[`{c}`](commands/{c.replace(' ', '-')}.md)" not in index] == []


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_page_names_every_option_and_shows_its_command(command: str) -> None:
    """What `--help` lists, the page explains, each option at least by name; options have help of their own."""
    text = (DOCS / "commands" / f"{command.replace(' ', '-')}.md").read_text(encoding="utf-8")
    options = [o for p in COMMANDS[command].params for o in p.opts if o.startswith("--") and o != "--help"]  # type: ignore[attr-defined]
    assert [o for o in options if not re.search(rf"{o}\b", text)] == []
    assert [p.name for p in COMMANDS[command].params if not p.help] == []  # type: ignore[attr-defined]
    assert text.startswith(f"# {command}\n")
    assert f"$ ./atalaya {command}" in text
    helped = CliRunner().invoke(app, [*command.split(), "--help"]).output
    assert [o for o in options if o not in helped] == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(text: Path) -> None:
    """A relative link names a file that is there, and a heading in it."""
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (text.parent / path).resolve() if path else text
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            wrong.append(target)
    assert not wrong


def _anchors(file: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", t.lower()).replace(" ", "-") for t in titles}


def test_every_page_is_reached_from_the_index() -> None:
    """docs/index.md leads, page by page, to everything in docs (to the notes on decisions by their folder)."""
    seen: set[Path] = set()
    ahead = [DOCS / "index.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        links = re.findall(r"\]\(([^)#\s:]+\.md)[^)]*\)", page.read_text(encoding="utf-8"))
        ahead += [f for link in links if (f := (page.parent / link).resolve()) not in seen and f.is_file()]
    assert [
        str(t.relative_to(ROOT))
        for t in TEXTS
        if t.is_relative_to(DOCS) and t not in seen and t.parent.name != "decisions"
    ] == []


def test_every_task_of_the_evaluation_is_described() -> None:
    """docs/evaluation.md has a line for each task of the harness, and for no other."""
    rows = re.findall(r"^\| `(\w+)` \|", (DOCS / "evaluation.md").read_text(encoding="utf-8"), re.M)
    assert sorted(rows) == task_names()


def test_the_samples_for_contributors_are_accepted(tmp_path: Path) -> None:
    """The topic of CONTRIBUTING.md and the source of docs/sources.md load as they stand, each one edit."""
    (topic,) = (b for _, b in _BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")) if "[[topic]]" in b)
    (tmp_path / "topics.toml").write_text((BUILTIN_CONFIG / "topics.toml").read_text("utf-8") + "\n" + topic, "utf-8")
    more = {t.topic_id for t in load_topics(tmp_path / "topics.toml").records()}
    assert more - {t.topic_id for t in load_topics(BUILTIN_CONFIG / "topics.toml").records()} == {"ata:teachers-pay"}
    (source,) = (b for _, b in _BLOCK.findall((DOCS / "sources.md").read_text("utf-8")) if "[[source]]" in b)
    shutil.copytree(BUILTIN_CONFIG / "sources", tmp_path / "sources")
    with (tmp_path / "sources" / "ve.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{source}")
    assert "el-faro" in {s.source_id for s in load_sources(load_settings(tmp_path, tmp_path)).sources}


def test_the_page_of_reasons_is_current() -> None:
    """docs/reasons.md is what `python -m pipeline.reasons_doc` writes."""
    assert (DOCS / "reasons.md").read_text(encoding="utf-8") == reasons_doc()


def settings_keys(table: dict[str, object], prefix: str = "") -> set[str]:
    """Return the dotted keys of a settings file; ``[fetch.resolve]`` is one key."""
    keys = set()
    for name, value in table.items():
        whole = f"{prefix}{name}"
        keys |= settings_keys(value, f"{whole}.") if isinstance(value, dict) and not prefix else {whole}
    return keys


def test_settings_are_documented() -> None:
    """docs/settings.md, config/settings.toml and the code know the same keys with the same defaults."""
    with (BUILTIN_CONFIG / "settings.toml").open("rb") as file:
        built_in = tomllib.load(file)
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.*?) \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.M)
    sections = {n: f.annotation for n, f in Settings.model_fields.items()}
    in_code = {
        f"{name}.{key}": field
        for name, section in sections.items()
        if isinstance(section, type) and issubclass(section, BaseModel)
        for key, field in section.model_fields.items()
    }
    assert [k for k, _ in rows] == list(dict.fromkeys(k for k, _ in rows)), "a key stands once"
    assert {k for k, _ in rows} == settings_keys(built_in) == set(in_code)
    for key, default in rows:
        section, name = key.split(".")
        value = built_in[section][name]
        assert in_code[key].get_default(call_default_factory=True) in (value, _tupled(value)), key
        shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value
        text = f'"{value}"' if isinstance(value, str) else "none" if value == {} else str(shown).replace("'", '"')
        assert default == f"`{text}`", key


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def known_words() -> set[str]:
    """Return every word with an underscore that the docs may put in backticks."""
    columns = set(re.findall(r"`(\w+)`|^### (?:log\.)?(\w+)$", data_dictionary(), re.M))
    with (BUILTIN_CONFIG / "settings.toml").open("rb") as file:
        settings = settings_keys(tomllib.load(file))
    code = "".join(
        f.read_text(encoding="utf-8") for p in ("pipeline", "storage", "config") for f in (ROOT / p).rglob("*.*ml")
    )
    folders = ("pipeline", "storage", "dags", "tests")
    code += "".join(f.read_text(encoding="utf-8") for p in folders for f in (ROOT / p).rglob("*.py"))
    words = {w for pair in columns for w in pair} | {k.split(".")[-1] for k in settings}
    return words | set(REASONS) | set(CHECKS) | set(re.findall(r"\b[a-z]\w*_\w+\b", code))


def test_reasons_columns_and_settings_that_are_named_exist() -> None:
    """A word in the form of a code (`two_words`) is a reason, check, column, table, setting or name of ours."""
    known = known_words()
    wrong = [
        (str(text.relative_to(ROOT)), word)
        for text in TEXTS
        for word in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text.read_text(encoding="utf-8"))
        if word not in known
    ]
    assert not wrong

"""Setting up an engine: the index and its packages on loopback, with every way in which they fail."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
import threading
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.settings import Settings, load_settings
from pipeline.translate import apt, setup
from pipeline.translate.argos import find_argos
from pipeline.translate.download import Limits
from pipeline.translate.engine import Missing
from pipeline.translate.index import SetupError, choose, index_address, parse_index
from pipeline.translate.install import install, look_into
from pipeline.translate.pins import Pin, keep_pin, read_pins
from pipeline.translate.setup import Wish, set_up, set_up_once
from tests.cli import atalaya
from tests.faults.server import Asked, FaultServer, Handler, answer, drip, head, redirect, reset, stall
from tests.toy_package import LEXICON, build

NOW = datetime(2026, 1, 9, 12, tzinfo=UTC)
QUICK = Limits(total_s=20.0, index_s=1.0, idle_s=0.5)


class Words:
    """A reporter that keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[str, int, int]] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Words._Step]:
        step = Words._Step()
        yield step
        self.steps.append((name, total, step.done))

    class _Step:
        done = 0

        def advance(self, note: str = "", count: int = 1) -> None:
            self.done += count

    def __contains__(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@contextmanager
def serving(answers: Mapping[str, Handler]) -> Iterator[FaultServer]:
    """Run the server in a thread of its own, as the set-up under test has the main one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = FaultServer(answers)
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def ranged(data: bytes, *, etag: str = '"v1"', first: int | None = None, ranges: bool = True) -> Handler:
    """A file server that knows Range and If-Range; the first answer breaks off after ``first`` bytes."""
    cut = [first] if first is not None else []

    async def handle(asked: Asked, writer: asyncio.StreamWriter) -> None:
        start = 0
        wanted = asked.headers.get("range", "")
        if ranges and wanted and asked.headers.get("if-range", etag) == etag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = data[start:]
        if start >= len(data):
            writer.write(head(416, Content_Length=0, Content_Range=f"bytes */{len(data)}"))
            return
        extra = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        writer.write(head(206 if start else 200, Content_Length=len(body), ETag=etag, **extra))
        if cut:
            writer.write(body[: cut.pop()])
            await writer.drain()
            writer.close()
            return
        writer.write(body)

    return handle


def listed(*entries: tuple[str, str, str, list[str]]) -> bytes:
    """An index as Argos publishes it."""
    return json.dumps([
        {"package_version": version, "argos_version": "1.9.0", "from_code": source, "from_name": source,
         "to_code": target, "to_name": target, "links": links, "code": f"translate-{source}_{target}"}
        for source, target, version, links in entries
    ]).encode()  # fmt: skip


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of Argos packages in place of this machine's; no Apertium."""
    import argostranslate.settings

    folder = tmp_path / "share" / "packages"
    folder.mkdir(parents=True)
    monkeypatch.setattr(argostranslate.settings, "package_data_dir", folder)
    monkeypatch.setattr(argostranslate.settings, "package_dirs", [folder])
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("ATALAYA_ENGINES", raising=False)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home of its own."""
    return load_settings(tmp_path / "home")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package file, version 1.9."""
    return build(tmp_path_factory.mktemp("built"), version="1.9")


def served(data: bytes, index: bytes | None = None, **answers: Handler) -> dict[str, Handler]:
    """An index at /index.json with one package at /p.argosmodel; the address of the server is filled in."""

    async def list_them(asked: Asked, writer: asyncio.StreamWriter) -> None:
        host = asked.headers["host"]
        body = listed(("es", "en", "1.9", [f"http://{host}/p.argosmodel", "ipfs://Qm"])) if index is None else index
        await answer(body.replace(b"HOST", host.encode()))(asked, writer)

    return {"/index.json": list_them, "/p.argosmodel": ranged(data)} | {f"/{k}": v for k, v in answers.items()}


def wish(server: FaultServer, **changes: object) -> Wish:
    """A wish for Spanish from the stand-in."""
    return Wish(index=server.url("/index.json"), limits=QUICK, **changes)  # type: ignore[arg-type]


# ---- the index ---------------------------------------------------------------------------------------------------


def test_the_newest_package_of_a_pair_is_chosen() -> None:
    """1.10 is newer than 1.9; links that are no web address and entries that make no sense are left out."""
    body = json.loads(listed(
        ("es", "en", "1.9", ["https://a.example/9"]), ("es", "en", "1.10", ["ipfs://x", "https://a.example/10"]),
        ("es", "en", "2.0", ["ipfs://x"]), ("gl", "es", "1.0", ["https://a.example/gl"]),
        ("../x", "en", "1.0", ["https://a.example/evil"]), ("pt", "en", "1/../..", ["https://a.example/evil"]),
    ))  # fmt: skip
    body += [{"from_code": "es"}, "words", None, {"from_code": 1, "to_code": 2, "package_version": 3, "links": [4]}]
    packages = parse_index(json.dumps(body).encode())
    (direct,) = choose(packages, "es", "en")
    assert (direct.version, direct.links, direct.code) == ("1.10", ("https://a.example/10",), "translate-es_en")
    assert [p.code for p in choose(packages, "gl", "en")] == ["translate-gl_es", "translate-es_en"]
    assert choose(packages, "pt", "en") == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"<html>login</html>", "no JSON"), (b"", "no JSON"), (b"{}", "no list"), (b"[]", "no translation package"),
     (b"[" * 100_000, "no JSON"), (b'[{"from_code": "es"}]', "no translation package")],
)  # fmt: skip
def test_what_is_no_index_is_said_in_words(body: bytes, why: str) -> None:
    """A login page, an empty answer, another document."""
    with pytest.raises(SetupError, match=why):
        parse_index(body)


def test_the_index_is_where_option_environment_or_settings_say(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In that order; a folder's address will do, as Argos writes it."""
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", "https://mirror.example/main/")
    assert index_address(settings.translate, "https://own.example/list.json") == "https://own.example/list.json"
    assert index_address(settings.translate) == "https://mirror.example/main/index.json"
    monkeypatch.delenv("ARGOS_PACKAGE_INDEX")
    assert index_address(settings.translate).startswith(
        "https://raw.githubusercontent.com/argosopentech/argospm-index/"
    )


# ---- fetching ----------------------------------------------------------------------------------------------------


def test_a_package_is_fetched_checked_installed_and_pinned(packages: Path, settings: Settings, package: Path) -> None:
    """After it the engine is there; size and hash stand in the home; a bar showed how far it was."""
    says = Words()
    with serving(served(package.read_bytes())) as server:
        ready = set_up(settings, wish(server), says)
    assert list(ready.engines) == ["es"] and ready.engines["es"].startswith("argos es_en-1.9-")
    assert ready.lacking == ()
    (engine,) = find_argos(["es"], settings.translate)
    assert not isinstance(engine, Missing)
    (pin,) = tomllib.loads((settings.home / "packages.toml").read_text(encoding="utf-8"))["package"]
    data = package.read_bytes()
    assert (pin["code"], pin["version"], pin["size"]) == ("translate-es_en", "1.9", len(data))
    assert pin["sha256"] == hashlib.sha256(data).hexdigest()
    assert [(name, total, done) for name, total, done in says.steps] == [("download, kB", 11, 11)]
    assert list((settings.home / "downloads").iterdir()) == []
    assert [p.name for p in packages.parent.iterdir() if p.name.startswith(".")] == []


def test_a_second_call_fetches_nothing(packages: Path, settings: Settings, package: Path) -> None:
    """Unless it is asked for the newest again."""
    with serving(served(package.read_bytes())) as server:
        set_up(settings, wish(server), Words())
        asked = len(server.asked)
        says = Words()
        set_up(settings, wish(server), says)
        assert len(server.asked) == asked
        assert "installed already" in says
        set_up(settings, wish(server, again=True), Words())
        assert len(server.asked) == asked + 2


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_breaks_off_goes_on(ranges: bool, packages: Path, settings: Settings, package: Path) -> None:
    """From where it was where the server can, from the start where it cannot; the file is whole in the end."""
    data = package.read_bytes()
    with serving(served(data, **{"p.argosmodel": ranged(data, first=4000, ranges=ranges)})) as server:
        ready = set_up(settings, wish(server), Words())
        asked = [a.headers for a in server.asked if a.path == "/p.argosmodel"]
    assert list(ready.engines) == ["es"]
    assert [h.get("range") for h in asked] == [None, "bytes=4000-"]
    assert asked[1]["if-range"] == '"v1"'


def test_a_file_that_changed_in_between_is_fetched_from_the_start(
    packages: Path, settings: Settings, package: Path
) -> None:
    """Two halves of two files never become one."""
    data = package.read_bytes()
    part = settings.home / "downloads" / "translate-es_en-1.9.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 5000)
    part.with_name(part.name + ".json").write_text('{"validator": "\\"old\\""}')
    with serving(served(data)) as server:
        assert set_up(settings, wish(server), Words()).lacking == ()
    part.write_bytes(data)  # whole already, though it was not installed
    with serving(served(data)) as server:
        assert set_up(settings, wish(server, again=True), Words()).lacking == ()


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        pytest.param(answer(b"gone", 404), "status 404", id="404"),
        pytest.param(answer(b"busy", 503), "status 503", id="503"),
        pytest.param(reset(), "connection_reset", id="reset"),
        pytest.param(stall(), "timeout", id="stalled"),
        pytest.param(answer(b"short", Content_Encoding="br"), "decode", id="encoded"),
    ],
)
def test_a_package_that_does_not_come_is_said_and_nothing_is_installed(
    handler: Handler, why: str, packages: Path, settings: Settings
) -> None:
    """The words name the address; the texts wait."""
    says = Words()
    limits = Limits(total_s=5.0, index_s=1.0, idle_s=0.3)
    with serving(served(b"", **{"p.argosmodel": handler})) as server:
        ready = set_up(settings, Wish(index=server.url("/index.json"), limits=limits), says)
    assert ready.lacking == ("es",)
    assert why in says and "/p.argosmodel" in says
    assert list(packages.iterdir()) == []


def test_a_dripping_server_ends_with_the_deadline(packages: Path, settings: Settings) -> None:
    """Each byte comes in time, the whole does not: what came is kept for the next try."""
    says = Words()
    limits = Limits(total_s=2.0, index_s=1.0, idle_s=1.0)
    slow = drip(head(200, Content_Length=1_000_000, ETag='"v1"'), b"PK", 0.01)
    with serving(served(b"", **{"p.argosmodel": slow})) as server:
        assert set_up(settings, Wish(index=server.url(), limits=limits), says).lacking == ("es",)
    assert "did not come whole" in says and "are kept" in says
    assert (settings.home / "downloads" / "translate-es_en-1.9.part").stat().st_size > 0


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        pytest.param(answer(b"<html>log in</html>"), "no JSON", id="a page"),
        pytest.param(answer(b"", 500), "status 500", id="an error"),
        pytest.param(stall(), "timeout", id="silence"),
        pytest.param(redirect("/index.json"), "leads in circles", id="a loop"),
        pytest.param(redirect("file:///etc/passwd"), "file scheme", id="a file"),
        pytest.param(redirect("http://169.254.169.254/latest"), "link-local", id="cloud metadata"),
    ],
)
def test_an_index_that_does_not_come_is_said(handler: Handler, why: str, packages: Path, settings: Settings) -> None:
    """In one line with the cause; the call ends by itself."""
    says = Words()
    with serving({"/index.json": handler}) as server:
        assert set_up(settings, wish(server), says).lacking == ("es",)
    assert why in says


def test_redirects_are_followed(packages: Path, settings: Settings, package: Path) -> None:
    """For the index and for the package."""
    data = package.read_bytes()
    answers = served(data, elsewhere=ranged(data), moved=redirect("/index.json"))
    answers["/p.argosmodel"] = redirect("/elsewhere")
    with serving(answers) as server:
        ready = set_up(settings, Wish(index=f"{server.url()}moved", limits=QUICK), Words())
        assert ready.lacking == ("es",), "a folder's address gets index.json behind it"
        ready = set_up(settings, Wish(index=server.url("/index.json"), limits=QUICK), Words())
    assert ready.lacking == ()


def test_the_second_link_is_tried_where_the_first_fails(packages: Path, settings: Settings, package: Path) -> None:
    """The words of the first are not lost where both do."""
    index = listed(("es", "en", "1.9", ["http://HOST/nowhere", "http://HOST/p.argosmodel"]))
    with serving(served(package.read_bytes(), index)) as server:
        assert set_up(settings, wish(server), Words()).lacking == ()


def test_a_public_index_does_not_lead_inside(
    packages: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only an index that a person named may stand, and lead, within the private network."""
    says = Words()
    monkeypatch.delenv("ARGOS_PACKAGE_INDEX")
    monkeypatch.setattr(
        setup, "parse_index", lambda _: parse_index(listed(("es", "en", "1", ["http://127.0.0.1:1/p"])))
    )
    monkeypatch.setattr(setup.Web, "index", lambda *_: b"")
    assert set_up(settings, Wish(limits=QUICK), says).lacking == ("es",)
    assert "127.0.0.1 is loopback" in says


def test_a_language_the_index_lacks_is_said(packages: Path, settings: Settings, package: Path) -> None:
    """The other languages are set up all the same."""
    says = Words()
    with serving(served(package.read_bytes())) as server:
        ready = set_up(settings, wish(server, languages=("es", "gl")), says)
    assert (list(ready.engines), ready.lacking) == (["es"], ("gl",))
    assert "no way from gl to en" in says


# ---- pins --------------------------------------------------------------------------------------------------------


def test_another_file_under_a_pinned_name_is_refused(
    packages: Path, settings: Settings, package: Path, tmp_path: Path
) -> None:
    """With both hashes and what to do; what was installed stays; --repin trusts the new one."""
    with serving(served(package.read_bytes())) as server:
        set_up(settings, wish(server), Words())
    (before,) = find_argos(["es"], settings.translate)
    other = build(tmp_path, version="1.9", lexicon=LEXICON | {"hoy": "now"})
    with serving(served(other.read_bytes())) as server:
        with pytest.raises(SetupError, match=r"another file than the one pinned.*--repin"):
            set_up(settings, wish(server, again=True), Words())
        (same,) = find_argos(["es"], settings.translate)
        assert same.version == before.version  # type: ignore[union-attr]
        set_up(settings, wish(server, again=True, repin=True), Words())
    (changed,) = find_argos(["es"], settings.translate)
    assert changed.version != before.version  # type: ignore[union-attr]


def test_pins_stand_in_the_config_folder_where_there_is_one(packages: Path, tmp_path: Path, package: Path) -> None:
    """So they can be kept with the rest of what is declared, and copied to another machine."""
    (tmp_path / "mine").mkdir()
    settings = load_settings(tmp_path / "home", tmp_path / "mine")
    set_up(settings, Wish(from_file=package), Words())
    assert ("translate-es_en", "1.9") in read_pins(settings)
    assert (tmp_path / "mine" / "packages.toml").exists()
    assert not (tmp_path / "home" / "packages.toml").exists()


def test_pins_of_any_words_come_back(settings: Settings) -> None:
    """Quotes, backslashes and control characters in an address do no harm."""
    pin = Pin("translate-es_en", "1.9", 7, "ab", 'a "b" \\ \x00 \u2028 ñ')
    keep_pin(settings, pin)
    keep_pin(settings, Pin("translate-ca_en", "1.0", 8, "cd", "x"))
    assert read_pins(settings)["translate-es_en", "1.9"] == pin
    (settings.home / "packages.toml").write_text("package = 3")
    with pytest.raises(SetupError, match=r"packages\.toml cannot be read"):
        read_pins(settings)


# ---- package files -----------------------------------------------------------------------------------------------


def repacked(package: Path, to: Path, **changes: bytes | None) -> Path:
    """Copy a package with members changed, added or (None) left out; names are below its folder unless absolute."""
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(to, "w") as new:
        members = {i.filename: old.read(i) for i in old.infolist()}
        top = next(iter(members)).split("/")[0]
        for name, data in changes.items():
            members[name if name.startswith(("/", "..", "~")) else f"{top}/{name}"] = data  # type: ignore[assignment]
        for name, data in members.items():
            if data is not None:
                new.writestr(name.removeprefix("~"), data)
    return to


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"../../evil.txt": b"x"}, "outside its folder"),
        ({"/etc/evil": b"x"}, "outside its folder"),
        ({"a\\..\\evil": b"x"}, "outside its folder"),
        ({"~other/file": b"x"}, "not everything in it stands in one folder"),
        ({"metadata.json": None}, "no metadata.json"),
        ({"metadata.json": b"{}"}, "names no languages"),
        ({"metadata.json": b"not json"}, "names no languages"),
        ({"metadata.json": b'{"from_code": "es", "to_code": 3, "package_version": "1"}'}, "names no languages"),
        ({"model/model.bin": None}, "no model/model.bin"),
        ({"sentencepiece.model": None}, "no sentencepiece.model or bpe.model"),
        ({"model/model.bin": b"rubbish"}, "was not installed"),
    ],
)
def test_what_is_no_good_package_is_refused(
    changes: dict[str, bytes | None], why: str, package: Path, tmp_path: Path, packages: Path, settings: Settings
) -> None:
    """Nothing of it is left anywhere."""
    bad = repacked(package, tmp_path / "bad.argosmodel", **changes)
    with pytest.raises(SetupError, match=why):
        install(bad, settings.translate, packages)
    assert list(packages.iterdir()) == []
    assert not (tmp_path / "evil.txt").exists() and not Path("/etc/evil").exists()
    assert [p.name for p in packages.parent.iterdir()] == ["packages"]


def test_a_link_in_a_package_is_refused(package: Path, tmp_path: Path) -> None:
    """It could lead anywhere."""
    bad = tmp_path / "bad.argosmodel"
    bad.write_bytes(package.read_bytes())
    with zipfile.ZipFile(bad, "a") as archive:
        link = zipfile.ZipInfo("translate-es_en-1_9/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(SetupError, match="outside its folder"):
        look_into(bad)


def test_a_bomb_is_refused(
    package: Path, tmp_path: Path, packages: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it says, and where it lies by what really comes out."""
    monkeypatch.setattr("pipeline.translate.install._MAX_BYTES", 5_000_000)
    bomb = repacked(package, tmp_path / "bomb.argosmodel", **{"model/extra.bin": bytes(6_000_000)})
    with pytest.raises(SetupError, match="more than a package ever holds"):
        look_into(bomb)
    data = bytearray(bomb.read_bytes())
    size = (6_000_000).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    bomb.write_bytes(data)
    with pytest.raises(SetupError):
        install(bomb, settings.translate, packages)
    assert list(packages.iterdir()) == []


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04 half"])
def test_what_is_no_zip_is_said_to_be_none(data: bytes, tmp_path: Path, packages: Path, settings: Settings) -> None:
    """The words name the file."""
    (tmp_path / "x.argosmodel").write_bytes(data)
    with pytest.raises(SetupError, match=r"x\.argosmodel is no Argos package"):
        set_up(settings, Wish(from_file=tmp_path / "x.argosmodel"), Words())
    with pytest.raises(SetupError, match="cannot be read"):
        set_up(settings, Wish(from_file=tmp_path / "absent"), Words())


def test_a_package_that_is_cut_short_is_refused(
    package: Path, tmp_path: Path, packages: Path, settings: Settings
) -> None:
    """Wherever it is cut, nothing is installed."""
    data = package.read_bytes()
    for size in range(0, len(data), len(data) // 7):
        (tmp_path / "cut.argosmodel").write_bytes(data[:size])
        with pytest.raises(SetupError):
            install(tmp_path / "cut.argosmodel", settings.translate, packages)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    (tmp_path / "cut.argosmodel").write_bytes(flipped)
    with pytest.raises(SetupError):
        install(tmp_path / "cut.argosmodel", settings.translate, packages)
    assert list(packages.iterdir()) == []


def test_a_package_that_is_not_what_the_index_says_is_refused(
    packages: Path, settings: Settings, package: Path
) -> None:
    """Other languages or another version than were asked for."""
    index = listed(("es", "en", "2.0", ["http://HOST/p.argosmodel"]))
    with serving(served(package.read_bytes(), index)) as server, pytest.raises(SetupError, match="the index calls it"):
        set_up(settings, wish(server), Words())
    assert list(packages.iterdir()) == []


def test_a_model_that_fails_its_test_sentences_is_not_installed(
    packages: Path, settings: Settings, package: Path, tmp_path: Path
) -> None:
    """The one that was there stays."""
    set_up(settings, Wish(from_file=package), Words())
    (before,) = find_argos(["es"], settings.translate)
    salad = build(tmp_path, version="2.0", lexicon=dict.fromkeys(LEXICON, "salad"))
    with pytest.raises(SetupError, match=r"translate-es_en 2\.0 was not installed: its translation of"):
        set_up(settings, Wish(from_file=salad), Words())
    (after,) = find_argos(["es"], settings.translate)
    assert after.version == before.version  # type: ignore[union-attr]


def test_a_newer_package_takes_the_place_of_the_old(
    packages: Path, settings: Settings, package: Path, tmp_path: Path
) -> None:
    """Only one is left for the languages, whatever their folders are called."""
    set_up(settings, Wish(from_file=package), Words())
    set_up(settings, Wish(from_file=build(tmp_path, version="2.0", name="es_en")), Words())
    assert [p.name for p in packages.iterdir()] == ["es_en"]
    (engine,) = find_argos(["es"], settings.translate)
    assert engine.version.startswith("es_en-2.0-")  # type: ignore[union-attr]


def test_two_set_ups_at_once_do_not_meet(packages: Path, settings: Settings, package: Path) -> None:
    """The second says so and leaves the first alone."""
    with setup._alone(), pytest.raises(SetupError, match="under way"):
        set_up(settings, Wish(from_file=package), Words())


# ---- Apertium ----------------------------------------------------------------------------------------------------


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with apt-get, which writes down how it was called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    log = tmp_path / "apt.log"
    for name in ("apt-get", "sudo"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("ATALAYA_NO_APT", "")
    monkeypatch.setattr(apt, "_DEBIAN", programs)
    return log


def test_what_may_be_installed_where(debian: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a person is asked; without one only root does it; and it can be forbidden."""
    assert apt.offer(["es"], terminal=False, root=True) == apt.Offer(
        ("apertium", "apertium-eng-spa"), "apt-get install apertium apertium-eng-spa"
    )
    assert apt.offer(["es"], terminal=True, root=True).ask
    by_sudo = apt.offer(["es", "pt"], terminal=True, root=False)
    assert by_sudo.ask and by_sudo.command == "sudo apt-get install apertium apertium-eng-spa apertium-es-pt"
    assert "may not install" in apt.offer(["es"], terminal=False, root=False).refusal
    assert "no Apertium data" in apt.offer(["xx"], terminal=True, root=True).refusal
    monkeypatch.setenv("ATALAYA_NO_APT", "1")
    assert "ATALAYA_NO_APT forbids" in apt.offer(["es"], terminal=True, root=True).refusal
    monkeypatch.setenv("ATALAYA_NO_APT", "")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert "Debian and Ubuntu only" in apt.offer(["es"], terminal=True, root=True).refusal


def test_it_is_downloaded_within_a_time_and_then_unpacked(debian: Path) -> None:
    """Old lists of packages are fetched anew; an installation is never cut short."""
    calls: list[tuple[str, float]] = []

    def run(words: list[str], seconds: float) -> str:
        calls.append((" ".join(w for w in words if not w.startswith(("-o", "Acquire", "DPkg"))), seconds))
        if len(calls) == 1:
            raise SetupError("E: Unable to locate package")
        return ""

    apt.install(apt.Offer(("apertium", "apertium-eng-spa"), "sudo apt-get install x"), 20.0, run)
    names = "-y --no-install-recommends apertium apertium-eng-spa"
    assert [words for words, _ in calls] == [
        f"sudo apt-get install --download-only {names}",
        "sudo apt-get update",
        f"sudo apt-get install --download-only {names}",
        f"sudo apt-get install --no-download {names}",
    ]
    assert max(seconds for _, seconds in calls[:3]) <= 20.0
    assert calls[3][1] == 300.0


def test_root_without_a_terminal_installs_it_and_says_so(
    debian: Path, packages: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs are really called."""
    monkeypatch.setenv("PATH", str(debian.parent / "bin") + ":/usr/bin:/bin")
    monkeypatch.setattr(apt.os, "geteuid", lambda: 0)
    monkeypatch.setattr(setup, "_fit", lambda *_: {})
    says = Words()
    with serving({}) as server:
        set_up(settings, wish(server), says)
    assert "status 404" in says
    assert "Installing Apertium (gist quality, 5 MB a language): apt-get install apertium apertium-eng-spa" in says
    assert [line.split()[:3] for line in debian.read_text().splitlines()] == [
        ["apt-get", "install", "--download-only"], ["apt-get", "install", "--no-download"],
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "yes", "called"), [(False, False, False), (True, False, True), (False, True, True)])
def test_a_person_is_asked(
    said: bool,
    yes: bool,
    called: bool,
    debian: Path,
    packages: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a yes installs it; --yes stands for one."""
    monkeypatch.setenv("PATH", str(debian.parent / "bin") + ":/usr/bin:/bin")
    monkeypatch.setattr(apt.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup, "_fit", lambda *_: {})
    questions: list[str] = []

    def ask(question: str) -> bool:
        questions.append(question)
        return said

    says = Words()
    with serving({}) as server:
        set_up(settings, wish(server, yes=yes), says, ask)
    assert len(questions) == (0 if yes else 1)
    assert all("sudo apt-get install apertium apertium-eng-spa" in q for q in questions)
    assert debian.exists() is called
    assert ("By hand:" in says) is not called


def test_an_installation_that_fails_is_said(debian: Path) -> None:
    """With the program's last words."""
    (debian.parent / "bin" / "apt-get").write_text("#!/bin/sh\necho 'E: Unable to fetch some archives' >&2\nexit 100\n")
    with pytest.raises(SetupError, match="failed: E: Unable to fetch some archives"):
        apt.install(apt.Offer(("apertium",), "apt-get install apertium"), 20.0)


# ---- from run and demo -------------------------------------------------------------------------------------------


def test_run_tries_once_a_day(packages: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it says nothing until tomorrow; a clock set back does not keep it from trying."""
    calls: list[Wish] = []

    def fake(_: Settings, wished: Wish, says: Words, ask: object) -> setup.Ready:
        calls.append(wished)
        raise SetupError("no luck")

    monkeypatch.setattr(setup, "set_up", fake)
    says = Words()
    for hours in (0, 1, 23, 25, -100):
        set_up_once(settings, says, may_ask=False, now=NOW + timedelta(hours=hours))
    assert len(calls) == 3
    assert says.lines.count("no luck") == 3
    assert {w.limits.total_s for w in calls} == {45.0}


def test_run_does_not_try_where_an_engine_is_or_none_is_wanted(
    packages: Path, settings: Settings, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network is touched, no note is left."""
    monkeypatch.setattr(setup, "set_up", lambda *_: pytest.fail("not to be called"))
    monkeypatch.setenv("ATALAYA_ENGINES", "none")
    set_up_once(settings, Words(), may_ask=False, now=NOW)
    monkeypatch.delenv("ATALAYA_ENGINES")
    install(package, settings.translate, packages)
    set_up_once(settings, Words(), may_ask=False, now=NOW)
    assert not settings.home.exists()


def test_a_run_sets_up_what_it_needs(
    packages: Path, settings: Settings, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the index answers, a first run has an engine; where none does, it says so and goes on."""
    says = Words()
    set_up_once(settings, says, may_ask=False, now=NOW)
    assert "No engine: texts wait in their own language." in says
    with serving(served(package.read_bytes())) as server:
        monkeypatch.setenv("ARGOS_PACKAGE_INDEX", server.url())
        set_up_once(settings, says, may_ask=False, now=NOW + timedelta(days=2))
    assert says.lines[-1].startswith("Translation: argos es_en-1.9-")


# ---- the command -------------------------------------------------------------------------------------------------


def test_the_command_installs_a_file(packages: Path, package: Path, tmp_path: Path) -> None:
    """And says what is ready; a second file that is none is an error in words."""
    home = ["--home", str(tmp_path / "home")]
    ran = atalaya("translate", "setup", "--from-file", str(package), *home)
    assert ran.status == 0
    assert "Installed translate-es_en 1.9" in ran.output and "es: ready, by argos es_en-1.9-" in ran.output
    assert "translate retry" not in ran.stdout, "nothing is held that could be translated"
    ran = atalaya("translate", "setup", "--from-file", str(tmp_path / "absent"), *home)
    assert ran.status == 1 and "cannot be read" in ran.stderr
    ran = atalaya("translate", "setup", "--json", *home)
    assert json.loads(ran.stdout)["lacking"] == []


def test_the_command_says_how_to_translate_what_waits(
    demo_copy: Path, packages: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With texts held that wait or failed their checks, the words that translate them, with the home they are in."""
    monkeypatch.delenv("ATALAYA_ENGINES", raising=False)
    ran = atalaya("translate", "setup", "--from-file", str(package), "--home", str(demo_copy))
    assert ran.status == 0
    assert f"./atalaya translate retry --home {demo_copy}" in ran.output
    assert "held in these languages can be translated now or better" in ran.output


def test_the_command_without_index_and_right_leaves_words(packages: Path, tmp_path: Path) -> None:
    """Exit status 1, and where to look on."""
    ran = atalaya("translate", "setup", "--home", str(tmp_path / "home"), "--timeout", "5")
    assert ran.status == 1
    assert "No package from the index" in ran.output
    assert "ATALAYA_NO_APT forbids" in ran.output
    assert "./atalaya doctor says what mends it" in ran.output


def test_the_command_waits_for_nobody(packages: Path, tmp_path: Path) -> None:
    """Without a terminal there is no question, whatever stands on standard input."""
    ran = atalaya("translate", "setup", "--home", str(tmp_path / "home"), "--timeout", "5", input="y\n")
    assert ran.status == 1
    assert "[y/N]" not in ran.output

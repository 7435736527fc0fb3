"""The page in a real Chromium: read, search, follow, switch language, by keyboard, on a phone; nothing foreign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.web.conftest import Served
from tests.web.test_http import STORY, every_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@contextmanager
def opened(browser: Browser, served: Served, **device: object) -> Iterator[Page]:
    """A page of a fresh profile; at its end there was no console message, no failed load, no request elsewhere."""
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Tokyo", **device)  # type: ignore[arg-type]
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(f"console {m.type}: {m.text}"))
    page.on("pageerror", lambda e: wrong.append(f"error: {e}"))
    page.on("dialog", lambda d: (wrong.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("request", lambda r: wrong.append(f"foreign: {r.url}") if not r.url.startswith(served.base) else None)
    page.on("requestfailed", lambda r: None if left(r.failure) else wrong.append(f"failed: {r.url} {r.failure}"))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def left(failure: str | None) -> bool:
    """Return whether a load ended because the reader went on to another page."""
    return failure is not None and "ERR_ABORTED" in failure


def fits(page: Page) -> bool:
    """Return whether nothing sticks out to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_page_opens_without_an_error_or_a_foreign_request(browser: Browser, served: Served, lang: str) -> None:
    """Each has one heading, a title, and its pictures and style really come."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        for path in every_page(served):
            page.goto(f"{served.base}/{lang}{path}", wait_until="load")
            assert page.locator("h1").count() == 1, path
            assert page.title().endswith(" · Atalaya")
            page.evaluate("for (const i of document.images) i.loading = 'eager'")
            page.evaluate("Promise.all([...document.images].map(i => i.decode()))")
            assert page.evaluate("[...document.images].every(i => i.naturalWidth > 100)"), path
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
            assert fits(page), path


@pytest.mark.parametrize("width", [360, 390, 768])
def test_nothing_sticks_out_on_a_phone(browser: Browser, served: Served, width: int) -> None:
    """No page scrolls sideways; wide tables scroll in their own box."""
    device = {"viewport": {"width": width, "height": 800}, "is_mobile": width < 700, "has_touch": width < 700}
    with opened(browser, served, **device) as page:
        for path in every_page(served):
            page.goto(f"{served.base}/es{path}")
            assert fits(page), path
            page.goto(f"{served.base}/es{path}{'&' if '?' in path else '?'}as=sql")
            assert fits(page), path
        page.goto(f"{served.base}/es/stories/{served.value(STORY)}")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert fits(page)


def test_an_analyst_reads_a_day_follows_a_story_and_switches_language(browser: Browser, served: Served) -> None:
    """Day, story, original beside English, outlet; in Spanish the same page; back to the list."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{served.base}/en/?day=2026-01-08")
        first = page.locator(".card h3 a").first
        title = first.inner_text()
        first.click()
        page.wait_for_url(re.compile(r"/en/stories/"))
        assert page.locator("h1").inner_text().startswith(title)
        assert page.locator(".lanes .mark-item").count() >= 10
        assert page.locator("#countries .said").count() == 3
        assert page.locator("#outlets tbody tr").count() >= 10
        assert page.locator("#read details[open] .pair").count() >= 2
        assert page.locator("#topics tbody tr").count() >= 1
        assert "Atalaya, story s" in page.locator("#cite .citation").inner_text()
        english = page.url
        page.get_by_role("link", name="Español", exact=True).click()
        page.wait_for_url(english.replace("/en/", "/es/"))
        assert page.locator("html").get_attribute("lang") == "es"
        assert page.locator("#h-timeline").inner_text() == "Cronología por país"
        page.locator("#outlets tbody tr").first.get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/es/sources/"))
        page.get_by_role("link", name="Historias", exact=True).click()
        page.wait_for_url(f"{served.base}/es/")


def test_copies_are_folded_under_their_original(browser: Browser, served: Served) -> None:
    """A closed fold says how many; opened, it leads to each copy."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{served.base}/en/stories/{served.value(STORY)}")
        fold = page.locator("details.copies").first
        assert re.fullmatch(r"\d+ cop(y|ies)", fold.locator("summary").inner_text().strip())
        link = fold.get_by_role("link").first
        assert not link.is_visible()
        fold.locator("summary").click()
        link.click()
        page.wait_for_url(re.compile(r"/en/articles/"))
        assert "copy" in page.locator("dl.about").inner_text()


def test_search_finds_with_and_without_accents(browser: Browser, served: Served) -> None:
    """From the box in the head of any page; found words are marked; a hit leads to its article."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        counts = []
        for words in ("presos políticos", "PRESOS POLITICOS"):
            page.goto(f"{served.base}/en/sources")
            page.locator("#quick-q").fill(words)
            page.locator("#quick-q").press("Enter")
            page.wait_for_url(re.compile(r"/en/search\?q="))
            counts.append(page.locator("main h2").inner_text())
            assert page.locator("main mark").count() > 0
        assert counts[0] == counts[1]
        page.locator("#s-country").select_option("ES")
        page.get_by_role("button", name="Search").last.click()
        page.wait_for_url(re.compile("country=ES"))
        chips = page.locator(".hits .chip abbr").all_inner_texts()
        assert chips and set(chips) == {"ES"}
        page.locator(".hits h3 a").first.click()
        page.wait_for_url(re.compile(r"/en/articles/"))


def test_the_page_works_by_keyboard_alone(browser: Browser, served: Served) -> None:
    """First stop: skip to the content. Every stop is visible; a story opens with Enter, a fold with Space."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{served.base}/en/?day=2026-01-08")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        seen = []
        for _ in range(60):
            page.keyboard.press("Tab")
            seen.append(
                page.evaluate("[document.activeElement.tagName, document.activeElement.closest('.card') !== null]")
            )
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", seen[-1]
            if seen[-1] == ["A", True]:
                break
        assert seen[-1] == ["A", True]
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/en/stories/"))
        summary = page.locator("details.copies > summary").first
        summary.focus()
        page.keyboard.press("Space")
        assert page.locator("details.copies").first.get_attribute("open") is not None


def test_readers_of_screens_are_told_the_same(browser: Browser, served: Served) -> None:
    """Every picture has words, every field a label, every heading follows on, every link and button a name."""
    with opened(browser, served, viewport={"width": 1280, "height": 900}) as page:
        for path in every_page(served):
            page.goto(f"{served.base}/en{path}")
            found = page.evaluate(
                """() => {
                const bad = [];
                for (const i of document.images) if (!i.alt) bad.push('picture without words');
                for (const f of document.querySelectorAll('input:not([type=hidden]), select'))
                    if (!f.labels || f.labels.length === 0) bad.push('field without a label: ' + f.id);
                for (const l of document.querySelectorAll('a, button')) if (!l.textContent.trim())
                    if (!l.getAttribute('aria-label')) bad.push('without a name: ' + l.outerHTML);
                let last = 0;
                for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
                    const level = Number(h.tagName[1]);
                    if (level > last + 1) bad.push('heading skips a level: ' + h.textContent);
                    last = level;
                }
                const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
                if (new Set(ids).size !== ids.length) bad.push('an id stands twice');
                return bad;
            }"""
            )
            assert found == [], path


def test_text_can_be_read_in_the_light_and_in_the_dark(browser: Browser, served: Served) -> None:
    """Every text stands out from its ground by 4.5 to 1 (WCAG 2.2, AA)."""
    for scheme in ("light", "dark"):
        with opened(browser, served, viewport={"width": 1280, "height": 900}, color_scheme=scheme) as page:
            for path in every_page(served):
                page.goto(f"{served.base}/en{path}")
                assert page.evaluate(CONTRAST) == [], (scheme, path)


CONTRAST = """() => {
    const parts = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
    const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
        .reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
    const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
        if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
    const bad = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.textContent.trim() || e.closest('.hidden, .skip, option, select')) continue;
        const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        const ratio = (a + .05) / (b + .05);
        if (ratio < 4.5) bad.add(`${ratio.toFixed(2)} ${e.className || e.tagName}`);
    }
    return [...bad];
}"""

"""Repair an extracted text with what the page knows: take furniture out, put lost paragraphs back.

The extractor judges by shape alone. The page's tree says which lines are links or stand in boxes, and JSON-LD
``articleBody``, where an outlet gives it whole, says what the article is. Each rule needs evidence and has a guard
against pages on which the evidence means something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extract_dom import Block, PageBlocks, is_heading
from pipeline.extract_meta import PageMeta
from pipeline.furniture import is_about_author, is_above_text, is_furniture, strip_relative_date, words_of

_GRAM = 4
_BODY_MIN_WORDS = 80
_BOX_SHARE = 0.35  # a "box" with more of the text than this is the article itself
_LINK_LINE_WORDS = 40
_PROSE_WORDS = 30
_HOME_SHARE = 0.3
_HEAD_LINES = 8
_SENTENCE_WORDS = 15
_LAYOUT_WORDS = 60
_STANDFIRST_WORDS = (6, 90)
_SENTENCE_ENDS = (".", "!", "?", "…", "”", "»", '"')


@dataclass(frozen=True, slots=True)
class _Line:
    """One extracted line with its words and the blocks of the tree that say the same."""

    text: str
    words: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def heading(self) -> bool:
        return any(is_heading(b) for b in self.blocks)


class _Wording:
    """The word 4-grams of a text, to ask how much of a line it contains."""

    def __init__(self, text: str) -> None:
        self.words = words_of(text)
        self._grams = set(zip(*(self.words[i:] for i in range(_GRAM)), strict=False))
        self._joined = f" {' '.join(self.words)} "

    def share(self, words: Sequence[str]) -> float:
        """Return the share of the 4-grams of ``words`` found here (1 or 0 for fewer than four words)."""
        if len(words) < _GRAM:
            return float(f" {' '.join(words)} " in self._joined)
        grams = list(zip(*(words[i:] for i in range(_GRAM)), strict=False))
        return sum(g in self._grams for g in grams) / len(grams)


def repair(lines: Sequence[str], page: PageBlocks, meta: PageMeta) -> list[str]:
    """Return the paragraphs of the article: ``lines`` of the extractor without furniture, with what it lost."""
    body = _Wording(meta.article_body)
    read = [_Line(text, tuple(words_of(text)), tuple(page.find(text))) for text in _unpack_layout(lines, page)]
    large = _large_boxes(read)
    read = _recover(read, page, body, large)
    if len(read) <= 1 and len(body.words) >= max(_BODY_MIN_WORDS, sum(len(line.words) for line in read)):
        read = [_Line(t, tuple(words_of(t)), ()) for t in meta.article_body.split("\n") if t.strip()]
    read = _drop_boxes(read, large)
    read = [line for line in read if not is_furniture(line.text)]
    read = _drop_strangers(read, body, meta)
    read = _drop_repeats(_drop_head(read, meta))
    read = _drop_tail(_drop_teasers(read))
    return [line.text for line in _add_standfirst(read, page, meta, large)]


def _unpack_layout(lines: Sequence[str], page: PageBlocks) -> list[str]:
    """Return ``lines`` with table rows that are whole pages (tables used for layout) unpacked into their paragraphs."""
    unpacked: list[str] = []
    for text in lines:
        row = _Wording(text)
        inside = (
            [b for b in page.blocks if b.words and row.share(b.words) >= 0.95]
            if text.startswith("|") and len(row.words) >= _LAYOUT_WORDS
            else []
        )
        prose = [b.order for b in inside if len(b.words) >= _SENTENCE_WORDS]
        parts = [b for b in inside if prose and prose[0] <= b.order <= prose[-1]]
        whole = sum(len(b.words) for b in parts) >= 0.6 * len(row.words)
        unpacked += [b.text for b in parts] if whole else [text]
    return unpacked


def _large_boxes(lines: Sequence[_Line]) -> frozenset[int]:
    """Return the boxes that hold so much of the text that they are the article, whatever their name says."""
    total = sum(len(line.words) for line in lines if line.blocks) or 1
    held: Counter[int] = Counter()
    for line in lines:
        for box in {box for b in line.blocks for box in b.boxes}:
            held[box] += len(line.words)
    return frozenset(box for box, words in held.items() if words / total > _BOX_SHARE)


def _drop_boxes(lines: list[_Line], large: frozenset[int]) -> list[_Line]:
    """Drop lines that are one link, and lines in boxes beside the text (related, captions, share, comments).

    Where that is most of the text, the names mean something else on this page (every paragraph a "widget") and
    nothing is dropped.
    """
    kept = [
        line
        for line in lines
        if not _is_link(line) and not (line.blocks and all(not large.issuperset(b.boxes) for b in line.blocks))
    ]
    total = sum(len(line.words) for line in lines)
    return kept if sum(len(line.words) for line in kept) >= 0.5 * total else lines


def _is_link(line: _Line) -> bool:
    return bool(line.blocks) and len(line.words) <= _LINK_LINE_WORDS and all(b.link_share >= 0.85 for b in line.blocks)


def _drop_strangers(lines: list[_Line], body: _Wording, meta: PageMeta) -> list[_Line]:
    """Drop lines that the outlet's own ``articleBody`` does not have, where it is whole.

    Whole: it has most words of the extracted text. Kept all the same, since outlets leave them out of it: headings
    between its paragraphs, key points (lists), the description, and long paragraphs that hang in the tree just as its
    own do or that the tree does not know.
    """
    total = sum(len(line.words) for line in lines)
    if len(body.words) < _BODY_MIN_WORDS or not total:
        return lines
    shares = [body.share(line.words) for line in lines]
    agreed = sum(len(line.words) * share for line, share in zip(lines, shares, strict=True))
    if agreed / total < 0.6 or agreed < 0.6 * len(body.words):
        return lines
    about = _Wording(meta.description)
    inside = [i for i, s in enumerate(shares) if s >= 0.5]
    first, last = inside[0], inside[-1]
    shelves = {b.shelf for i in inside for b in lines[i].blocks if b.tag == "p" and len(lines[i].words) >= 20}
    return [
        line
        for i, (line, share) in enumerate(zip(lines, shares, strict=True))
        if share >= 0.3
        or about.share(line.words) >= 0.6
        or (first < i < last and line.heading)
        or (i < last and len(line.words) >= 8 and line.text.startswith("- "))
        or (len(line.words) >= _PROSE_WORDS and (not line.blocks or any(b.shelf in shelves for b in line.blocks)))
    ]


def _recover(lines: list[_Line], page: PageBlocks, body: _Wording, large: frozenset[int]) -> list[_Line]:
    """Put back paragraphs the extractor lost: those of ``articleBody``, else those on the same shelf of the tree."""
    have = _Wording("\n".join(line.text for line in lines))
    missing = 1 - have_share(have, body) if body.words else 0.0
    if len(body.words) >= _BODY_MIN_WORDS and missing > 0.05:
        wanted = [
            b for b in page.blocks if len(b.words) >= _GRAM and body.share(b.words) >= 0.9 and have.share(b.words) < 0.5
        ]
        return _merge(lines, wanted)
    shelves: Counter[str] = Counter()
    for line in lines:
        if len(line.words) >= 20 and len(line.blocks) == 1 and line.blocks[0].tag == "p":
            shelves[line.blocks[0].shelf] += len(line.words)
    total = sum(len(line.words) for line in lines) or 1
    home = {
        s for s, words in shelves.items() if words / total >= 0.5 and "." in s and not s.startswith(("div./", "body."))
    }
    wanted = [
        b
        for b in page.blocks
        if b.shelf in home
        and b.tag == "p"
        and large.issuperset(b.boxes)
        and len(b.words) >= 10
        and b.link_share < 0.5
        and have.share(b.words) < 0.3
    ]
    return _merge(lines, wanted)


def have_share(have: _Wording, body: _Wording) -> float:
    """Return the share of ``body``'s wording that ``have`` contains."""
    return have.share(body.words)


def _merge(lines: list[_Line], wanted: list[Block]) -> list[_Line]:
    """Insert blocks among lines by their place in the tree; a line it does not know stays behind its neighbour."""
    if not wanted:
        return lines
    placed: list[tuple[int, int, _Line]] = []
    at = 0
    for i, line in enumerate(lines):
        at = (
            max((b.order for b in line.blocks if b.order >= at), default=at)
            if len(line.blocks) != 1
            else line.blocks[0].order
        )
        placed.append((at, i, line))
    seen: set[tuple[str, ...]] = set()
    for block in wanted:
        if block.words not in seen:
            seen.add(block.words)
            placed.append((block.order, -1, _Line(block.text, block.words, (block,))))
    return [line for _, _, line in sorted(placed, key=lambda p: p[:2])]


def _drop_head(lines: list[_Line], meta: PageMeta) -> list[_Line]:
    """Drop title, kicker, byline and dateline from the head of the text, before the first paragraph proper."""
    titles = {tuple(words_of(t)) for t in (*meta.titles, meta.title)}
    names = (*meta.authors, meta.section or "")
    head = next((i for i, line in enumerate(lines) if len(line.words) >= _SENTENCE_WORDS), 0)
    return [
        line
        for i, line in enumerate(lines)
        if i >= _HEAD_LINES
        or not (
            tuple(words_of(strip_relative_date(line.text))) in titles or (i < head and is_above_text(line.text, names))
        )
    ]


def _drop_repeats(lines: list[_Line]) -> list[_Line]:
    """Keep one of lines that say the same: pages repeat pull quotes and standfirsts."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for line in lines:
        if len(line.words) >= 12 and line.words in seen:
            continue
        seen.add(line.words)
        kept.append(line)
    return kept


def _drop_teasers(lines: list[_Line]) -> list[_Line]:
    """Drop teasers of other stories below the text.

    An article's paragraphs share one parent; the lines of a list of stories stand alone in one box each, all boxes of
    one kind. Three such boxes below the last paragraph of the article make a list of stories.
    """
    held: Counter[int] = Counter()
    for line in lines:
        for parent in {b.parent for b in line.blocks}:
            held[parent] += len(line.words)
    total = sum(len(line.words) for line in lines) or 1
    home = {parent for parent, words in held.items() if words / total >= _HOME_SHARE}
    last = max((i for i, line in enumerate(lines) if any(b.parent in home for b in line.blocks)), default=len(lines))
    tail = lines[last + 1 :]
    kinds: Counter[str] = Counter()
    for shelf, _ in {(b.shelf, b.parent) for line in tail for b in line.blocks if len(line.words) <= _LINK_LINE_WORDS}:
        kinds[shelf] += 1
    teasers = {shelf for shelf, boxes in kinds.items() if boxes >= 3}
    return [
        *lines[: last + 1],
        *(line for line in tail if not _says_twice(line) and not any(b.shelf in teasers for b in line.blocks)),
    ]


def _says_twice(line: _Line) -> bool:
    half = len(line.words) // 2
    return half >= 2 and line.words[:half] == line.words[half:]


def _drop_tail(lines: list[_Line]) -> list[_Line]:
    """Drop the author's note, headings without a paragraph and rows of labels from the end."""
    kept = list(lines)
    for _ in range(3):
        stubs = len(kept)
        while stubs and len(kept[stubs - 1].words) <= 4 and not kept[stubs - 1].text.rstrip().endswith(_SENTENCE_ENDS):
            stubs -= 1
        if 0 < stubs <= len(kept) - 3:
            del kept[stubs:]
        if len(kept) > 2 and (kept[-1].heading or is_about_author(kept[-1].text)):
            kept.pop()
    return kept


def _add_standfirst(lines: list[_Line], page: PageBlocks, meta: PageMeta, large: frozenset[int]) -> list[_Line]:
    """Put the standfirst (subtitle, entradilla) before the text where the page shows one that was not extracted."""
    if not lines:
        return lines
    have = _Wording("\n".join(line.text for line in lines))
    about = _Wording(meta.description)
    titles = {tuple(words_of(t)) for t in (*meta.titles, meta.title)}
    start = min((b.order for b in lines[0].blocks), default=None)
    title_at = min((b.order for b in page.blocks if b.tag == "h1" and b.words in titles), default=0)
    low, high = _STANDFIRST_WORDS
    for block in page.blocks:
        if start is not None and block.order >= start:
            break
        if (
            not low <= len(block.words) <= high
            or not large.issuperset(block.boxes)
            or block.link_share > 0.5
            or block.words in titles
        ):
            continue
        described = len(about.words) >= low and about.share(block.words) >= 0.8
        marked = block.standfirst and block.order > title_at and block.tag in {"p", "h2", "h3", "div", "span", "li"}
        if (described or marked) and have.share(block.words) < 0.7 and not is_furniture(block.text):
            return [_Line(block.text, block.words, (block,)), *lines]
    return lines

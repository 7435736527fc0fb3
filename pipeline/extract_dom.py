"""What the page's tree says of each paragraph: how much of it is links, and whether it stands in a box beside the text.

The extractor returns plain lines; `PageBlocks` finds each line again among the leaf blocks of the tree (by its words)
and tells what surrounds it. Nothing here changes the tree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.furniture import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCK = frozenset(
    "p h1 h2 h3 h4 h5 h6 li ul ol dl dt dd blockquote figure figcaption table tr td th pre div section article aside "
    "header footer nav main form address details summary".split()
)
_LEAF = _BLOCK - {"ul", "ol", "dl", "table", "tr", "figure", "nav", "form", "main", "article"} | {"span", "a"}
_SILENT = frozenset("script style noscript template svg iframe object select textarea head".split())
_ASIDE_TAGS = frozenset("aside nav footer figure figcaption form button dialog menu".split())
_INLINE = frozenset("span a b i em strong font small".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
# The last line are other people's posts: an article is its outlet's own words.
_ASIDE_WORDS = re.compile(
    r"""relat(?:ed|ionad)|relacionad|recirc|recommend|recomend|te-?puede|tambien|lee-?(?:mas|tambien)
    |read-?(?:more|next|also)|next-?(?:story|article|post)|more-(?:on|from|stories|news)|mas-(?:leid|notic|info)
    |most-(?:read|popular)|trending|popular|newsletter|boletin|sign-?up|login|donat|membership|promo(?!t)|advert
    |(?:^|[\s_-])ads?(?:[\s_-]|$)|sponsor|banner|pop-?up|modal|overlay|tooltip|cookie|consent|gdpr
    |share|sharing|compart|comment|disqus|(?:^|[\s_-])tags?(?:[\s_-]|$)|tag-?list|etiquetas|(?:^|[\s_-])temas|breadcrumb
    |author-?(?:bio|box|info|card|desc|about)|about-?(?:the-)?author|autor-?(?:bio|info|caja)
    |caption|credit|pie-?(?:de-)?foto|sidebar|toolbar|widget
    |twitter-tweet|instagram-media|tiktok-embed|fb-post|bluesky-embed|telegram-post""",
    re.I | re.X,
)
_STANDFIRST_WORDS = re.compile(
    r"sub-?tit|sub-?head|standfirst|(?:^|[\s_-])de[ck]k?(?:[\s_-]|$)|entradilla|bajada|copete|sumario"
    r"|(?:^|[\s_-])summary|epigraph|intro(?:duction)?(?:[\s_-]|$)"
    r"|(?:article|header|post|entry|news)[\w-]*(?:lead|excerpt|description)",
    re.I,
)


_LONG_ID = 40
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # ContentHeaderDek reads as Content-Header-Dek


@dataclass(frozen=True, slots=True)
class Block:
    """A leaf block of the page: its text on one line and its surroundings.

    ``link_share`` is the share of its characters inside links to the same site; ``boxes`` the numbers of the boxes
    around it that by their name stand beside a text (some hold the whole article all the same); ``shelf`` names the
    classes of the two elements around it, ``parent`` is the number of the one directly around it; ``order`` counts from
    the top.
    """

    text: str
    words: tuple[str, ...]
    tag: str
    order: int
    link_share: float
    boxes: tuple[int, ...]
    shelf: str
    parent: int
    standfirst: bool


@dataclass(frozen=True, slots=True)
class _Around:
    boxes: tuple[int, ...]
    silent: bool
    standfirst: bool


def _inner_link(element: HtmlElement, host: str) -> bool:
    """Whether ``element`` is a link within the site: related stories are, sources that an article cites are not."""
    if element.tag != "a":
        return False
    try:
        target = urlsplit((element.get("href") or "").strip()).hostname
    except ValueError:
        return False
    return target is None or target.removeprefix("www.") == host or target.endswith("." + host)


def _pieces(node: HtmlElement, host: str, linked: bool) -> Iterator[tuple[str, bool]]:
    if node.text:
        yield node.text, linked
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _SILENT:
            if child.tag == "br":
                yield "\n", linked
            else:
                yield from _pieces(child, host, linked or _inner_link(child, host))
        if child.tail:
            yield child.tail, linked


class PageBlocks:
    """The leaf blocks of one page, in order, and an index by their words."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = tuple(blocks)
        self._by_words: dict[tuple[str, ...], list[Block]] = defaultdict(list)
        for block in self.blocks:
            self._by_words[block.words].append(block)

    def find(self, line: str) -> list[Block]:
        """Return the blocks that say exactly the words of ``line`` (several where a page repeats itself)."""
        return self._by_words.get(tuple(words_of(line)), [])


def read_blocks(tree: HtmlElement, url: str) -> PageBlocks:
    """Return the leaf blocks of ``tree``: block elements without block elements inside, one per line of text."""
    return PageBlocks(_walk(tree, (urlsplit(url).hostname or "").removeprefix("www.")))


def _walk(tree: HtmlElement, host: str) -> Iterator[Block]:
    elements = [e for e in tree.iter() if isinstance(e.tag, str)]
    holders = _with_blocks_inside(elements)
    around: dict[HtmlElement | None, _Around] = {None: _Around((), False, False)}
    numbers: dict[HtmlElement | None, int] = {}
    count = order = 0
    for element in elements:
        tag, up = element.tag, element.getparent()
        parent = around.get(up, around[None])
        if parent.silent or tag in _SILENT:
            around[element] = _Around((), True, False)
            continue
        named = _names(element)
        aside, standfirst = _meaning(named) if named else (False, False)
        boxes = parent.boxes
        if tag in _ASIDE_TAGS or (aside and tag not in {"html", "body"}):
            count += 1
            boxes = (*boxes, count)
        here = _Around(boxes, False, standfirst or parent.standfirst)
        around[element] = here
        if tag not in _LEAF or element in holders or (tag in {"span", "a"} and _inline_home(element, holders)):
            continue
        for text, share in _lines(element, host):
            order += 1
            words = tuple(words_of(text))
            number = numbers.setdefault(up, len(numbers))
            yield Block(text, words, tag, order, share, boxes, _shelf(element), number, here.standfirst)


def _with_blocks_inside(elements: list[HtmlElement]) -> set[HtmlElement]:
    """Return the elements that hold a block element somewhere below them."""
    holders: set[HtmlElement] = set()
    for element in reversed(elements):
        if element.tag in _BLOCK or element in holders:
            holders.add(element.getparent())
    return holders


def _names(element: HtmlElement) -> str:
    """Return what the element is called; a long id is the words of a headline, not a name."""
    ident = element.get("id", "")
    return (
        f"{element.get('class', '')} {ident if len(ident) <= _LONG_ID else ''} {element.get('data-testid', '')}".strip()
    )


@lru_cache(maxsize=20_000)  # the pages of an outlet repeat the same names thousands of times
def _meaning(named: str) -> tuple[bool, bool]:
    """Return whether a name is that of a box beside the text, and whether that of a standfirst."""
    words = _CAMEL.sub("-", named)
    return bool(_ASIDE_WORDS.search(words)), bool(_STANDFIRST_WORDS.search(words))


def _inline_home(element: HtmlElement, holders: set[HtmlElement]) -> bool:
    """Whether an ancestor of an inline element is a leaf block itself, which then speaks for it."""
    parent = element.getparent()
    while parent is not None and parent.tag in _INLINE:
        parent = parent.getparent()
    return parent is None or parent not in holders


def _lines(element: HtmlElement, host: str) -> Iterator[tuple[str, float]]:
    letters = linked = 0
    parts: list[str] = []
    for piece, inside in [*_pieces(element, host, _inner_link(element, host)), ("\n", False)]:
        if piece == "\n":
            text = " ".join("".join(parts).split())
            if text:
                yield text, linked / letters if letters else 0.0
            parts, letters, linked = [], 0, 0
            continue
        parts.append(piece)
        count = len(piece) - piece.count(" ")
        letters += count
        linked += count if inside else 0


def _shelf(element: HtmlElement) -> str:
    names = []
    node = element.getparent()
    for _ in range(2):
        if node is None:
            break
        names.append(f"{node.tag}.{'.'.join(sorted(node.get('class', '').split()))}")
        node = node.getparent()
    return "/".join(names)


def is_heading(block: Block) -> bool:
    """Whether the block is an ``h1`` to ``h6``."""
    return block.tag in _HEADINGS

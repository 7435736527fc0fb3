"""How two texts, titles, dates and author lists are compared. Words are runs of letters and digits, lower case."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from difflib import SequenceMatcher

_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "´": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Prf:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def word_prf(found: str, gold: str) -> Prf:
    """Overlap of the two bags of words."""
    ours, theirs = Counter(words(found)), Counter(words(gold))
    both = (ours & theirs).total()
    return Prf(both / ours.total() if ours else 0.0, both / theirs.total() if theirs else 0.0)


def rouge_lsum(found: str, paragraphs: Iterable[str]) -> Prf:
    """Return ROUGE-LSum over lines, the best of the two readings of each optional paragraph.

    A gold paragraph in square brackets is optional: it counts as gold where the text has its words, else it does not.
    Each gold line scores the union of its longest common subsequences with the text's lines, words clipped to their
    number in the text (Lin 2004).
    """
    ours = [line for line in (words(x) for x in found.split("\n")) if line]
    flat = " ".join(" ".join(line) for line in ours)
    gold = []
    for paragraph in paragraphs:
        line = words(paragraph)
        optional = paragraph.startswith("[") and paragraph.endswith("]")
        if line and (not optional or " ".join(line) in flat):
            gold.append(line)
    left, want = Counter(w for line in ours for w in line), Counter(w for line in gold for w in line)
    sizes = left.total(), want.total()
    hits = 0
    for line in gold:
        for place in sorted(set().union(*(_common(line, other) for other in ours))):
            word = line[place]
            if left[word] > 0 and want[word] > 0:
                hits += 1
                left[word] -= 1
                want[word] -= 1
    return Prf(hits / sizes[0] if sizes[0] else 0.0, hits / sizes[1] if sizes[1] else 0.0)


def _common(one: Sequence[str], other: Sequence[str]) -> set[int]:
    """Return the places in ``one`` of a longest common subsequence with ``other``."""
    if not set(one) & set(other):
        return set()
    if list(one) == list(other):
        return set(range(len(one)))
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return {i for block in blocks for i in range(block.a, block.a + block.size)}


def flat_space(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def segments(found: str, wanted: Sequence[str], unwanted: Sequence[str]) -> Counter[str]:
    """Count wanted segments found (tp) and lost (fn), and unwanted ones found (fp); spacing does not matter."""
    text = flat_space(found)
    hits = sum(flat_space(s) in text for s in wanted)
    return Counter(tp=hits, fn=len(wanted) - hits, fp=sum(flat_space(s) in text for s in unwanted))


def segment_prf(counts: Counter[str]) -> Prf:
    found, gold = counts["tp"] + counts["fp"], counts["tp"] + counts["fn"]
    return Prf(counts["tp"] / found if found else 0.0, counts["tp"] / gold if gold else 0.0)


def same_title(found: str, gold: str) -> bool:
    """Equal but for spacing, case and the shape of quotation marks."""

    def plain(title: str) -> str:
        return flat_space(unicodedata.normalize("NFC", title).translate(_QUOTES)).strip().lower()

    return plain(found) == plain(gold)


def same_day(found: datetime | None, gold: str, day_only: bool = False) -> bool:
    """Whether the day is right.

    A gold time with an offset is compared in that offset. A gold day is the outlet's local day, which UTC does not
    tell: an instant is right where it falls on that day somewhere between UTC-8 and UTC+2, the outlets' zones;
    where nothing but a day was found (``day_only``), it must be the day written in the gold.
    """
    if found is None:
        return False
    theirs = datetime.fromisoformat(gold)
    if day_only:
        return found.date() == theirs.date()
    if theirs.tzinfo is not None:
        return found.astimezone(theirs.tzinfo).date() == theirs.date()
    return any(found.astimezone(timezone(timedelta(hours=h))).date() == theirs.date() for h in range(-8, 3))


def same_authors(found: Sequence[str], gold: Sequence[str]) -> bool:
    """The same set of names, accents and case aside."""

    def plain(names: Sequence[str]) -> set[str]:
        letters = (unicodedata.normalize("NFKD", name).lower() for name in names)
        return {" ".join(words("".join(c for c in n if not unicodedata.combining(c)))) for n in letters}

    return plain(found) == plain(gold)

"""Gate: how much of good translations it stops, and how many faults it catches.

Two files of lines that are each other's translations, Spanish first (``mt-wmt``). ``false_alarm`` is the share of the
human translations that any check flags, a soft one too. Then one fault is put into each, with a fixed seed;
``recall_…`` is the share of spoilt translations that some check flags; ``…_new`` counts only those not flagged
before. ``order``: two figures changed places; ``month``, ``weekday``, ``ordinal``, ``unit``, ``direction``: a word
became another of its class (a currency, a unit behind a figure; a rise before a figure a fall). ``name``: one that
stands in both texts is another or gone; ``name_full``: one of two words or more;
``recall_name_copied``: as far as the checks of names see it in what an engine gives that copies unknown names.
``recall_drop``: of five lines joined by spaces one is gone, and the check of articles must see it;
``false_alarm_blocks`` is the share of whole blocks it flags. Baseline: comparing the digits as they stand.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipeline.settings import BUILTIN_CONFIG
from pipeline.translate.gate import SOFT, check_article, check_sentence
from pipeline.translate.glossary import load_glossary
from tests.eval import Scores
from tests.eval._faults import (
    DENIES,
    spoil_class,
    spoil_direction,
    spoil_half,
    spoil_name,
    spoil_negation,
    spoil_number,
    spoil_order,
    spoil_repeat,
)

_SEED = 20260109
_BLOCK = 5

Pair = tuple[str, str]


def evaluate(paths: Sequence[Path]) -> Scores:
    """Score one or more pairs of files: Spanish, English, Spanish, English …"""
    pairs = list(read_pairs(paths))
    glossary = load_glossary(BUILTIN_CONFIG / "glossary.toml")

    def flags(source: str, translation: str) -> tuple[str, ...]:
        return check_sentence(source, translation, glossary=glossary)

    before = [flags(s, t) for s, t in pairs]
    fired = Counter(name for names in before for name in names)
    flat: dict[str, float | int | str] = {
        "sentences": len(pairs),
        "false_alarm": _share([bool(f) for f in before]),
        "false_alarm_hard": _share([bool(set(f) - SOFT) for f in before]),
    }
    spoilers: dict[str, Callable[[str, str, random.Random], str | None]] = {
        "number": lambda s, t, rng: spoil_number(t, rng),
        "order": lambda s, t, rng: spoil_order(t, rng),
        "month": lambda s, t, rng: spoil_class(t, rng, "month"),
        "weekday": lambda s, t, rng: spoil_class(t, rng, "weekday"),
        "ordinal": lambda s, t, rng: spoil_class(t, rng, "ordinal"),
        "unit": lambda s, t, rng: spoil_class(t, rng, "unit"),
        "direction": lambda s, t, rng: spoil_direction(t, rng),
        "repeat": lambda s, t, rng: spoil_repeat(t, rng),
        "leftover": lambda s, t, rng: s if s != t else None,
        "leftover_half": lambda s, t, rng: spoil_half(s, t),
        "name": spoil_name,
        "name_full": lambda s, t, rng: spoil_name(s, t, rng, words=2),
        "negation": lambda s, t, rng: spoil_negation(t, rng) if DENIES.search(s) else None,
    }
    for name, spoil in spoilers.items():
        rng = random.Random(_SEED)
        caught, new = [], []
        for (source, translation), was in zip(pairs, before, strict=True):
            spoilt = spoil(source, translation, rng)
            if spoilt is not None:
                now = flags(source, spoilt)
                caught.append(bool(now))
                new.append(bool(set(now) - set(was)))
        flat |= {f"recall_{name}": _share(caught), f"recall_{name}_new": _share(new), f"faults_{name}": len(caught)}
    # A rule-based engine copies the names that it does not know, so that any that is gone counts
    rng = random.Random(_SEED)
    named = [(s, spoilt) for s, t in pairs if (spoilt := spoil_name(s, t, rng)) is not None]
    copies = [check_sentence(s, t, glossary=glossary, engine="apertium") for s, t in named]
    flat["recall_name_copied"] = _share(["names" in c or "name" in c for c in copies])
    flat |= _drops(pairs)
    flat["baseline_false_alarm"] = _share([_digits(s) != _digits(t) for s, t in pairs])
    flat |= {f"fired_{name}": count for name, count in sorted(fired.items())}
    return Scores(flat)


def read_pairs(paths: Sequence[Path]) -> Iterator[Pair]:
    """Yield the lines of pairs of files; lines that are empty on both sides are left out."""
    if len(paths) % 2:
        raise ValueError("give the Spanish file and then the English one")
    for there, here in zip(paths[::2], paths[1::2], strict=True):
        left, right = (p.read_text(encoding="utf-8").removesuffix("\n").split("\n") for p in (there, here))
        if len(left) != len(right):
            raise ValueError(f"{there} has {len(left)} lines, {here} {len(right)}")
        yield from ((s.strip(), t.strip()) for s, t in zip(left, right, strict=True) if s.strip() and t.strip())


def _drops(pairs: Sequence[Pair]) -> dict[str, float | int | str]:
    rng = random.Random(_SEED)
    whole, cut = [], []
    for at in range(0, len(pairs) - _BLOCK + 1, _BLOCK):
        block = pairs[at : at + _BLOCK]
        source = " ".join(s for s, _ in block)
        gone = rng.randrange(_BLOCK)
        whole.append(bool(check_article([(source, " ".join(t for _, t in block))])))
        cut.append(bool(check_article([(source, " ".join(t for i, (_, t) in enumerate(block) if i != gone))])))
    return {
        "blocks": len(whole),
        "false_alarm_blocks": _share(whole),
        "recall_drop": _share(cut),
        "recall_drop_new": _share([c and not w for c, w in zip(cut, whole, strict=True)]),
    }


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def _digits(text: str) -> Counter[str]:
    return Counter(re.sub(r"\D", "", m) for m in re.findall(r"\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?", text))

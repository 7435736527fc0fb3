"""A large window read as numbers is the window of records: same vectors, background, neighbours, holders and copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from pipeline import window
from pipeline.identity.grouping import items_of
from pipeline.identity.likeness import Window
from pipeline.identity.signatures import likely_pairs
from pipeline.window import Rows, likely_copies, period_of
from storage.db import as_json
from storage.records import Article, ArticleFeatures
from storage.store import Store
from tests.unit.identity_texts import START
from tests.unit.test_identity_sweep import newsroom

Texts = tuple[Sequence[Article], dict[str, ArticleFeatures]]


def synthetic() -> Texts:
    """Invented features: some without title, lead or signature, some texts alike, dates without a time."""
    rng = np.random.default_rng(4)
    sample = newsroom()[0][0]
    articles, features = [], {}
    for i in range(400):
        key = f"s{rng.integers(10**9):010}-{i}"
        at = START + timedelta(hours=float(rng.integers(240)))
        articles.append(
            replace(
                sample, article_id=key, published_at=at, published_precision="day" if i % 9 == 0 else "second",
                lang=("es", "en", "es-VE", "pt")[i % 4],
            )
        )  # fmt: skip
        title, lead = (tuple(rng.integers(-40, 41, 512).tolist()) if i % n else () for n in (7, 11))
        text = np.random.default_rng(i % 60).integers(0, 2**32, 128)
        words = tuple(f"w{n}" for n in sorted(set(rng.integers(0, 90, 12).tolist())))
        signature = tuple(text.tolist()) if i % 5 else ()
        features[key] = ArticleFeatures(key, "x", title, lead, signature, 90, words, words[:4], words[:1], "m")
    return articles, features


@pytest.fixture(scope="module", params=["newsroom", "synthetic"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterable[tuple[Store, Texts]]:
    """Return a warehouse and the texts in it, with an article after the window and one without features."""
    articles, features = newsroom() if request.param == "newsroom" else synthetic()
    last = max(a.published_at for a in articles)
    strangers = [
        replace(articles[0], article_id=k, published_at=last + timedelta(days=d)) for k, d in (("x", 2), ("y", 0))
    ]
    with Store.open(tmp_path_factory.mktemp("home"), "test") as store:
        store.merge([*articles, *strangers, *features.values()])
        store.merge([replace(features[articles[0].article_id], article_id="x")])
        yield store, (articles, features)


def read(store: Store, articles: Sequence[Article]) -> Rows:
    times = [a.published_at for a in articles]
    return Rows.read(store, min(times), max(times) + timedelta(seconds=1))


def test_vectors_times_and_background(held: tuple[Store, Texts], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in parts of any size, the period has the vectors, hours and background of the articles' records, exactly."""
    store, (articles, features) = held
    plain = Window(items_of({a.article_id: a for a in articles}, features, features))
    for part in (7, 10_000):
        monkeypatch.setattr(window, "_PART", part)
        rows = read(store, articles)
        period = period_of(store, rows)
        assert list(period.ids) == [i.key for i in plain.items]
        assert period.at.tolist() == [i.hours for i in plain.items]
        assert list(period.langs) == [i.lang for i in plain.items]
        assert np.array_equal(period.joint, plain.joint)
    found, wanted = period.background(store.arrays("window_words", rows=rows.numbers())), plain.background
    assert found.texts == wanted.texts
    for name in ("terms", "names", "numbers"):
        assert getattr(found, name) == {w: n for w, n in getattr(wanted, name).items() if n > 1}
    assert np.array_equal(found.mean, wanted.mean)
    assert all(np.array_equal(found.mean_of[lang], wanted.mean_of[lang]) for lang in wanted.mean_of)
    pairs = plain.candidates()
    assert np.array_equal(Window(plain.items, found).measures(pairs), plain.measures(pairs))


def test_neighbours(held: tuple[Store, Texts]) -> None:
    """The nearest of each article are those that a comparison one by one finds."""
    store, (articles, _) = held
    period = period_of(store, read(store, articles))
    fresh = period.ids[::5]
    for key, near in period.near(fresh, 96, 4).items():
        row = period.ids.index(key)
        cosines = period.joint @ period.joint[row]
        inside = (cosines >= 0.35) & (np.abs(period.at - period.at[row]) <= 96)
        inside[row] = False
        wanted = sorted(cosines[inside].tolist(), reverse=True)[:4]
        assert [c for _, c in near] == pytest.approx(wanted, abs=1e-5)


def test_holders(held: tuple[Store, Texts]) -> None:
    """Who holds a word is told for terms and names apart."""
    store, (articles, features) = held
    rows = read(store, articles)
    terms = {w for f in list(features.values())[:5] for w in f.terms[:3]}
    names = {w for f in list(features.values())[:5] for w in f.names[:2]}
    found = store.arrays("window_holders", rows=rows.numbers(), terms=as_json(terms), names=as_json(names))
    wanted = {(k, f"t:{w}") for k, f in features.items() for w in terms & set(f.terms)}
    wanted |= {(k, f"n:{w}") for k, f in features.items() for w in names & set(f.names)}
    assert sorted(zip(found["article_id"].tolist(), found["word"].tolist(), strict=True)) == sorted(wanted)


def test_likely_copies(held: tuple[Store, Texts]) -> None:
    """Who may be a copy is what the signatures of the records say."""
    store, (articles, features) = held
    fresh = [a.article_id for a in articles[::3]]
    at = {a.article_id: a.published_at for a in articles}
    keys = sorted(k for k, f in features.items() if f.minhash)
    pairs = likely_pairs(
        np.array([features[k].minhash for k in keys], dtype=np.uint32),
        np.array([features[k].shingle_count for k in keys]),
        np.array([k in fresh for k in keys]),
    )
    near = [(keys[i], keys[j]) for i, j in pairs.tolist() if abs(at[keys[i]] - at[keys[j]]) <= timedelta(days=2)]
    assert near
    assert likely_copies(store, read(store, articles), fresh, 2) == {k for pair in near for k in pair}

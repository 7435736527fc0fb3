"""What articles and stories are about: IPTC Media Topics by terms and by vectors, with the evidence kept.

Two voices are heard. The gazetteer of ``config/topics.toml`` says which terms an article uses, and where. A small
classifier over the vectors of title and lead says which level-1 topic it reads like; being multilingual, it
answers alike for the same text in Spanish and English. Where title and lead leave doubt, the body's sentences are read
too. Level 1 hears both voices, deeper topics the terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from pipeline.identity.words import sentences
from pipeline.terms import Evidence, article_tokens, fold, shown, term_score, term_strength
from pipeline.topic_model import TopicModel, combine, load_model
from pipeline.topic_set import TopicError, TopicSet, load_topics
from storage.ids import text_group_id
from storage.records import Article, ArticleFeatures, ArticleTopic, StoryTopic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["TopicError", "TopicSet", "best_level1", "level1_scores", "load_topics", "tag_articles", "tag_stories"]

_TERM_PULL = 1.5  # what terms add to a topic's logit: this times log(1 + their strength)
_TERM_FROM = 0.30  # a deeper topic is given from this term score on: one strong term in the lead, or five in the body
_LIKELY = 0.30  # a level-1 topic is given from this probability on
_LIKELIEST = 0.15  # the likeliest one already from this
_NEAR = 0.8  # and with it any that is this nearly as likely
_PLAIN = 0.60  # or when its own terms score this much, whatever it reads like: one in the title
_SURE = 0.90  # below this probability title and lead leave doubt, and the body's sentences are read as well
_LEAD_SENTENCES = 3  # the lead's, which its vector stands for
_BODY_SENTENCES = 12  # how far the body is read
_SENTENCE_CHARS = 400  # and how much of a sentence
_STORY_SHARE = 1 / 3  # a story has the topics of at least this share of its articles


class Encoder(Protocol):
    """What topics need of the embedder of `pipeline.identity.embed`."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array (len(texts), 512)."""
        ...


def tag_articles(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    topics: TopicSet,
    embedder: Encoder | None = None,
) -> list[ArticleTopic]:
    """Return the topics of each article, several per article, sorted by article as given and falling score.

    ``features`` are by article id; an article without features is encoded with ``embedder``, or judged by its terms
    alone where that is None. The embedder also reads the body of articles whose title and lead leave doubt.

    ``score`` is 0 to 1. Evidence is the matched terms with their places, or, where only the vectors speak for a topic,
    ``nearest: <its definition>``; a level-1 topic tagged for a child's sake says ``child``.
    """
    model = load_model()
    version = topics.version
    tags: list[ArticleTopic] = []
    for article, (evidence, likely) in zip(articles, _judge(articles, features, topics, embedder, model), strict=True):
        tags.extend(_tags_of(article, evidence, likely, topics, version))
    return tags


def level1_scores(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    topics: TopicSet,
    embedder: Encoder | None = None,
    model: TopicModel | None = None,
) -> list[dict[str, float]]:
    """Return for each article how likely each level-1 topic is (sum 1); an empty dict for one that says nothing."""
    return [
        likely if _speaks(evidence, likely) else {}
        for evidence, likely in _judge(articles, features, topics, embedder, model or load_model())
    ]


def best_level1(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    topics: TopicSet,
    embedder: Encoder | None = None,
) -> list[str | None]:
    """Return the one level-1 topic that each article is most about; None for an article that says nothing."""
    scores = level1_scores(articles, features, topics, embedder)
    return [max(s, key=lambda t: (s[t], t)) if s else None for s in scores]


def _speaks(evidence: Mapping[str, Sequence[Evidence]], likely: Mapping[str, float]) -> bool:
    return bool(evidence) or len(set(likely.values())) > 1


_Judgement = tuple[dict[str, list[Evidence]], dict[str, float]]


def _judge(
    articles: Sequence[Article],
    features: Mapping[str, ArticleFeatures],
    topics: TopicSet,
    embedder: Encoder | None,
    model: TopicModel,
) -> list[_Judgement]:
    """Return for each article the evidence of terms by topic and the probability of each level-1 topic."""
    if not articles:
        return []
    evidence: list[dict[str, list[Evidence]]] = []
    said: list[list[float]] = []
    for article in articles:
        tokens = article_tokens(article.title, article.text or article.summary)
        found = topics.gazetteer(article.lang).evidence(tokens)
        evidence.append(found)
        said.append(_strengths(found, tokens.words, topics))
    vectors = [_vector(a, features.get(a.article_id), embedder) for a in articles]
    likely = _probabilities(vectors, said, topics, model)
    doubtful = [i for i, p in enumerate(likely) if max(p) < _SURE]
    if embedder is not None and doubtful:
        read = _with_body([articles[i] for i in doubtful], [vectors[i] for i in doubtful], embedder)
        again = _probabilities(read, [said[i] for i in doubtful], topics, model)
        for i, p in zip(doubtful, again, strict=True):
            likely[i] = p
    return [(e, dict(zip(topics.level1, p, strict=True))) for e, p in zip(evidence, likely, strict=True)]


def _strengths(evidence: Mapping[str, Sequence[Evidence]], words: int, topics: TopicSet) -> list[float]:
    """Return how much the terms of each level-1 topic say, its children's among them."""
    by_top: dict[str, dict[str, Evidence]] = {}
    for topic_id, found in evidence.items():
        for e in found:  # a term that stands under parent and child counts once
            known = by_top.setdefault(topics.top(topic_id), {})
            if e.pattern not in known or e.strong:
                known[e.pattern] = e
    return [term_strength(by_top.get(t, {}).values(), words) for t in topics.level1]


def _probabilities(
    vectors: Sequence[Sequence[float]], strengths: Sequence[Sequence[float]], topics: TopicSet, model: TopicModel
) -> list[list[float]]:
    """Return the probability of each level-1 topic for texts by their vector (512) and the strength of their terms."""
    import numpy as np

    if not vectors:
        return []
    column = {label: i for i, label in enumerate(model.labels)}
    logits = model.logits(np.asarray(vectors, dtype=np.float32)).astype(np.float64)
    z = np.zeros((len(vectors), len(topics.level1)))
    for at, topic_id in enumerate(topics.level1):
        if topic_id in column:
            z[:, at] = logits[:, column[topic_id]]
    # every further term says something, though ever less: where both economy and politics have many, the more counts
    z += _TERM_PULL * np.log1p(np.asarray(strengths))
    p = np.exp(z - z.max(axis=1, keepdims=True))
    likely: list[list[float]] = (p / p.sum(axis=1, keepdims=True)).tolist()
    return likely


def _vector(article: Article, features: ArticleFeatures | None, embedder: Encoder | None) -> tuple[float, ...]:
    if features is not None:
        return combine((features.title_vector, features.lead_vector))
    if embedder is None:
        return combine(())
    title, lead = embedder.encode([article.title, (article.text or article.summary)[:600]])
    return combine((title.tolist(), lead.tolist()))


def _with_body(
    articles: Sequence[Article], vectors: Sequence[tuple[float, ...]], embedder: Encoder
) -> list[tuple[float, ...]]:
    """Return the vectors midway between title with lead and the mean direction of the body's first sentences."""
    bodies = [body_sentences(a) for a in articles]
    encoded = iter(embedder.encode([sentence for body in bodies for sentence in body]).tolist())
    read: list[tuple[float, ...]] = []
    for vector, body in zip(vectors, bodies, strict=True):
        mean = combine([next(encoded) for _ in body])
        read.append(combine((vector, mean)))
    return read


def body_sentences(article: Article) -> list[str]:
    """Return the sentences of an article that follow its lead, the twelfth the last, each cut at 400 characters."""
    found = sentences(article.text or article.summary, _BODY_SENTENCES + 1)
    if found and fold(found[0]).strip(" .") == fold(article.title).strip(" ."):
        found = found[1:]  # many pages open with their title again
    return [s[:_SENTENCE_CHARS] for s in found[_LEAD_SENTENCES:_BODY_SENTENCES]]


def _tags_of(
    article: Article,
    evidence: Mapping[str, Sequence[Evidence]],
    likely: Mapping[str, float],
    topics: TopicSet,
    version: str,
) -> list[ArticleTopic]:
    words = article_tokens(article.title, article.text or article.summary).words
    scores: dict[str, float] = {}
    said: dict[str, tuple[str, ...]] = {}
    children: dict[str, list[str]] = {}
    for topic_id, found in evidence.items():
        score = term_score(found, words)
        if topic_id not in likely and score >= _TERM_FROM:
            scores[topic_id], said[topic_id] = score, shown(found)
            children.setdefault(topics.top(topic_id), []).append(topic_id)
    top = max(likely.values())
    speaks = _speaks(evidence, likely)
    for topic_id, p in likely.items():
        own = evidence.get(topic_id, ())
        plain = term_score(own, words)
        given = speaks and (p >= _LIKELY or (p >= _NEAR * top and p >= _LIKELIEST) or plain >= _PLAIN)
        if not given and topic_id not in children:
            continue
        below = children.get(topic_id, [])
        scores[topic_id] = max([p, plain / 2]) if given else max(scores[c] for c in below)
        terms = shown(own) if any(e.strong for e in own) else ()
        via = tuple(f"child: {c}" for c in sorted(below, key=lambda c: (-scores[c], c))[:3])
        said[topic_id] = (terms + via) or (f"nearest: {topics.definition(topic_id, article.lang)}",)
    ranked = sorted(scores, key=lambda t: (-scores[t], t))
    return [ArticleTopic(article.article_id, t, round(scores[t], 4), said[t], version) for t in ranked]


def tag_stories(
    members: Mapping[str, Sequence[str]],
    article_topics: Mapping[str, Sequence[ArticleTopic]],
    text_groups: Mapping[str, str] | None = None,
) -> list[StoryTopic]:
    """Return the topics of each story: those of at least a third of its texts, scored by the mean over all of them.

    ``members`` are article ids by story id, ``article_topics`` the tags by article id, ``text_groups`` the group of
    copies of an article that is a copy: a text and its copies count once, with the surest of their tags, so that a wire
    report printed by twenty outlets does not outvote the five that wrote their own. Evidence is how many articles say
    so (and texts, where there are copies), and what the surest of them says.
    """
    groups = text_groups or {}
    result: list[StoryTopic] = []
    for story_id in sorted(members):
        ids = sorted(set(members[story_id]))
        texts = {i: groups.get(i) or text_group_id(i) for i in ids}  # an original has its own id's, as v_articles says
        count = len(set(texts.values()))
        by_topic: dict[str, list[ArticleTopic]] = {}
        for article_id in ids:
            for tag in article_topics.get(article_id, ()):
                by_topic.setdefault(tag.topic_id, []).append(tag)
        rows: list[StoryTopic] = []
        for topic_id, tags in by_topic.items():
            voices: dict[str, float] = {}
            for tag in tags:
                text = texts[tag.article_id]
                voices[text] = max(voices.get(text, 0.0), tag.score)
            if len(voices) < _STORY_SHARE * count:
                continue
            surest = max(tags, key=lambda t: (t.score, t.article_id))
            score = round(sum(voices.values()) / count, 4)
            counted = f"{len(tags)} of {len(ids)} articles"
            if count < len(ids):
                counted += f", {len(voices)} of {count} texts"
            rows.append(StoryTopic(story_id, topic_id, score, (counted, *surest.evidence[:4]), surest.method_version))
        result.extend(sorted(rows, key=lambda r: (-r.score, r.topic_id)))
    return result

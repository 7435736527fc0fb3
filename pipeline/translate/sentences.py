"""Cut a text into paragraphs and sentences, and put it together again. The only module that imports sentencex."""

from __future__ import annotations

_MAX_SENTENCE = 1_500  # characters; longer ones are cut, since engines lose their thread and their memory on them


def split_text(text: str, lang: str) -> list[list[str]]:
    """Return the sentences of each paragraph (a line). Empty lines are paragraphs without sentences."""
    import sentencex

    paragraphs = []
    for line in text.split("\n"):
        sentences: list[str] = []
        if line.strip():
            for sentence in sentencex.segment(lang, line):
                sentences += _cut(sentence.strip())
        paragraphs.append([s for s in sentences if s])
    return paragraphs


def _cut(sentence: str) -> list[str]:
    parts = []
    while len(sentence) > _MAX_SENTENCE:
        at = sentence.rfind(" ", 0, _MAX_SENTENCE)
        at = at if at > 0 else _MAX_SENTENCE
        parts.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*parts, sentence]


def join_text(paragraphs: list[list[str]]) -> str:
    """Return the text of paragraphs of sentences."""
    return "\n".join(" ".join(sentences) for sentences in paragraphs)

"""Words, names and numbers of a text in a form that can be compared across outlets and between Spanish and English.

Pure functions over strings; no third-party library.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_TOKEN = re.compile(r"[^\W\d_]+(?:['’.][^\W\d_]+)*|\d+(?:[.,:]\d+)*", re.UNICODE)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)]*\s+(?=[\"'“‘«¿¡(]*[A-ZÁÉÍÓÚÑÜ0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Sr|Sra|Dr|Dra|Lic|Ing|Gral|Cnel|Cap|Mr|Mrs|Ms|Gen|Col|Sen|Rep|Gov|St|No|Núm|Av|vs|p\. ej|e\.g|i\.e)"
    r"|\b[A-Z])\.$"
)
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[.,  ]\d{3})+(?:[.,]\d{1,2})?(?![\w])|(?<![\w.,])\d+(?:[.,]\d+)?(?![\w])")

STOPWORDS = frozenset(
    """
    a al ante antes as aun aunque bajo bien cada casi como con contra cual cuales cualquier cuando de del desde después
    despues donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estado estan
    estar estas este esto estos fue fueron ha haber habia habrá habra hace hacia han has hasta hay hoy incluso la las le
    les lo los mas me mediante menos mi mientras mismo misma mucho muchos muy nada ni no nos nosotros nuestra nuestro o
    otra otras otro otros para pero poco por porque primera primer primero pues que quien quienes se sea según segun ser
    será sera serán si sido sin sobre solo son su sus tal tambien también tan tanto te tiene tienen toda todas todo
    todos tras tu un una unas uno unos va van ver vez y ya yo dijo dice aseguró aseguro afirmó afirmo señaló senalo
    indicó indico explicó explico informó informo lunes martes miércoles miercoles jueves viernes sábado sabado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre año años ano anos día días
    dia dias así asi ayer mañana manana
    about above after again against all also am an and any are aren at be because been before being below between both
    but by can cannot could did do does doing don down during each few for from further had has have having he her here
    hers him his how i if in into is isn it its just like may me might more most must my new no nor not now of off on
    once one only or other our out over own per said same say says she should so some such than that the their them then
    there these they this those through to too two under until up upon us very was we were what when where which while
    who whom why will with would you your monday tuesday wednesday thursday friday saturday sunday january february
    march april june july august september october november december year years day days week today yesterday tomorrow
    according told mr mrs ms dr
    """.split()
)
"""Function words and the words of every news text, in both languages; compared after folding."""

_SAME_NAME = {
    "espana": "spain", "alemania": "germany", "francia": "france", "italia": "italy", "rusia": "russia",
    "ucrania": "ukraine", "brasil": "brazil", "japon": "japan", "londres": "london", "bruselas": "brussels",
    "ginebra": "geneva", "moscu": "moscow", "pekin": "beijing", "tokio": "tokyo", "suiza": "switzerland",
    "suecia": "sweden", "noruega": "norway", "dinamarca": "denmark", "finlandia": "finland", "polonia": "poland",
    "belgica": "belgium", "holanda": "netherlands", "grecia": "greece", "turquia": "turkey", "egipto": "egypt",
    "marruecos": "morocco", "argelia": "algeria", "sudafrica": "southafrica", "israeli": "israel", "iran": "iran",
    "irak": "iraq", "siria": "syria", "corea": "korea", "inglaterra": "england", "escocia": "scotland",
    "irlanda": "ireland", "hungria": "hungary", "rumania": "romania", "croacia": "croatia", "europa": "europe",
    "africa": "africa", "haiti": "haiti", "guyana": "guyana", "trinidad": "trinidad", "filipinas": "philippines",
    "bielorrusia": "belarus", "china": "china", "india": "india", "kenia": "kenya", "etiopia": "ethiopia",
    "tunez": "tunisia", "libano": "lebanon", "jordania": "jordan", "arabia": "arabia", "catar": "qatar",
    "afganistan": "afghanistan", "pakistan": "pakistan", "caribe": "caribbean", "pacifico": "pacific",
    "atlantico": "atlantic", "amazonas": "amazon", "amazonia": "amazon", "vaticano": "vatican", "papa": "pope",
    "catalunya": "catalonia", "cataluna": "catalonia", "sevilla": "seville", "habana": "havana",
    "filadelfia": "philadelphia", "pensilvania": "pennsylvania", "california": "california", "tejas": "texas",
    "onu": "un", "otan": "nato", "ue": "eu", "fmi": "imf", "cpi": "icc", "oea": "oas", "oms": "who2", "cia": "cia",
    "eeuu": "usa", "opep": "opec", "cidh": "iachr", "coi": "ioc", "olimpicos": "olympics", "olimpiadas": "olympics",
    "olympic": "olympics", "unicef": "unicef", "senado": "senate", "congreso": "congress", "pentagono": "pentagon",
    "venezolano": "venezuela", "venezolana": "venezuela", "venezolanos": "venezuela", "venezolanas": "venezuela",
    "venezuelan": "venezuela", "venezuelans": "venezuela", "spanish": "spain", "espanol": "spain", "espanola": "spain",
    "espanoles": "spain", "colombiano": "colombia", "colombiana": "colombia", "colombian": "colombia",
    "cubano": "cuba", "cuban": "cuba", "american": "usa", "americans": "usa", "estadounidense": "usa",
    "estadounidenses": "usa", "jorge": "jorge",
}  # fmt: skip
"""Names that differ between Spanish and English, folded, and the form both are compared by. General knowledge: not
drawn from any evaluation set. Add a line here when a name of the beat is spelt differently in the two languages."""
_KNOWN_NAMES = frozenset(_SAME_NAME.values()) | {"eeuu", "britain", "newyork", "whitehouse"}

_PHRASES = (
    (re.compile(r"\b(?:estados unidos|united states|ee\.? ?uu\.?|u\.s\.a\.|u\.s\.)", re.IGNORECASE), " EEUU "),
    (re.compile(r"\bUS\b"), " EEUU "),
    (re.compile(r"\b(?:reino unido|united kingdom|u\.k\.)", re.IGNORECASE), " Britain "),
    (re.compile(r"\b(?:naciones unidas|united nations)\b", re.IGNORECASE), " ONU "),
    (re.compile(r"\b(?:nueva york|new york)\b", re.IGNORECASE), " Newyork "),
    (re.compile(r"\b(?:casa blanca|white house)\b", re.IGNORECASE), " Whitehouse "),
    (re.compile(r"\b(?:uni[oó]n europea|european union)\b", re.IGNORECASE), " UE "),
)
"""Names of several words that are compared as one."""

_NUMBER_WORDS = {
    w: str(n)
    for n, words in {
        2: "two dos", 3: "three tres", 4: "four cuatro", 5: "five cinco", 6: "six seis", 7: "seven siete",
        8: "eight ocho", 9: "nine nueve", 10: "ten diez", 11: "eleven once", 12: "twelve doce", 13: "thirteen trece",
        14: "fourteen catorce", 15: "fifteen quince", 20: "twenty veinte", 30: "thirty treinta", 40: "forty cuarenta",
        50: "fifty cincuenta", 100: "hundred cien",
    }.items()
    for w in words.split()
}  # fmt: skip


_SIGNATURE = re.compile(r"\s(?:[|–—»]|--?)\s|\|")
_LABEL = re.compile(r":(?!\d)|\||\s[–—-]\s")
_FORMS = frozenset(
    """
    latest live update updates breaking roundup recap highlights explainer analysis opinion editorial interview feature
    video videos photos gallery podcast exclusive vivo directo ultima resumen minuto analisis
    entrevista fotos galeria exclusiva cronica
    """.split()
)
"""Words for a form of report, folded: they make a label of what stands before a colon ("Crisis en vivo:")."""
_SIGNATURES = 3
_SIGNATURE_WORDS, _LABEL_WORDS, _TITLE_WORDS = 6, 4, 3


def headline(title: str) -> str:
    """Return what ``title`` says without the label it runs under ("The Latest:") and its outlet's signature ("- WTOP").

    Both stand on many titles that have nothing else in common. A signature is up to six words behind a bar or a dash,
    written like a name; a label is up to four words before a colon, bar or dash, one of which names a form of report.
    What is left has three words at least.
    """
    for _ in range(_SIGNATURES):
        marks = list(_SIGNATURE.finditer(title))
        if not marks:
            break
        before, tail = title[: marks[-1].start()].strip(), title[marks[-1].end() :].strip()
        result = before[-1:].isdigit() and tail[:1].isdigit()
        if result or len(tokens(before)) < _TITLE_WORDS or not _like_a_signature(tail):
            break
        title = before
    mark = _LABEL.search(title)
    if mark:
        label, rest = [fold(t) for t in tokens(title[: mark.start()])], title[mark.end() :]
        form = label[:1] == ["watch"] or not _FORMS.isdisjoint(label)  # elsewhere a name: Human Rights Watch
        if len(label) <= _LABEL_WORDS and form and len(tokens(rest)) >= _TITLE_WORDS:
            title = rest
    return title.strip()


def _like_a_signature(text: str) -> bool:
    words = tokens(text)
    meant = [w for w in words if not is_stopword(fold(w))]
    written = all(w[0].isupper() or w[0].isdigit() for w in meant)
    return len(words) <= _SIGNATURE_WORDS and written and not text.endswith(".")


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents ("Márquez" and "Marquez" are one name; ñ becomes n)."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_FOLDED_STOPWORDS = frozenset(fold(w) for w in STOPWORDS)


def is_stopword(folded: str) -> bool:
    """Say whether a folded word carries no meaning of its own in either language."""
    return folded in _FOLDED_STOPWORDS


def tokens(text: str) -> list[str]:
    """Return the words and numbers of ``text`` as written, in order."""
    return _TOKEN.findall(text)


def sentences(text: str, limit: int) -> list[str]:
    """Return the first ``limit`` sentences of ``text``; a line break always ends one."""
    found: list[str] = []
    held = ""
    for piece in _SENTENCE_END.split(text[:6000]):
        held = f"{held} {piece}".strip() if held else piece.strip()
        if not held or _ABBREVIATION.search(held):
            continue
        found.append(held)
        held = ""
        if len(found) == limit:
            return found
    return [*found, held] if held else found


def stem(folded: str) -> str:
    """Return a crude stem that often is the same in both languages ("venezuelan", "venezolano" differ; "presid" not).

    A plural's ending goes, and of what is left the first seven letters stay.
    """
    word = folded.removesuffix("'s").removesuffix("’s")
    if len(word) > 4:
        word = word.removesuffix("s" if word.endswith("ses") or not word.endswith("es") else "es")
    return word[:7]


def content_terms(text: str, limit: int) -> list[str]:
    """Return the distinct stems of the words of ``text`` that carry meaning, in order of appearance."""
    seen: dict[str, None] = {}
    for token in tokens(text):
        folded = fold(token)
        if not _has_meaning(folded):
            continue
        seen.setdefault(stem(folded))
        if len(seen) == limit:
            break
    return list(seen)


def salient_terms(text: str, limit: int) -> list[str]:
    """Return the distinct stems of the words of ``text`` that carry meaning, the most frequent first.

    Of those as frequent the earlier comes first, so that of a title alone the order is that of its words.
    """
    counts = Counter(stem(f) for f in map(fold, tokens(text)) if _has_meaning(f))
    return [term for term, _ in counts.most_common(limit)]


def _has_meaning(folded: str) -> bool:
    return len(folded) >= 3 and not folded[0].isdigit() and not is_stopword(folded)


def _name_form(token: str) -> str:
    folded = fold(token).replace(".", "").replace("’", "'").removesuffix("'s")
    return _SAME_NAME.get(folded, folded)


def _capitalised(token: str) -> bool:
    return token[0].isupper()


def name_tokens(title: str, body: str, limit: int) -> list[str]:
    """Return the distinct words of names in ``title`` and ``body``, folded, in order of appearance.

    A word counts when it is capitalised where grammar does not ask for it: within a sentence or right beside another
    capitalised word. A title in title case (or in capitals) proves nothing, so its words count only when ``body`` uses
    them as names, or when there is no body to ask.
    """
    for pattern, form in _PHRASES:
        title, body = pattern.sub(form, title), pattern.sub(form, body)
    from_body = [n for s in sentences(body, 400) for n in _sentence_names(s)]
    words = [t for t in tokens(title) if not t[0].isdigit()]
    meaning = [t for t in words[1:] if not is_stopword(fold(t))]
    shouting = bool(meaning) and sum(map(_capitalised, meaning)) > 0.6 * len(meaning)
    if not shouting:
        # The first word of a title may be a name like any other: it counts when the body knows it. Without one it is
        # more often the kind of event ("Terremoto", "Miles"), and two earthquakes would share a name.
        known = set(from_body)
        first = [_name_form(w) for w in words[:1] if _capitalised(w) and not is_stopword(fold(w))]
        from_title = [n for n in first if n in known or n in _KNOWN_NAMES] + _sentence_names(title)
    else:
        known = set(from_body)
        forms = [_name_form(w) for w in words if _capitalised(w) and not is_stopword(fold(w))]
        from_title = [f for f in forms if not body or f in known]
    kept = dict.fromkeys(n for n in [*from_title, *from_body] if len(n) > 1)
    return list(kept)[:limit]


def _sentence_names(sentence: str) -> list[str]:
    words = tokens(sentence)
    names = []
    for i, word in enumerate(words):
        if not _capitalised(word) or word[0].isdigit():
            continue
        folded = fold(word)
        if is_stopword(folded) or (len(folded) < 2):
            continue
        follows = i + 1 < len(words) and _capitalised(words[i + 1]) and not is_stopword(fold(words[i + 1]))
        if i > 0 or follows:
            names.append(_name_form(word))
    return names


def numbers(text: str, limit: int) -> list[str]:
    """Return the distinct numbers of ``text``, in order: "1.234", "1,234" and "1 234" are all 1234, "3,5" is 3.5.

    Number words up to fifteen, the tens and hundred count too ("five citizens", "cinco ciudadanos").
    """
    found: dict[str, None] = {}
    position: list[tuple[int, str]] = [(m.start(), normal_number(m.group())) for m in _NUMBER.finditer(text)]
    for match in _TOKEN.finditer(text):
        word = _NUMBER_WORDS.get(fold(match.group()))
        if word is not None:
            position.append((match.start(), word))
    for _, value in sorted(position):
        found.setdefault(value)
        if len(found) == limit:
            break
    return list(found)


def normal_number(written: str) -> str:
    """Return one spelling of a number; a group of exactly three digits after a sign is taken for thousands."""
    compact = written.replace(" ", "").replace(" ", "")
    groups = re.split(r"[.,]", compact)
    if len(groups) == 1:
        return groups[0].lstrip("0") or "0"
    *head, last = groups
    if len(last) == 3 and len(head[0]) <= 3 and head[0] != "0":
        return "".join(groups).lstrip("0") or "0"
    whole = "".join(head).lstrip("0") or "0"
    fraction = last.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def shingle_words(text: str) -> list[str]:
    """Return the folded words and numbers of ``text`` that copies are compared by."""
    return [fold(t) for t in tokens(text)]


def shingles(words: list[str], size: int = 3) -> list[str]:
    """Return the runs of ``size`` words, in order, with repeats; none when the text is shorter."""
    return [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]


def jaccard(a: Iterable[str], b: Iterable[str]) -> float:
    """Return the share of common members; 0 for two empty sets, since empty is not alike."""
    left, right = set(a), set(b)
    union = len(left | right)
    return len(left & right) / union if union else 0.0

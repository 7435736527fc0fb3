"""Whether a translation still denies what the sentence denies.

Spanish denies once with several words ("no dijo nada a nadie"), and some of its negations deny nothing ("no sólo",
"no obstante", "¿no?"). English may deny without "not" ("unable", "fails to", "hardly"). So denials are counted, not
words: a translation needs at least as many as the sentence surely has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.;:!?¿¡()«»“”\"—–,]")
_NEAR = 0.5  # share of the sentence by which word order may move a denial

_DENIERS = {
    "es": frozenset("no nunca jamás jamas tampoco nadie nada ningún ningun ninguna ninguno".split()),
    "pt": frozenset("não nao nunca jamais tampouco ninguém nenhum nenhuma".split()),
    "gl": frozenset("non nunca xamais tampouco ninguén ningún ningunha".split()),
    "ca": frozenset("no mai tampoc ningú cap".split()),
}
_HEADS = {"es": ("no",), "pt": ("não", "nao"), "gl": ("non",), "ca": ("no",)}
_WITHOUT = {"es": ("sin",), "pt": ("sem",), "gl": ("sen",), "ca": ("sense",)}
_NOR = {"es": ("ni",), "pt": ("nem",), "gl": ("nin",), "ca": ("ni",)}

_JOINS = frozenset("y e i pero mas aunque porque".split())
_NO_DENIAL = re.compile(
    "|".join(
        (
            r"\bno (?:es |era |fue |son |sea |eran |están? )?(?:s[oó]lo|solamente|[uú]nicamente|tan s[oó]lo)\b",
            r"\bno (?:simplemente|s[oó]lamente|s[oò]ls|només|apenas)\b",
            r"\bno antes\b|\bno (?:es|era|fue|son) otr[ao]s? \w+ que\b|\bno m[aá]s all[aá]\b",
            r"\bno obstante\b|\bno bien\b|\ba no ser\b|\bhasta (?:que )?no\b|\bmientras no\b|\bantes de que no\b",
            r"\bno (?:hay|cabe|cab[ií]a|había|queda|tengo|tiene|tienen) (?:la menor |ninguna |ningún )?dudas?\b",
            r"\bno (?:ha |han |había |he )?(?:de)?j(?:a|ado|aba|aban|an|aron|ó|en|ará|arán|emos|amos) de\b",
            r"\bno (?:\w+ ){1,4}(?:más|mas) (?:que|de)\b|\bno (?:\w+ ){0,5}(?:sino|excepto|salvo)\b",
            r"\bno (?:\w+ ){0,5}hasta\b(?! (?:ahora|hoy|el momento|la fecha))",
            r"\bno (?:hace|hacía|hizo) (?:mucho|falta|tanto|más que)\b",
            r"\bno (?:es|era|fue) hasta\b|\bno (?:pocos|pocas|poco|poca)\b|\bno faltan?\b|\bno faltaba\b",
            r"\bno (?:le |les |me |nos |se |te )?(?:queda|quedó|quedaba|quedan) (?:otra|más)\b",
            r"\bno (?:puede|pueden|pudo|podía|podían|puedo|podemos) (?:menos|evitar|más que)\b",
            r"[,¿] ?(?:o )?no ?\?|\bo no\b|\by no\b(?= ?[,.?])|\bque si no\b|\bsi no,",
            r"\bcasi nada\b|\bnada m[aá]s\b|\bnada menos\b|\bante nada\b|\bante todo\b|\bde nada\b|\bpor nada\b",
            r"\bsin embargo\b|\bsin (?:lugar a )?dudas?\b|\bsin duda alguna\b|\bni siquiera\b(?=.*\bno\b)",
            r"\bcomo nunca\b|\bnunca antes\b|\bni mucho menos\b|\bhac(?:e|[ií]a) (?:\w+ ){1,3}que no\b",
            r"\b(?:m[aá]s|menos|mejor|peor|mayor|menor)(?: \w+){0,3} que (?:nunca|nadie|nada|ning[uú]n[oa]?)\b",
            r"\bnada (?:trivial|despreciable|desde[nñ]able|f[aá]cil)",
            r"\bno (?:se )?(?:puede|pueden|pod[ií]an?|cabe) (?:excluir|descartar)(?:se)?\b",
            r"\bno (?:se )?(?:olvid|dud)\w+|\bno (?:puede|pueden|pod[ií]an?) faltar\b|\bsin importar\b|\bno menos de\b",
            r"\bno mayor(?:es)? (?:de|que)\b|\bni m[aá]s ni menos\b|\bno\. ?\d",
            r"\bno (?:ya )?es que\b|\bno por (?:eso|ello)\b",
        )
    ),
    re.IGNORECASE,
)
"""Expressions with a negative word that deny nothing, or that English turns round."""
_ENGLISH = re.compile(
    r"n['’\x92]t\b|\b(?:not|no|never|neither|nor|nobody|nothing|none|nowhere|without|cannot|noone|non|cant|dont|wont|doesnt|didnt|isnt)\b",
    re.IGNORECASE,
)
_IMPLIED = re.compile(
    r"\b(?:"
    + (
        r"unless until regardless otherwise fail(?:s|ed|ing|ure|ures)? lack(?:s|ed|ing)?"
        r" refus(?:es?|ed|ing|al) den(?:y|ied|ies|ying|ial) avoid(?:s|ed|ing)? prevent(?:s|ed|ing)? missed"
        r" missing declin(?:ed|es|ing) hardly barely scarcely rarely seldom little few fewer instead"
        r" rather_than far_from free_(?:of|from) silent secret stopped ceased? absen(?:t|ce)"
        r" stay(?:s|ed|ing)?_(?:away|the_same|out) forbidden forbid banned reject(?:s|ed)? ruled?_out rules_out"
        r" kept_from keep_from beyond yet_to too_\w+_to anything_but cancel\w* exempt excluded? excluding"
        r" neglect(?:ed|ing|s)? ignor(?:es?|ed|ing) doubt(?:s|ed|ful)? opposed"
        r" (?:run|runs|ran|running|fall|fell|fallen|is)_out_of out_of_the_question outside_of devoid offline"
        r" prohibit\w* stops? skip\w*"
    )
    .replace(" ", "|")
    .replace("_", " ")
    + r")\b",
    re.IGNORECASE,
)
_PREFIXED = re.compile(
    "|".join(
        (
            r"\bun(?!i(?![dmn])|der|til|less|cle|do\b)[a-z]{3,}\b|\b(?:im(?:possib|perfect|mature|moral|patien|probab|proper|mun)"
            r"|in(?:ability|adequa|capab|complet|consisten|correct|definit|effecti|efficien|eligib|sufficien|visib|valid)",
            r"in(?:appropria|secur|accura|justice|toleran|evitab|formal|experienc|action|finite|decent|dependen|equal)",
            r"insignificant|ir(?:relevan|regular|responsib|reversib)|il(?:legal|legitim|litera)",
            r"dis(?:agree|approv|satisf|courag|regard|miss|trust|order|appear|connect)|mis\w{4}|non-?\w{4})\w*\b",
            r"\b(?:\w{3,}less(?:ly)?|\w+-free)\b",
        )
    ),
    re.IGNORECASE,
)
_SOURCE_PREFIXED = re.compile(
    "|".join(
        (
            r"\b(?:des(?!de\b|pu[eé]s|arroll|tin|tac|e[ao]|cri|cu[be]|cen|pach|pe|pid|pla|gast|fil|ayun)|dis(?:capac|conform|contin|gust)",
            r"in(?:h[aá]b|ad|cap|comp|cons|corr|def|efi|efe|sufi|vis|v[aá]lid|apro|seg|just|toler|evit|formal)",
            r"in(?:exp|acc|fin|dec|dep|desig|ig|us|espe|sig|ne)|im(?:pos|perf|mad|mor|pacien|prob|prop|pun|prev)",
            r"ir(?:rel|reg|resp|rev|real)|il(?:eg|[ií]c))\w*",
        )
    ),
    re.IGNORECASE,
)
_EMPTY_ENGLISH = re.compile(
    r"\bnot (?:only|just|merely|simply)\b|\bno doubt\b|\bnot until\b|\bno matter\b|\bwhether or not\b|\bor not\b"
    r"|\bno\.? \d",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def denials(text: str, lang: str) -> tuple[float, ...]:
    """Return where a text surely denies something, as shares of its length: one place a denial."""
    lang = lang if lang in _DENIERS else "es"
    # what denies nothing is blanked, so that places stay
    plain = _NO_DENIAL.sub(lambda m: " " * len(m[0]), text)
    places: list[float] = []
    before = ""
    open_for = 0  # words for which a denial still governs what follows
    denied = False  # whether the clause denies already
    tokens = list(_TOKEN.finditer(plain))
    for number, token in enumerate(tokens):
        word = token[0].lower()
        if not word[0].isalpha():
            # a comma may only hold a remark: "no tiene, según ellos, ningún derecho"
            open_for = open_for - 2 if word == "," else 0
            denied = denied and word == ","
            continue
        at = token.start() / max(1, len(text))
        if word in _HEADS[lang] or (word in _WITHOUT[lang] and (token[0] != word.upper() or text.isupper())):  # SIN
            places.append(at)
            open_for, denied = 12, True
        elif word in _NOR[lang]:
            if not denied and _again(word, tokens[number + 1 :]):
                places.append(at)
                denied = True
            open_for = 12
        elif word in _DENIERS[lang]:
            if open_for <= 0 or before in _JOINS:  # no dijo nada y nunca volvió
                places.append(at)
            open_for, denied = max(open_for, 10), True
        open_for -= 1
        before = word
    return tuple(places)


def _again(word: str, following: Sequence[re.Match[str]]) -> bool:
    """Return whether "ni" opens a denial of its own: ni el uno ni el otro, ni siquiera él."""
    for token in following:
        if not (token[0][0].isalpha() or token[0] == ","):
            return False
        if token[0].lower() in (word, "siquiera"):
            return True
    return False


def lost_negation(source: str, translation: str, lang: str = "es") -> bool:
    """Return whether the translation denies less often than the sentence.

    Words that only imply a denial ("fails", "unable", "few") answer for one that stands at about their place.
    """
    wanted = list(denials(source, lang))
    said = len(_ENGLISH.findall(_EMPTY_ENGLISH.sub(" ", translation)))
    if said >= len(wanted):
        return False
    length = max(1, len(translation))
    near = [m.start() / length for m in _IMPLIED.finditer(translation)]
    prefixed = [m.start() / length for m in _PREFIXED.finditer(translation)]
    spare = len(prefixed) - len(_SOURCE_PREFIXED.findall(source))
    near += prefixed if spare > 0 else []
    implied = sum(1 for at in near if any(abs(at - w) < _NEAR for w in wanted))
    return said + implied < len(wanted)

"""Page furniture: lines that stand on a page beside the article, told by their words alone (Spanish, English, Catalan).

Only whole lines are judged, and most patterns are tied to short lines or to an imperative at the start of one, so that
an article *about* newsletters or comments keeps its sentences. Furniture that has no such words is learnt per source:
a paragraph that stands on several other pages of an outlet is no part of any article (`learn_furniture`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

MIN_PAGES = 3
_LEARNT_AT_THE_END = 45  # words; what is longer is background or a wire text, not an invitation to subscribe
_LEARNT_ANYWHERE = 12  # words; a longer learnt line goes only at the head or the tail: background paragraphs repeat too
_WORD = re.compile(r"\w+")

_REFERENCE = re.compile(
    r"""^[\W_]*(?:
      (?:lea|lee|leer|vea|ve|ver|mira|mire|mirá|leé|llegeix|leia)\s+(?:también|tambien|tamb[eé]m?|tamén|además|més|más
      |mas|aquí)\b
    | (?:lea|lee|leer|vea|ver|mira|mire|video|vídeo|en\s+video|galer[ií]a)\s*[:|»>]
    | (?:también|tambien|además)\s+(?:puedes?|te\s+puede|le\s+puede|lea|lee|vea|mira)\b.{0,20}(?:interesar|leer
      |ver|:)
    | (?:te|le|les|quiz[áa]s?\s+te)\s+(?:puede[n]?|podr[ií]a[n]?)\s+(?:interesar|gustar|importar)\b
    | puedes?\s+(?:ver|leer|escuchar|consultar)\s*(?:también|más|aquí)?\s*:
    | (?:te|le|les)\s+(?:recomendamos|sugerimos|invitamos\s+a\s+leer)\b
    | (?:contenidos?|noticias?|notas?|temas?|art[ií]culos?|enlaces?|v[ií]deos?)\s+
        (?:relacionad[oa]s?|recomendad[oa]s?|destacad[oa]s?)\b
    | m[aá]s\s+(?:informaci[oó]n|noticias|sobre|en|de)\s*[:|»>]
    | (?:see\s+also|read\s+(?:more|also|next|this)|also\s+read|related(?:\s+(?:stories|articles|content|coverage))?
        |more\s+on\s+this|watch(?:\s+live)?|recommended|up\s+next|don['’]t\s+miss|further\s+reading)\s*[:|»>]
    | flashback\s*:
    | (?:escuch[ae]|escuchar|listen\s+to)\s+(?:esta|este|la|el|this)\s+(?:nota|noticia|art[ií]culo|audio
      |article|story)\b
    | (?:publicado|actualizado|escrito\s+por|redactado\s+por|published|updated|last\s+updated|posted)\s*(?:by|on|el|:)
    | [—–-]\s.{2,60}\(@\w+\)
    )""",
    re.I | re.X,
)
_REFERENCE_ALONE = re.compile(
    r"""^[\W_]*(?:te\s+puede\s+interesar|le\s+puede\s+interesar|lea\s+m[aá]s|leer\s+m[aá]s|ver\s+m[aá]s|seguir\s+leyendo
    |m[aá]s\s+informaci[oó]n|m[aá]s\s+noticias|lo\s+m[aá]s\s+(?:le[ií]do|visto|nuevo)|[uú]ltimas\s+noticias
      |relacionad[oa]s?
    |temas(?:\s+de\s+esta\s+nota)?|etiquetas|archivado\s+en|tags?|topics?|keywords|palabras\s+clave|categor[ií]as?
    |filed\s+under|related(?:\s+(?:stories|articles|content|coverage|news|posts))?|read\s+more|see\s+more
      |more\s+stories|most\s+(?:read|popular)|trending(?:\s+now)?
    |recommended(?:\s+(?:stories|for\s+you))?|top\s+stories|latest\s+news|you\s+may\s+also\s+like
      |editor['’]?s['’]?\s+picks
    |more\s+in\s+\w+|more\s+from\s+[\w ]{2,30})[\W_]*$""",
    re.I | re.X,
)
_LABELLED_LIST = re.compile(
    r"^[\W_]*(?:temas|etiquetas|tags?|topics|keywords|palabras clave|archivado en|filed under|categor[ií]as?)\s*:", re.I
)
_CREDIT = re.compile(
    r"^[\W_]*(?:foto(?:graf[ií]a)?s?|fotos?\s+de\s+archivo|photos?|imagen|image|cr[eé]ditos?(?:\s+de\s+\w+)?|credits?"
    r"|cortes[ií]a|courtesy|captura\s+de\s+(?:pantalla|v[ií]deo)|ilustraci[oó]n|infograf[ií]a)"
    r"\s*(?:[:/|]|by\b|courtesy\b|cortes[ií]a\b|referencial\b).{0,90}$|^[\W_]*(?:credits?|cr[eé]ditos?)\W*$",
    re.I,
)
_CALL = re.compile(
    r"""(?:^|[.!?¡¿:]\s*)[\W_]*(?:
      suscr[ií]b(?:ase|ete|i?rse|irte|ete)\b | suscribete\b | subscribe(?:\s+(?:now|today|here|to))\b
      | hazte\s+(?:socio|socia|miembro|suscriptor|premium)
    | [uú]nete\s+(?:a|al)\s | s[ií]guenos\b | s[ií]ganos\b | seguinos\b
      | sigue\s+(?:nuestr|toda\s+la|a\s+\w+\s+en\s+(?:facebook|twitter|x|google))
    | join\s+(?:our|the\s+conversation|us\s+on) | sign\s+up\s+(?:for|to|now|here) | follow\s+us\b | like\s+us\s+on
    | (?:descarg(?:a|ue)|desc[aá]rgate|baj[ae])\s+(?:gratis\s+)?(?:la|nuestra)\s+(?:app|aplicaci[oó]n)
      | download\s+(?:the|our)\b.{0,30}\bapp
    | (?:haz|hac[eé]|haga|pincha|pulsa)\s*(?:clic|click)?\s+(?:aqu[ií]|en\s+este\s+enlace)
      | click\s+(?:here|on\s+this)\b | tap\s+here\b
    | recib[ea]\s+(?:en\s+tu|las?\s+(?:[uú]ltimas\s+)?noticias|nuestr) | reg[ií]strate\b
      | inicia(?:r)?\s+sesi[oó]n\b | log\s*in\b | sign\s+in\b
    | get\s+(?:our|the\s+latest|breaking)\b.{0,60}(?:inbox|newsletter|alerts?)
      | support\s+(?:our|independent)\s+journalism
    | ap[oó]ya(?:nos)?\b.{0,30}(?:periodismo|nuestro\s+trabajo) | (?:haz\s+tu\s+)?donaci[oó]n\b | donate\b
    | compart[ei](?:r|lo|la)?\s+(?:esta|este|en|con|el|la)\b.{0,40}$ | share\s+(?:this|on|via)\b
    | submit\s+your\s+(?:letter|story|tip) | send\s+(?:us\s+)?(?:your\s+)?tips\s+to\b
      | we\s+want\s+to\s+hear\s+(?:from\s+you|what\s+you\s+think)
    | to\s+(?:view|read|continue\s+reading)\s+(?:the\s+)?(?:full|this|rest)\b.{0,60}\b(?:subscri|sign|log|regist)
    | para\s+(?:seguir|continuar)\s+leyendo\b | contin[uú]a\s+leyendo\b | a[uú]n\s+no\s+eres\s+suscriptor
      | ya\s+eres\s+suscriptor | ¿ya\s+eres\s+(?:socio|suscriptor)
    | already\s+a\s+(?:subscriber|member) | contenido\s+exclusivo\s+para | accede\s+a\s+todo\b
      | m[ií]ra\s+lo\s+que\s+tiene\s+nuestro
    )""",
    re.I | re.X,
)
_CALL_INSIDE = re.compile(
    r"""(?:canal|grupo|comunidad)\s+de\s+(?:whatsapp|telegram|youtube) | whatsapp\s+channel
      | nuestr[oa]s?\s+(?:newsletter|bolet[ií]n|redes\s+sociales)
    | (?:our|free|daily|weekly)\s+newsletter | s[oó]lo\s+para\s+suscriptores
      | suscripci[oó]n\s+se\s+est[aá]\s+usando | eres\s+suscriptor | a[ñn]adir\s+otro\s+usuario
    | apps?\s+for\s+ios\s+and\s+android | already\s+a\s+subscriber | first-time\s+subscribers
      | (?:our|eNATION)\s+.{0,12}edition\s+for\s+the\s+full
    | cli[ck]k?\s+(?:aqu[ií]|here)\b | you\s+can\s+log\s+in\b | m[aá]s\s+contenido\s+como\s+este
      | beneficios\s+exclusivos
      | cancela\s+cuando\s+quieras | cancel\s+any\s?time""",
    re.I | re.X,
)
_INTERFACE = re.compile(
    r"""^[\W_]*(?:
      attach\s+product | (?:en\s+)?(?:directo|vivo) | live(?:\s+updates)? | [uú]ltima\s+hora
      | breaking(?:\s+news)? | you\s+have\s+a\s+new\s+feedback\s+message | cancel(?:ar)? | close | cerrar | aceptar
      | accept | submit | enviar | ok
    | loading | cargando | menu | men[uú] | search | buscar | skip\s+(?:to\s+content|ad(?:vertisement)?)
      | saltar\s+al\s+contenido
    | publicidad | anuncios? | advertisement | advertising | ad | patrocinado | sponsored(?:\s+content)?
      | story\s+continues(?:\s+below.*)?
    | (?:article|continue\s+reading)\s+(?:continues\s+)?below.* | compartir | comp[aá]rtelo | share | tweet
      | tuitear | print | imprimir | e-?mail
    | copiar\s+(?:enlace|link) | copy\s+link | link\s+copied.* | guardar | save | escuchar | listen
      | reproducir | play | pause | facebook | twitter
    | whatsapp | telegram | linkedin | instagram | youtube | flecha | next | previous | siguiente | anterior
      | volver(?:\s+arriba)? | back\s+to\s+top
    | (?:\d+\s*)?(?:comentarios?|comments?)
      | (?:deja|dejar|escribe|a[ñn]ade|publica)\s+(?:un|tu)\s+comentario | leave\s+a\s+(?:comment|reply)
    | (?:ver|mostrar|cargar|show|view|load)\s+(?:m[aá]s\s+|more\s+|all\s+)?(?:comentarios|comments)
      | add\s+a\s+comment | suscr[ií]bete | subscribe
    | seguir | follow | newsletter | bolet[ií]n | sobre\s+el\s+autor | about\s+the\s+author | ver\s+perfil
      | read\s+more | view\s+all | ver\s+todo
    | esta\s+funcionalidad\s+es\s+s[oó]lo\s+para\s+suscriptores | our\s+standards:.*
      | \d{1,2}\s*(?:°\s*c?|grados)\b,?\s+sensaci[oó]n.*
      | (?:\d+\s+)?(?:min(?:utos?)?\s+(?:de\s+lectura|read))
    | (?:©|copyright|\(c\)).*
      | .{0,60}(?:all\s+rights\s+reserved|(?:todos\s+los\s+)?derechos\s+reservados|prohibida\s+(?:la
      |su)\s+reproducci[oó]n).{0,80}
    )[\W_]*$""",
    re.I | re.X,
)
_AGO = (
    r"(?:(?:hace|fa)\s+)?(?:\d+|un[ao]?|an?)\s*(?:min(?:ut[oe]?s?)?s?|h(?:(?:ou)?rs?|oras?)?|days?|d[ií]as?"
    r"|w(?:ee)?ks?|semanas?|mo(?:nth)?s?|mes(?:es)?|years?|yrs?|a[ñn]os?)"
)
_RELATIVE_DATE = re.compile(
    rf"^[\W_]*(?:{_AGO}\s+ago|(?:hace|fa)\s+{_AGO}|(?:updated|actualizado)\s+{_AGO}(?:\s+ago)?|yesterday|ayer|just\s+now)[\W_]*$",
    re.I,
)
_TITLE_AGO = re.compile(rf"\s*[-–—|·•]\s*(?:{_AGO}\s+ago|hace\s+{_AGO})\s*$", re.I)
_ABOUT_AUTHOR = re.compile(
    r"""^(?:es\s+)?(?:periodista|licenciad[oa]|graduad[oa]|comunicador[a]?|corresponsal|redactor[a]?|egresad[oa])\b.{0,20}[.,:;(]
    | \b(?:follow|s[ií]gue(?:l[oa])?|puedes\s+seguir)\b.{1,40}\b(?:on|en)\s+(?:twitter|x|instagram|facebook|bluesky)\b
    | @\w+\W*$ | \b(?:send\s+tips\s+to|email\s+(?:him|her|them)\s+at)\b
    | \bis\s+(?:an?|the)\s+(?:[\w-]+\s+){0,5}(?:reporter|writer|editor|correspondent|journalist|columnist
      |contributor|author|consultant)\b.{0,80}\b(?:for|at|with|of|who|based|covering|&)\b""",
    re.I | re.X,
)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case and composed form: what two wordings are compared by."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def paragraph_hash(paragraph: str) -> str:
    """Return 16 hex digits for the words of a paragraph; case, spacing and punctuation do not matter."""
    return hashlib.sha256(" ".join(words_of(paragraph)).encode("utf-8", "replace")).hexdigest()[:16]


def learn_furniture(counts: Mapping[str, int], min_pages: int = MIN_PAGES) -> frozenset[str]:
    """Return the hashes that stand on at least ``min_pages`` pages of a source.

    ``counts``: paragraph hash to the number of *different* pages of one source whose ``paragraph_hashes`` hold it.
    """
    return frozenset(h for h, pages in counts.items() if pages >= min_pages)


def is_furniture(line: str) -> bool:
    """Whether ``line`` is furniture by its words, wherever it stands."""
    count = len(words_of(line))
    if count == 0 or not any(c.isalpha() for c in line):
        return True  # rules, counters, bullets
    if count <= 12 and (_INTERFACE.match(line) or _RELATIVE_DATE.match(line) or _REFERENCE_ALONE.match(line)):
        return True
    if count <= 40 and (_REFERENCE.match(line) or _LABELLED_LIST.match(line)):
        return True
    if count <= 16 and _CREDIT.match(line):
        return True
    return (count <= 45 and bool(_CALL.search(line) if count <= 30 else None)) or (
        count <= 45 and bool(_CALL_INSIDE.search(line))
    )


def is_about_author(line: str) -> bool:
    """Whether ``line`` reads like the author's note below an article; meaningful for the last paragraphs only."""
    return len(words_of(line)) <= 100 and bool(_ABOUT_AUTHOR.search(line))


_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d\d)?\d\d\b|\b(?:19|20)\d\d\b")
_AGENCY = re.compile(
    r"\b(?:EFE|AFP|AP|Reuters|Europa\s*Press|ANSA|DPA|Xinhua|Prensa\s+Latina|Associated\s+Press|AVN|T[ée]lam|ACN|CNN)\b"
)
_BYLINE = re.compile(r"^[\W_]*(?:por|by|redacci[oó]n|agencia|texto|de\s+nuestr[oa])\b", re.I)


def is_above_text(line: str, names: Iterable[str]) -> bool:
    """Whether a line above the first paragraph is a kicker, a byline or a dateline and not a sentence.

    A byline that names a news agency is none of them here: it says whose text this is, and copies are told by it.
    ``names``: authors, section and site, in any case. Meaningful only before the text proper begins.
    """
    words = words_of(line)
    if (
        not words
        or len(words) > 12
        or _AGENCY.search(line)
        or line.rstrip().endswith((".", "!", "?", "…", "»", "”", '"', ":"))
    ):
        return False
    if len(words) <= 3 or _BYLINE.match(line):
        return True
    flat = f" {' '.join(words)} "
    named = any(f" {' '.join(words_of(name))} " in flat for name in names if words_of(name))
    return len(words) <= 10 and (named or bool(_CLOCK.search(line)))


def strip_relative_date(title: str) -> str:
    """Return ``title`` without a trailing " - 3wks ago" or " | hace 2 horas"."""
    return _TITLE_AGO.sub("", title)


def drop_learnt(paragraphs: Sequence[str], learnt: Iterable[str]) -> list[str]:
    """Return ``paragraphs`` without those whose hash is in ``learnt``.

    Short ones go anywhere, longer ones only in the unbroken run at the tail, and long ones nowhere: a lead or a
    paragraph of background may honestly stand in many articles of an outlet.
    """
    known = frozenset(learnt)
    if not known:
        return list(paragraphs)
    repeated = [paragraph_hash(p) in known for p in paragraphs]
    last = next((i for i in range(len(paragraphs) - 1, -1, -1) if not repeated[i]), -1)
    return [
        p
        for i, p in enumerate(paragraphs)
        if not repeated[i]
        or len(words_of(p)) > _LEARNT_AT_THE_END
        or (i < last and len(words_of(p)) > _LEARNT_ANYWHERE)
    ]

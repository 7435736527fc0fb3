"""Tell a walled page from an article: what stands before a paywall or a login is a teaser, not the text."""

from __future__ import annotations

import re

TEASER_WORDS = 120
"""A text with fewer words may be a teaser; a longer one is kept whatever the page says of subscriptions."""

_WALL = re.compile(
    r"""\b(?:
      (?:para|si\s+quieres)\s+(?:seguir|continuar)\s+leyendo
    | (?:hazte|h[aá]gase)\s+(?:suscriptor|socio|miembro)
    | (?:contenido|art[ií]culo|noticia)\s+(?:exclusiv[oa]\s+|s[oó]lo\s+)*para\s+(?:suscriptores|socios|abonados)
    | suscr[ií]b(?:ete|ase)\s+para\s+(?:leer|seguir|continuar)
    | per\s+(?:seguir|continuar)\s+llegint
    | (?:subscribe|sign\s+in|log\s+in|register)\s+to\s+(?:continue|keep|read)
    | to\s+(?:continue|keep)\s+reading\b
    | (?:this\s+(?:article|content|story)\s+is\s+)?(?:only\s+)?(?:for|exclusive\s+to)\s+subscribers
    )""",
    re.I | re.X,
)


def wall_in(text: str, shown: str, declared: bool) -> str | None:
    """Return why ``text`` is a teaser, or None.

    ``shown``: what the page shows around and in it, the invitation to subscribe included. ``declared``: the page says
    of itself that it is not free to read.
    """
    if len(text.split()) >= TEASER_WORDS:
        return None
    # Its word alone does not count: agencies say so of every page, briefs that are whole included
    if declared and text.rstrip().endswith(("…", "...", "[...]", "[…]")):
        return "cut short on a page that says that it is not free to read"
    found = _WALL.search(shown)
    return f"a wall: {' '.join(found[0].split())!r}" if found else None

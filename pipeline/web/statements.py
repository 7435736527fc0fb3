"""The SQL behind the pages: files of ``storage/sql/page`` with optional lines, and the same text as people can run it.

A line that ends in ``-- if NAME`` stands only where a value for NAME is given. What is executed binds its ``$names``;
what is shown has them written in as literals, so that it runs as it stands in any DuckDB client. A tuple stands in
``IN ($names)``; each of its values is bound by itself, so that an index on the column is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from storage import db

Value = str | int | None | tuple[str, ...]
_OPTIONAL = re.compile(r"^(?P<line>.*?)\s*-- if (?P<name>[a-z_]+)$", re.M)
_NAME = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it is executed (``sql`` with ``params``) and as it is shown (``text``), with its question."""

    name: str
    question: str
    sql: str
    params: Mapping[str, str | int | None]
    text: str


@cache
def _file(name: str) -> str:
    return db.sql_file("page", f"{name}.sql").strip()


def statement(name: str, params: Mapping[str, Value]) -> Statement:
    """Return ``storage/sql/page/NAME.sql`` for ``params``; those that are None leave out their optional lines.

    Raises KeyError where the statement names a parameter that is not given.
    """

    def chosen(found: re.Match[str]) -> str:
        return found["line"] if params.get(found["name"]) is not None else "--"

    whole = _OPTIONAL.sub(chosen, _file(name))
    sql = "\n".join(line for line in whole.splitlines() if line != "--")
    sql = re.sub(r"WHERE true\n *AND ", "WHERE ", sql)
    sql = re.sub(r"\n *WHERE true(?=\n)", "", sql)
    named = {found: params[found] for found in dict.fromkeys(_NAME.findall(sql))}
    question = sql.splitlines()[0].removeprefix("-- ")
    shown = _NAME.sub(lambda found: _literal(named[found[1]]), sql)
    for key, value in named.items():
        if isinstance(value, tuple):
            sql = re.sub(rf"\${key}\b", ", ".join(f"${key}_{n}" for n in range(len(value))) or "NULL", sql)
    bound: dict[str, str | int | None] = {}
    for key, value in named.items():
        bound |= {f"{key}_{n}": v for n, v in enumerate(value)} if isinstance(value, tuple) else {key: value}
    return Statement(name, question, sql, bound, shown)


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_literal, value)) or "NULL"
    return "NULL" if value is None else db.quoted(value) if isinstance(value, str) else str(value)

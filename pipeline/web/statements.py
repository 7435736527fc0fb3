"""The SQL behind the pages: files of ``storage/sql/page`` with optional lines, and the same text as people can run it.

A line that ends in ``-- if NAME`` stands only where a value for NAME is given. What is executed binds its ``$names``;
what is shown has them written in as literals, so that it runs as it stands in any DuckDB client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from storage import db

Value = str | int | None
_OPTIONAL = re.compile(r"^(?P<line>.*?)\s*-- if (?P<name>[a-z_]+)$", re.M)
_NAME = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it is executed (``sql`` with ``params``) and as it is shown (``text``), with its question."""

    name: str
    question: str
    sql: str
    params: Mapping[str, Value]
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
    bound = {found: params[found] for found in dict.fromkeys(_NAME.findall(sql))}
    question = sql.splitlines()[0].removeprefix("-- ")
    return Statement(name, question, sql, bound, _NAME.sub(lambda found: _literal(bound[found[1]]), sql))


def _literal(value: Value) -> str:
    return "NULL" if value is None else db.quoted(value) if isinstance(value, str) else str(value)

"""Print rows as a table, JSON or CSV. Rows are never capped."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

FORMATS = ("table", "json", "csv")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BEFORE_FORMULA = "".join(
    c for c in map(chr, range(0x3001)) if (c.isspace() or not c.isprintable()) and c not in "\t\r\n"
)
_READABLE = 16
_WHOLE = 24
# A title or a query's cell may hold bytes that a terminal takes for commands.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def write_rows(
    columns: Sequence[str], rows: Iterable[Sequence[object]], format: str, out: TextIO, console: Console
) -> None:
    """Write a result as its rows come. JSON is one array of objects on one line; CSV has a header and neutral cells.

    A table whose columns the console has no room for is written row by row, a line for each column.
    """
    if format == "json":
        names = distinct(columns)
        out.write("[")
        for number, row in enumerate(rows):
            one = dict(zip(names, map(plain, row), strict=True))
            out.write((", " if number else "") + json.dumps(one, ensure_ascii=False, allow_nan=False))
        out.write("]\n")
    elif format == "csv":
        writer = csv.writer(out)
        writer.writerow([neutral(c) for c in columns])
        writer.writerows([neutral(cell) for cell in row] for row in rows)
    else:
        cells = [[text_cell(cell) for cell in row] for row in rows]
        _print_table([text_cell(c) for c in columns], cells, console)
        console.print(counted(len(cells), "row"))


def _print_table(columns: Sequence[Text], cells: Sequence[Sequence[Text]], console: Console) -> None:
    from rich.table import Table

    if cells and _room(columns, cells) > console.width:
        for number, row in enumerate(cells, 1):
            console.print(f"-- row {number} --", style="dim", highlight=False)
            one = Table.grid(padding=(0, 2, 0, 0))
            one.add_column(no_wrap=True)
            one.add_column(overflow="fold")
            for column, cell in zip(columns, row, strict=True):
                one.add_row(column, cell)
            console.print(one)
        return
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*row)
    console.print(table)


def _room(columns: Sequence[Text], cells: Sequence[Sequence[Text]]) -> int:
    """Return the width below which a table cannot be read: names and ids whole, texts in pieces of a few words."""
    room = 1
    for number, column in enumerate(columns):
        texts = [row[number] for row in cells]
        widest = max((t.cell_len for t in texts), default=0)
        word = max((len(w) for t in texts for w in t.plain.split()), default=0)
        room += 3 + max(column.cell_len, min(widest, _READABLE), min(word, _WHOLE))
    return room


def distinct(columns: Sequence[str]) -> list[str]:
    """Return the names with ``_2``, ``_3`` … behind those that stood before, so that an object keeps every column."""
    names: list[str] = []
    for column in columns:
        name, count = column, 1
        while name in names:
            count += 1
            name = f"{column}_{count}"
        names.append(name)
    return names


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 row, 2 rows, 3 entries."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def plain(value: object) -> object:
    """Return a value that JSON knows: records become objects, decimals floats, NaN and infinity null."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def shown(value: object) -> str:
    """Return a cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(shown, value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S%z}"
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(value))


def text_cell(value: object) -> Text:
    """Return a cell of a table as plain text: brackets are no markup, control characters no commands."""
    from rich.text import Text

    return Text(shown(value))


def neutral(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping):
        text = json.dumps(plain(value), ensure_ascii=False)
    elif isinstance(value, list | tuple):
        text = "; ".join(str(plain(v)) for v in value)
    else:
        text = "" if value is None else str(plain(value))
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # which readers of CSV take for the end, or refuse
    return f"'{text}" if text.lstrip(_BEFORE_FORMULA).startswith(_FORMULA_STARTS) else text

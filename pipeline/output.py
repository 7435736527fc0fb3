"""Print rows as a table, JSON or CSV. Rows are never capped."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("table", "json", "csv")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_rows(
    columns: Sequence[str], rows: Sequence[Sequence[object]], format: str, out: TextIO, console: Console
) -> None:
    """Write a result. JSON is one array of objects; CSV has a header and neutral cells."""
    if format == "json":
        objects = [dict(zip(columns, map(plain, row), strict=True)) for row in rows]
        out.write(json.dumps(objects, ensure_ascii=False) + "\n")
    elif format == "csv":
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([neutral(cell) for cell in row] for row in rows)
    else:
        from rich.table import Table

        table = Table()
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(shown(cell) for cell in row))
        console.print(table, markup=False)
        console.print(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")


def plain(value: object) -> object:
    """Return a value that JSON knows."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def shown(value: object) -> str:
    """Return a cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(map(shown, value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S%z}"
    return str(value).replace("[", r"\[")


def neutral(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    text = "" if value is None else "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(plain(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text

"""Command line of the evaluation harness."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from pathlib import Path

import tests.eval
from tests.eval import Scores


def task_names() -> list[str]:
    """Return the modules of this package that are tasks."""
    return sorted(m.name for m in pkgutil.iter_modules(tests.eval.__path__) if not m.name.startswith(("_", "test_")))


def show(scores: Scores) -> None:
    """Print the scores as a table (columns of the task, or one name and value a line)."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table()
    for column in scores.columns or ("measure", "value"):
        table.add_column(column)
    rows = scores.rows or tuple((k, f"{v:.4f}" if isinstance(v, float) else str(v)) for k, v in scores.flat.items())
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for note in scores.notes:
        console.print(note)


def main() -> int:
    """Run one task; return 0, or 2 when the task or a path does not exist."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=tests.eval.__doc__)
    parser.add_argument("task", choices=task_names())
    parser.add_argument("path", type=Path, nargs="+", help="a folder or file in the format of the shared corpora")
    parser.add_argument("--json", action="store_true", help="one flat JSON object, last on standard output")
    args = parser.parse_args()
    for path in args.path:
        if not path.exists():
            print(f"{path}: no such file or folder", file=sys.stderr)
            return 2
    scores = importlib.import_module(f"tests.eval.{args.task}").evaluate(args.path)
    show(scores)
    if args.json:
        print(json.dumps(scores.flat, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

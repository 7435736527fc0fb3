"""What a view gives: a template with what it shows, or a plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A page to be written: the template and its values. ``title`` is for the window."""

    template: str
    title: str
    values: Mapping[str, object]
    status: int = 200


PAGE_SIZE = 40


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page of a list stands: from 1, of ``pages``."""

    page: int
    pages: int
    total: int


def paging(page: int, total: int, size: int = PAGE_SIZE) -> Paging:
    """Return the paging of a list of ``total`` things."""
    return Paging(page, max(1, -(-total // size)), total)

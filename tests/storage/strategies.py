"""Random records, built from the column types, so that a new record type is covered without another line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from hypothesis import strategies as st

from storage.records import Record
from storage.schema import columns

# No lone surrogates and no NUL: they are replaced on the way in.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
KEYS = st.text(alphabet="abé", min_size=1, max_size=2)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda t: t.replace(fold=0)
)

_BY_TYPE: dict[str, st.SearchStrategy[object]] = {
    "VARCHAR": TEXT,
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False),
    "BOOLEAN": st.booleans(),
    "DATE": st.dates(),
    "TIMESTAMPTZ": TIMES,
    "VARCHAR[]": st.lists(TEXT, max_size=3).map(tuple),
    "BIGINT[]": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3).map(tuple),
    "SMALLINT[]": st.lists(st.integers(-(2**15), 2**15 - 1), max_size=3).map(tuple),
}


def records(record_type: type[Record]) -> st.SearchStrategy[Record]:
    """Return random records of one type; keys come from a small set, so that they meet."""
    fields = {}
    for c in columns(record_type):
        strategy = _BY_TYPE[c.sql_type]
        if c.name in record_type.KEY:
            strategy = KEYS
        fields[c.name] = st.none() | strategy if c.nullable else strategy
    return cast("st.SearchStrategy[Record]", st.builds(record_type, **fields))

"""The errors of the storage layer. Each message says what is wrong and what to do about it."""

from __future__ import annotations


class StorageError(Exception):
    """The warehouse or a file beside it cannot be used as asked."""


class LockBusy(StorageError):
    """Another process is writing to this home."""

    reason = "lock_busy"


class WriteConflict(StorageError):
    """Another writer of the same lake changed the same rows first; doing the work again is right."""


class NewerDatabase(StorageError):
    """The database was written by a newer version of Atalaya than this one."""


class QueryError(StorageError):
    """A read-only query was refused, failed or took too long."""


class SearchError(StorageError):
    """A search that was not understood, or cannot be answered; the message says what to do."""


class SearchMistake(SearchError):
    """A search that cannot be understood or names what is not there: to be asked otherwise."""

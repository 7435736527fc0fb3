"""After an update of Atalaya: the snapshot of the version before is written anew by whatever needs it first."""

from __future__ import annotations

from pipeline.runs import publish_snapshot
from pipeline.settings import Settings
from storage.backend import backend_at
from storage.edition import OTHER_EDITION, is_outdated
from storage.errors import StorageError


def renew_snapshot(settings: Settings) -> str:
    """Publish anew where the snapshot is of another version of Atalaya; return what to tell, nothing where it is not.

    Where that cannot be done now (a lock, no right to write, a copy without its warehouse) the snapshot stays as it is.
    """
    if not is_outdated(settings.home):
        return ""
    try:
        if not backend_at(settings.home, settings.store.url).exists():
            return f"{OTHER_EDITION} There is no warehouse beside it to write it from."
        publish_snapshot(settings)
    except StorageError as error:
        return f"{OTHER_EDITION} It cannot be done now: {error}"
    return "The snapshot was of another version of Atalaya and has been written anew."

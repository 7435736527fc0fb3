"""What the commands share: options, the console, errors in words, the wall between fiction and news."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.settings import Settings
    from pipeline.sources import Catalogue

Home = Annotated[Path | None, typer.Option("--home", help="Folder of all that a run writes (default: data).")]
Config = Annotated[Path | None, typer.Option("--config", help="Folder of settings, sources, topics of your own.")]
Only = Annotated[list[str] | None, typer.Option("--source", help="Only this source (may be repeated).")]
Country = Annotated[list[str] | None, typer.Option("--country", help="Only this country (may be repeated): VE, ES …")]
Private = Annotated[
    bool, typer.Option("--allow-private-network", help="Allow addresses of this machine and its network.")
]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON, last on standard output.")]


def console(stderr: bool = False) -> Console:
    """Return a console that does not cut lines where no terminal sets a width."""
    from rich.console import Console

    found = Console(stderr=stderr)
    return found if found.is_terminal else Console(stderr=stderr, width=160, no_color=True)


STOPPED = "Stopped. What was loaded is kept; the next run goes on from there."
_HEARD_WITHIN_S = 1.0


@contextmanager
def errors_in_words(stopped: str = STOPPED) -> Iterator[None]:
    """Turn the errors that a user can mend into one clear line and an exit status: 2 for usage, 1 otherwise.

    ``stopped`` is what to say after Ctrl-C (130).
    """
    from pipeline.settings import SettingsError
    from storage.advice import MENDABLE, in_words
    from storage.errors import SearchMistake, StorageError

    try:
        yield
    except (SettingsError, SearchMistake) as error:
        fail(str(error), 2)
    except StorageError as error:
        fail(str(error), 1)
    except OSError as error:
        if error.errno not in MENDABLE:
            raise
        fail(str(in_words(f"write {error.filename or 'to the disk'}", error)), 1)
    except ValueError as error:
        # declarations of sources, topics, beats and agencies raise their own kinds of ValueError
        if type(error) is ValueError:
            raise
        fail(str(error), 2)
    except KeyboardInterrupt:
        fail(stopped, 130)


def fail(words: str, status: int) -> None:
    """Print an error and end the program."""
    console(stderr=True).print(f"atalaya: {words}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(status)


def end_at_once(words: str, status: int = 1) -> None:
    """Print an error and end the process, whatever its other threads are at: they hold nothing but what they read."""
    sys.stderr.write(f"atalaya: {words}\n")
    sys.stderr.flush()
    os._exit(status)


@contextmanager
def reading_ends_with_ctrl_c() -> Iterator[None]:
    """Turn errors into words, and let Ctrl-C end a command that only reads, at the latest a second later.

    Python hears an interrupt between two steps of its own: within one long call of the database it would wait for the
    end of that call. The system's handler writes a byte at once; a thread waits for it.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    done = threading.Event()

    def watch() -> None:
        with os.fdopen(reader, "rb", buffering=0) as signals:
            if signal.SIGINT in signals.read(1) and not done.wait(_HEARD_WITHIN_S):
                end_at_once("Stopped.", 130)

    threading.Thread(target=watch, daemon=True).start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        with errors_in_words("Stopped."):
            yield
    finally:
        done.set()
        signal.set_wakeup_fd(before)
        os.close(writer)


def settings_of(home: Path | None, config: Path | None, *, allow_private: bool = False) -> Settings:
    """Return the settings that the options name."""
    from pipeline.settings import load_settings

    overrides: dict[str, object] = {"fetch": {"allow_private_network": True}} if allow_private else {}
    return load_settings(home, config, **overrides)


def settings_for(home: Path | None, config: Path | None) -> Settings:
    """Return the settings for work on what a home holds: a demo's is the newsroom's, with agencies of its own.

    Without them the same articles would come to other copies and stories. ``config`` goes before.
    """
    from pipeline.demo import CONFIG, holds_fiction

    settings = settings_of(home, config)
    return settings_of(home, CONFIG) if config is None and holds_fiction(settings.home) else settings


def refuse_fiction(settings: Settings, catalogue: Catalogue) -> None:
    """Keep real outlets out of a home of fictional ones. Raises SettingsError."""
    from pipeline.demo import holds_fiction
    from pipeline.settings import SettingsError

    if not any(s.fictional for s in catalogue.sources) and holds_fiction(settings.home):
        raise SettingsError(
            f"{settings.home} holds the fictional outlets of the demo; real news does not go beside them. "
            "Choose another folder with --home DIR."
        )

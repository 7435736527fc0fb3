"""Install Apertium by the system's package manager, where that is Debian's and this user may.

Nothing is installed behind anybody's back: on a terminal a person is asked, without one only root's own call does it
and says so, and ``ATALAYA_NO_APT=1`` forbids it.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.translate.apertium import apt_packages
from pipeline.translate.index import SetupError

_DEBIAN = Path("/etc/debian_version")
_UNPACK_S = 300.0  # never cut short: half an installation is worse than a wait
_OPTIONS = ("-y", "--no-install-recommends", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15",
            "-o", "Acquire::https::Timeout=15", "-o", "DPkg::Lock::Timeout=20")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether Apertium may be installed here: ``command`` says how, ``refusal`` why not (one of both is empty)."""

    packages: tuple[str, ...]
    command: str = ""
    refusal: str = ""
    ask: bool = False


def offer(languages: Sequence[str], *, terminal: bool, root: bool | None = None) -> Offer:
    """Return whether and how Apertium with the data for ``languages`` can be installed on this machine."""
    packages = tuple(dict.fromkeys(p for lang in languages for p in apt_packages(lang)))
    is_root = os.geteuid() == 0 if root is None else root
    by_hand = f"sudo apt install {' '.join(packages[1:])}"
    if not packages:
        return Offer((), refusal=f"Debian has no Apertium data for {', '.join(languages)}.")
    if os.environ.get("ATALAYA_NO_APT", "").strip() not in ("", "0"):
        return Offer(packages, refusal=f"ATALAYA_NO_APT forbids to install Apertium; by hand: {by_hand}")
    if not shutil.which("apt-get") or not _DEBIAN.exists():
        return Offer(packages, refusal="Apertium can be installed by itself on Debian and Ubuntu only.")
    if is_root:
        return Offer(packages, f"apt-get install {' '.join(packages)}", ask=terminal)
    if terminal and shutil.which("sudo"):
        return Offer(packages, f"sudo apt-get install {' '.join(packages)}", ask=True)
    return Offer(packages, refusal=f"This user may not install Apertium; an administrator may: {by_hand}")


def install(offered: Offer, seconds: float, run: Callable[[list[str], float], str] | None = None) -> None:
    """Download within ``seconds`` altogether, then install. Raises SetupError with the last words of ``apt-get``."""
    do = run or _run
    until = time.monotonic() + seconds
    get = ["sudo", "apt-get"] if offered.command.startswith("sudo ") else ["apt-get"]
    fetch = [*get, "install", "--download-only", *_OPTIONS, *offered.packages]
    try:
        do(fetch, until - time.monotonic())
    except SetupError:  # lists that were never fetched, or are old
        do([*get, "update", *_OPTIONS[2:]], max(1.0, until - time.monotonic()))
        do(fetch, max(1.0, until - time.monotonic()))
    do([*get, "install", "--no-download", *_OPTIONS, *offered.packages], _UNPACK_S)


def _run(words: list[str], seconds: float) -> str:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            words, capture_output=True, text=True, errors="replace", env=quiet, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{' '.join(words[:3])}: {error}") from error
    if done.returncode != 0:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("E:", "W:"))]
        raise SetupError(f"{' '.join(words[:3])} failed: {' '.join(last)[:300] or f'status {done.returncode}'}")
    return done.stdout


def ask_on_terminal(question: str, seconds: float | None) -> bool:
    """Ask yes or no on the terminal; no answer within ``seconds`` is a no."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if seconds is not None and not select.select([sys.stdin], [], [], seconds)[0]:
        sys.stderr.write("\n")
        return False
    return sys.stdin.readline().strip().lower() in ("y", "yes", "s", "si", "sí")

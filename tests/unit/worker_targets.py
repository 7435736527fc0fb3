"""Targets that the tests of `pipeline.workers` run in child processes: they behave, hang, die or eat memory."""

from __future__ import annotations

import os
import signal
import time


def prepare_worker() -> None:
    """Leave a mark in the process."""
    os.environ["PREPARED"] = "yes"


def act(order: str) -> str:
    """Do what ``order`` says; anything else is echoed in capitals."""
    if order == "hang":
        time.sleep(600)
    elif order == "spin":
        while True:
            pass
    elif order == "abort":
        os.abort()
    elif order == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif order == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif order == "exit":
        os._exit(3)
    elif order == "memory":
        return str(len(bytearray(8 << 30)))
    elif order == "raise":
        raise ValueError("no such thing")
    elif order == "unpicklable":
        return lambda: order  # type: ignore[return-value]
    elif order == "print":
        print("x" * 100_000, flush=True)
    elif order == "pid":
        return str(os.getpid())
    elif order == "prepared":
        return os.environ.get("PREPARED", "no")
    elif order == "threads":
        return os.environ["OMP_NUM_THREADS"]
    elif order.startswith("slow"):
        time.sleep(0.2)
    return order.upper()


def big(size: int) -> bytes:
    """Return ``size`` bytes."""
    return b"x" * size

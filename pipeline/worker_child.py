"""The inside of a worker process of `pipeline.workers`: import the target once, then answer one request at a time.

Both directions carry frames: eight bytes of length (big endian), then a pickle. The child's own standard output is
turned into standard error first, so that nothing a target prints can be taken for an answer.
"""

from __future__ import annotations

import importlib
import json
import os
import pickle
import resource
import signal
import struct
import sys
from typing import BinaryIO

HEADER = struct.Struct(">Q")


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next frame, or None when the other side is gone."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    (length,) = HEADER.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def _reply(stream: BinaryIO, kind: str, value: object) -> None:
    body = pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(body)))
    stream.write(body)
    stream.flush()


def _limit_memory(limit: int) -> None:
    """Cap the address space at ``limit`` bytes, or at what the system allows; no core files of pages that crash us."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):  # other systems refuse RLIMIT_AS or ignore it
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def serve() -> None:
    """Serve requests until standard input ends.

    Where the target's module has a function ``prepare_worker``, it is called once before the first request.
    ``sys.argv[1]`` is a JSON object: ``target`` ("package.module:function"), ``timeout_s`` and ``max_memory_mb``.
    Answers are ``("ready", None)`` first; then for each request ``("taken", None)`` and ``("ok", result)``,
    ``("oom", words)`` or ``("error", words)``.
    """
    order = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    _limit_memory(int(order["max_memory_mb"]) * 1024 * 1024)
    # An orphan must not run for ever: where the parent is gone and cannot kill us, the kernel does, a little later.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    last_resort = float(order["timeout_s"]) * 1.5 + 10.0
    module, _, name = order["target"].partition(":")
    try:
        home = importlib.import_module(module)
        target = getattr(home, name)
        if (prepare := getattr(home, "prepare_worker", None)) is not None:
            prepare()  # heavy imports and models, so that they do not count against the first task's deadline
    except Exception as error:  # noqa: BLE001 - reported to the parent, which raises it as WorkerStartError
        _reply(answers, "start_failed", f"{type(error).__name__}: {error}")
        return
    _reply(answers, "ready", None)
    while (frame := read_frame(requests)) is not None:
        signal.setitimer(signal.ITIMER_REAL, last_resort)
        _reply(answers, "taken", None)  # from here on, a death is this task's doing
        try:
            kind, value = "ok", target(pickle.loads(frame))  # noqa: S301 - the parent's own pickle
            del frame
            _reply(answers, kind, value)
        except MemoryError:
            _reply(answers, "oom", "MemoryError")
            return  # a fresh process is safer than one that may hold half-built structures
        except Exception as error:  # noqa: BLE001 - reported to the parent as a WorkerFailure
            _reply(answers, "error", f"{type(error).__name__}: {error}"[:500])
        signal.setitimer(signal.ITIMER_REAL, 0)

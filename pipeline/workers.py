"""A pool of worker processes that may die: a deadline and a memory limit per task, and a death costs one item only.

Hostile input makes C libraries hang, abort or eat the memory, so it is read in processes that can be killed. Each
worker is a plain child program with its own pair of pipes. That was preferred to pebble and to `multiprocessing`:
those import the parent's ``__main__`` again in every child (seconds, inside Airflow), refuse to start from a daemonic
process, and share one locked pipe between workers, which a killed worker can leave half-written.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Literal, TypeVar, cast

from pipeline.worker_child import HEADER

T = TypeVar("T")
R = TypeVar("R")

_START_DEADLINE_S = 120.0  # importing a target on a loaded machine; never part of a task's own deadline
_TASKS_PER_WORKER = 500  # a fresh process now and then bounds what libraries leak
_OOM_WORDS = (b"bad_alloc", b"MemoryError", b"Cannot allocate memory", b"out of memory")
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "MALLOC_ARENA_MAX"), "1"
)


def _cores() -> int:
    """Return the cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerStartError(RuntimeError):
    """The workers' target cannot be imported, or a worker process cannot be started."""


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """Why an item has no result: past its deadline, the process died, out of memory, or the target raised."""

    reason: Literal["timeout", "crash", "oom", "error"]
    detail: str


class _Gone(Exception):
    """The child closed its pipes (it died), or never took the task."""


class _Late(Exception):
    """The deadline passed before the answer was whole."""


class _Worker:
    """One child process and its two pipes; used by one thread at a time."""

    def __init__(self, order: str) -> None:
        self.served = 0
        self._errors: BinaryIO = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed in `stop`
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter with our own words
            [sys.executable, "-P", "-c", "from pipeline.worker_child import serve; serve()", order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | _ONE_THREAD | {"PYTHONPATH": os.pathsep.join(str(Path(p).absolute()) for p in sys.path)},
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then stops the workers in order
            bufsize=0,
        )
        self._requests = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        self._ready = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self) -> None:
        if self._ready:
            return
        try:
            kind, value = self._receive(_START_DEADLINE_S)
        except (_Gone, _Late) as error:
            raise WorkerStartError(f"a worker process did not start: {self._last_words()}") from error
        if kind != "ready":
            raise WorkerStartError(str(value))
        self._ready = True

    def send(self, frame: bytes) -> None:
        """Hand a task over and wait until the child has it whole; raise _Gone when it dies before that."""
        view = memoryview(HEADER.pack(len(frame)) + frame)
        try:
            while view:
                view = view[os.write(self._requests.fileno(), view) :]
            self._receive(_START_DEADLINE_S)
        except (OSError, _Late) as error:
            raise _Gone from error

    def answer(self, timeout_s: float) -> tuple[str, object]:
        """Return the child's answer, or the kind and words of the failure that took its place."""
        self.served += 1
        try:
            kind, value = self._receive(timeout_s)
            if kind == "oom":
                self.stop()  # it ends by itself after such an answer, but must not take another task before that
            return kind, value
        except _Late:
            self.stop()
            return "timeout", f"no answer within {timeout_s:g} s"
        except _Gone:
            return self._post_mortem()

    def stop(self) -> None:
        """Kill the process and collect it; safe to call twice and from any thread."""
        if self.alive:
            self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.stop()
        for stream in (self._requests, self._answers, self._errors):
            stream.close()

    def _receive(self, timeout_s: float) -> tuple[str, object]:
        deadline = time.monotonic() + timeout_s
        (length,) = HEADER.unpack(self._read(HEADER.size, deadline))
        answer = pickle.loads(self._read(length, deadline))  # noqa: S301 - written by our own child
        return cast("tuple[str, object]", answer)

    def _read(self, size: int, deadline: float) -> bytes:
        source = self._answers.fileno()
        poller = select.poll()  # not select.select, which fails on descriptors beyond 1,023
        poller.register(source, select.POLLIN)
        parts: list[bytes] = []
        while size > 0:
            left = deadline - time.monotonic()
            if left <= 0 or not poller.poll(left * 1000):
                raise _Late
            part = os.read(source, min(size, 1 << 20))
            if not part:
                raise _Gone
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _post_mortem(self) -> tuple[str, object]:
        self._process.wait()
        words = self._last_words()
        status = self._process.returncode
        name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        # A SIGKILL that is not ours is the kernel's, short of memory.
        out_of_memory = status == -signal.SIGKILL or any(w.decode() in words for w in _OOM_WORDS)
        return ("oom" if out_of_memory else "crash"), f"{name}: {words}" if words else name

    def _last_words(self) -> str:
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 2000))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return " / ".join(lines[-2:])[-300:]


class WorkerPool(Generic[T, R]):
    """Run ``target`` ("package.module:function" of one argument) over items in killable processes.

    A function ``prepare_worker`` beside the target is called once in each process before its first task: the place for
    heavy imports and models, which then do not count against a task's deadline.

    ``workers`` 0 means one per core; ``timeout_s`` is the deadline of one task; ``max_memory_mb`` the address space of
    one worker (RLIMIT_AS). A context manager; leaving it, also by an exception or Ctrl-C, ends every worker. It may be
    used from any thread and inside a daemonic process; from asyncio, run it in a thread (it blocks).
    """

    def __init__(self, target: str, workers: int = 0, timeout_s: float = 30.0, max_memory_mb: int = 1024) -> None:
        self._size = workers or _cores()
        self._timeout_s = timeout_s
        self._order = json.dumps({"target": target, "timeout_s": timeout_s, "max_memory_mb": max_memory_mb})
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._live: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads: ThreadPoolExecutor | None = None

    def __enter__(self) -> WorkerPool[T, R]:
        self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="workers")
        for _ in range(self._size):
            self._idle.put(None)  # a permit; its process starts with the first task that takes it
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._closed = True
            live = list(self._live)
        for worker in live:
            worker.stop()  # wakes the thread that waits for its answer
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in live:
            worker.close()
        self._live.clear()

    def run(self, items: Iterable[T]) -> Iterator[tuple[T, R | WorkerFailure]]:
        """Yield ``(item, result or failure)`` in the order of ``items``, reading at most two items a worker ahead.

        Raises WorkerStartError when the target cannot be imported, RuntimeError outside the ``with`` block.
        """
        if self._threads is None or self._closed:
            raise RuntimeError("WorkerPool.run outside of its with block")
        window: deque[tuple[T, Future[R | WorkerFailure]]] = deque()
        try:
            for item in items:
                window.append((item, self._threads.submit(self._one, item)))
                if len(window) >= 2 * self._size:
                    done, future = window.popleft()
                    yield done, future.result()
            while window:
                done, future = window.popleft()
                yield done, future.result()
        finally:
            for _, future in window:
                future.cancel()

    def _one(self, item: T) -> R | WorkerFailure:
        frame = pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)
        worker = self._idle.get()
        try:
            worker = self._hand_over(worker, frame)
            kind, value = worker.answer(self._timeout_s)
        finally:
            if worker is not None and (worker.served >= _TASKS_PER_WORKER or not worker.alive):
                self._retire(worker)
                worker = None
            self._idle.put(worker)
        if kind == "ok":
            return cast(R, value)
        return WorkerFailure(cast('Literal["timeout", "crash", "oom", "error"]', kind), str(value))

    def _hand_over(self, worker: _Worker | None, frame: bytes) -> _Worker:
        """Give the task to ``worker``, or to a fresh one where it died idle (which is not this item's fault)."""
        for _ in range(2):
            if worker is None or not worker.alive:
                if worker is not None:
                    self._retire(worker)
                worker = self._start()
            try:
                worker.wait_ready()
                worker.send(frame)
            except WorkerStartError:
                self._retire(worker)
                raise
            except _Gone:
                self._retire(worker)
                worker = None
            else:
                return worker
        raise WorkerStartError("worker processes die before they take a task")

    def _start(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise WorkerStartError("the pool is closed")
            worker = _Worker(self._order)
            self._live.add(worker)
            return worker

    def _retire(self, worker: _Worker) -> None:
        with self._lock:
            if worker not in self._live or self._closed:
                return
            self._live.discard(worker)
        worker.close()

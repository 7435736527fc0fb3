"""The worker pool: order kept, a deadline and a memory limit per item, and a death that costs one item only."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from pipeline.workers import WorkerFailure, WorkerPool, WorkerStartError
from tests.conftest import ROOT

TARGET = "tests.unit.worker_targets:act"


def pool(workers: int = 2, timeout_s: float = 20.0, max_memory_mb: int = 512) -> WorkerPool[str, str]:
    return WorkerPool(TARGET, workers=workers, timeout_s=timeout_s, max_memory_mb=max_memory_mb)


def results(items: list[str], workers: int = 2, timeout_s: float = 20.0) -> list[str | WorkerFailure]:
    with pool(workers, timeout_s) as running:
        return [result for _, result in running.run(items)]


def test_results_come_in_the_order_of_the_items() -> None:
    """A slow first item does not let the later ones pass."""
    items = ["slow one", "b", "c", "slow four", "e"]
    with pool() as running:
        assert list(running.run(items)) == [(i, i.upper()) for i in items]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("abort", "crash"),
        ("segfault", "crash"),
        ("exit", "crash"),
        ("killed", "oom"),
        ("memory", "oom"),
        ("raise", "error"),
        ("unpicklable", "error"),
    ],
)
def test_a_death_costs_its_own_item_only(order: str, reason: str) -> None:
    """The items before, beside and after a deadly one have their results, with one worker and with two."""
    for workers in (1, 2):
        first, bad, *rest = results(["a", order, "b", "c"], workers)
        assert first == "A"
        assert isinstance(bad, WorkerFailure)
        assert bad.reason == reason
        assert rest == ["B", "C"]


def test_a_detail_names_the_signal_or_the_error() -> None:
    """What a person needs to find the cause stands in the detail."""
    abort, error = results(["abort", "raise"])
    assert isinstance(abort, WorkerFailure)
    assert "SIGABRT" in abort.detail
    assert isinstance(error, WorkerFailure)
    assert error.detail == "ValueError: no such thing"


@pytest.mark.parametrize("order", ["hang", "spin"])
def test_an_item_past_its_deadline_is_killed(order: str) -> None:
    """A sleeping and a spinning target are both cut off, and the next item is served by a fresh worker."""
    late, fine = results([order, "b"], workers=1, timeout_s=1.0)
    assert isinstance(late, WorkerFailure)
    assert late.reason == "timeout"
    assert fine == "B"


def test_a_worker_that_dies_idle_is_replaced_without_loss() -> None:
    """Killing a worker between two tasks costs nothing."""
    with pool(workers=1) as running:
        ((_, pid),) = running.run(["pid"])
        assert isinstance(pid, str)
        os.kill(int(pid), signal.SIGKILL)
        assert [r for _, r in running.run(["b"])] == ["B"]


def test_one_process_serves_many_items() -> None:
    """The target is imported once a worker, not once an item."""
    assert len(set(map(str, results(["pid"] * 20, workers=2)))) <= 2


def test_a_worker_is_prepared_before_its_first_task() -> None:
    """What ``prepare_worker`` did is there when the first task arrives."""
    assert results(["prepared"]) == ["yes"]


def test_workers_are_told_to_use_one_thread() -> None:
    """Numerical libraries must not start a thread per core in every worker."""
    assert results(["threads"]) == ["1"]


def test_output_of_the_target_does_not_break_the_protocol() -> None:
    """What a target prints goes to standard error, never into an answer."""
    assert results(["print", "b"], workers=1) == ["PRINT", "B"]


def test_large_items_and_results_pass() -> None:
    """Frames far larger than a pipe's buffer go both ways."""
    with WorkerPool[int, bytes]("tests.unit.worker_targets:big", workers=1) as running:
        assert [r for _, r in running.run([5_000_000])] == [b"x" * 5_000_000]
    item = "ñ" * 3_000_000
    assert results([item]) == [item.upper()]


def test_look_ahead_is_bounded() -> None:
    """An endless or huge input is read only a few items ahead of what was asked for."""
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield str(n)

    with pool(workers=2) as running:
        flow = running.run(items())
        next(flow)
        assert taken <= 4


def test_a_target_that_cannot_be_imported_is_an_error_in_words() -> None:
    """A mistyped target is a mistake of ours, not a failed item."""
    with (
        WorkerPool[str, str]("tests.unit.worker_targets:nothing", workers=1) as running,
        pytest.raises(WorkerStartError, match="nothing"),
    ):
        list(running.run(["a"]))


def test_run_outside_of_the_with_block_is_refused() -> None:
    """No processes are started that nobody would end."""
    with pytest.raises(RuntimeError, match="with block"):
        next(pool().run(["a"]))


def test_it_works_from_asyncio_in_a_thread() -> None:
    """An asyncio program runs the pool in a thread."""
    assert asyncio.run(asyncio.to_thread(results, ["a", "abort", "c"]))[2] == "C"


def _inside_daemon(out: multiprocessing.Queue[list[object]]) -> None:
    out.put(list(results(["a", "abort", "c"])))


def test_it_works_inside_a_daemonic_process() -> None:
    """Schedulers run tasks in daemonic processes, which `multiprocessing` forbids to have children."""
    context = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[list[object]] = context.Queue()
    process = context.Process(target=_inside_daemon, args=(out,), daemon=True)
    process.start()
    first, bad, last = out.get(timeout=60)
    process.join(timeout=60)
    assert (first, last) == ("A", "C")
    assert isinstance(bad, WorkerFailure)


def test_ctrl_c_ends_parent_and_workers() -> None:
    """SIGINT in the middle of a hanging task ends the program at once and leaves no process behind."""
    program = textwrap.dedent("""
        import signal
        from pipeline.workers import WorkerPool
        # a shell's background job hands SIGINT down as ignored
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with WorkerPool("tests.unit.worker_targets:act", workers=2, timeout_s=300) as pool:
            flow = pool.run(["pid", "pid", "hang", "hang"])
            print(next(flow)[1], next(flow)[1], flush=True)
            list(flow)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pids = {int(p) for p in process.stdout.readline().split()}
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

"""Two readers beside a publisher: ``python -m tests.bench.reading [READS]`` (default 10,000) says what went wrong."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.storage.test_reading import read_while_publishing


def main() -> int:
    """Read and publish until all reads are made; 1 when anything went wrong."""
    reads = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        told, published = read_while_publishing(Path(folder), reads)
    problems = [p for t in told for p in t.problems]
    print(f"{sum(t.reads for t in told)} reads beside {published} publishes in {time.perf_counter() - start:.0f} s")
    print(f"states that the readers met: {[t.states for t in told]}; problems: {len(problems)}")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

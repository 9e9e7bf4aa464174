"""Asks one index questions from standard input in a process of its own; prints what it took as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from bench.retrieval.indexed import history_of_grown
from rejoinder.index.database import Database
from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.project_index import ProjectIndex
from rejoinder.index.signals import NEAREST
from rejoinder.index.walk import ProjectFiles

_NEAREST = 10


def main(folder: str, kept: str, limit: str) -> None:
    """Ask every question once to warm up, then once to measure."""
    history = history_of_grown(Path(folder))
    began = time.perf_counter()
    index = ProjectIndex(ProjectFiles(Path(folder), ()), Database(Path(kept)), BuiltinEmbedder(), history)
    start = time.perf_counter() - began
    queries = sys.stdin.read().splitlines()
    index.search(queries[0], limit=int(limit))
    vectors = None if index.embedding is None else index.embedding.vectors
    if vectors is not None:
        vectors.wait()
    for query in queries:
        index.search(query, limit=int(limit))
    times, processor = [], []
    for query in queries:
        asked, worked = time.perf_counter(), time.process_time()
        index.search(query, limit=int(limit))
        times.append((time.perf_counter() - asked) * 1000)
        processor.append((time.process_time() - worked) * 1000)
    times.sort()
    processor.sort()
    print(
        json.dumps(
            {
                "passages": index.lexical.chunks,
                "files": index.lexical.files,
                "start": start,
                "p50": statistics.median(times),
                "p95": times[int(len(times) * 0.95)],
                "processor95": processor[int(len(processor) * 0.95)],
                "recall": _recall(index, queries),
                "memory": _memory(),
            }
        )
    )


def _recall(index: ProjectIndex, queries: list[str]) -> float:
    if index.embedding is None or index.embedding.vectors is None:
        return float("nan")
    vectors, shared = index.embedding.vectors, []
    for query in queries:
        vector = index.embedding.of(query)
        if vector is not None and vector.any():
            exact = vectors.exactly_nearest(vector, _NEAREST)
            near = vectors.nearest(vector, NEAREST)
            best = near[np.argsort(-vectors.cosines(vector, near))[:_NEAREST]]
            shared.append(len(np.intersect1d(exact, best)) / _NEAREST)
    return statistics.fmean(shared)


def _memory() -> int:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

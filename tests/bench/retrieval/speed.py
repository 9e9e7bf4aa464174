"""How fast search and indexing are, and what they take of memory and disk, as the project grows."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from bench.retrieval.bars import Bar
from bench.retrieval.indexed import opened
from bench.retrieval.scoring import TASKS, questions
from bench.retrieval.trees import EVALUATION, REPOSITORIES, tree
from rejoinder.adapters.worker_search import WorkerSearchProvider

SIZES = (1_000, 10_000, 27_000, 100_000)
_BYTES_A_PASSAGE = 1_060
_LIMIT = 20
_CHANGES = 10
_PATIENCE = 600.0


def report(cache: Path, *, anew: bool) -> list[Bar]:
    """Print what was measured."""
    bars = _bars(_print_first_index(_corpus(cache), "the 652 files of SQLAlchemy"))
    _print_first_index(tree("sqlalchemy", stripped=False, cache=cache), "SQLAlchemy's whole release")
    grown = _print_first_index(_grown(SIZES[-2], cache), "a project of that size")
    what = f"memory of the indexing process, {grown.passages:,} passages"
    bars.append(Bar(what=what, value=grown.memory / 1e6, unit=" MB", digits=0, at_most=300))
    print("\n  passages   files      MB  search p50      p95   processor  recall@10    start    disk     RSS")
    for size in SIZES:
        found = _asked(size, cache, anew=anew)
        print(_row(found), flush=True)
        what = f"{found['passages']:,} passages"
        most = {SIZES[-2]: 15, SIZES[-1]: 30}.get(size)
        bars.append(Bar(what=f"search p95, {what}", value=found["p95"], unit=" ms", digits=1, at_most=most))
        bars.append(Bar(what=f"recall@10 of the vectors, {what}", value=found["recall"], at_least=0.98))
    return bars


def _bars(measured: "_Measured") -> list[Bar]:
    rate = measured.source / 1e6 / measured.first
    changed = statistics.median(measured.changes) * 1000
    return [
        Bar(what="first index, SQLAlchemy's 652 files", value=rate, unit=" MB/s", digits=1, at_least=2),
        Bar(what="a changed file until it is found", value=changed, unit=" ms", digits=0, at_most=100),
        Bar(what="second start until search answers", value=measured.second, unit=" s", digits=2, at_most=1),
        Bar(what="disk, times the source", value=measured.disk / measured.source, digits=2, at_most=2.5),
    ]


def _print_first_index(folder: Path, name: str) -> "_Measured":
    kept = folder.parent / f"{folder.name}-index"
    shutil.rmtree(kept, ignore_errors=True)
    measured = asyncio.run(_measured(folder, kept))
    print(f"\n{name}: {measured.source / 1e6:.1f} MB of text, {measured.passages:,} passages")
    print(f"  first index            {measured.first:.1f} s, {measured.source / 1e6 / measured.first:.2f} MB/s")
    print(f"  second start           {measured.second:.2f} s until search answers")
    print(f"  a changed file         {statistics.median(measured.changes) * 1000:.0f} ms until search finds it")
    print(f"  disk                   {measured.disk / measured.source:.2f} times the source")
    print(f"  memory of the process  {measured.memory / 1e6:.0f} MB at most")
    return measured


@attrs.frozen
class _Measured:
    source: int
    passages: int
    first: float
    second: float
    changes: list[float]
    disk: int
    memory: int


async def _measured(folder: Path, kept: Path) -> _Measured:
    provider = WorkerSearchProvider(kept)
    began = time.perf_counter()
    search = provider.open("p", folder, ())
    await search.search("anything", limit=1, wait=_PATIENCE)
    first = time.perf_counter() - began
    status = search.status()
    changes = [await _changed(search, folder / "rejoinder_measures.py", number) for number in range(_CHANGES)]
    (folder / "rejoinder_measures.py").unlink()
    await _rests(search.pid)
    memory = _peak(search.pid)
    await provider.close()
    provider = WorkerSearchProvider(kept)
    began = time.perf_counter()
    search = provider.open("p", folder, ())
    await search.search("anything", limit=1, wait=_PATIENCE)
    second = time.perf_counter() - began
    await provider.close()
    disk = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    sizes = (path.stat().st_size for path in folder.rglob("*") if path.is_file())
    source = sum(size for size in sizes if size <= 1 << 20)
    return _Measured(source, status.chunks, first, second, changes, disk, memory)


async def _changed(search, path: Path, number: int) -> float:
    lines = [f"def function_{line}(value):\n    return value + {line}\n" for line in range(499)]
    path.write_text("".join(lines) + f"def invented{number}thing():\n    pass\n")
    began = time.perf_counter()
    await search.changed([path])
    while True:
        hits = await search.search(f"invented{number}thing", limit=1)
        if hits and f"invented{number}thing" in hits[0].text:
            return time.perf_counter() - began


def _asked(size: int, cache: Path, *, anew: bool) -> dict[str, float]:
    folder = _grown(size, cache)
    kept = cache / "indexes" / "sizes" / folder.name
    opened(folder, kept, anew=anew).database.close()
    command = [sys.executable, "-m", "bench.retrieval.searching", str(folder), str(kept), str(_LIMIT)]
    tests = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": tests, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    asked = "\n".join(_questions())
    done = subprocess.run(command, input=asked, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    source = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    disk = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
    return {**found, "source": source, "disk": disk}


def _row(found: Mapping[str, float]) -> str:
    large = f"{found['disk'] / found['source']:>7.2f}x{found['memory'] / 1e6:>5.0f} MB"
    return (
        f"{found['passages']:>10,}{found['files']:>8,}{found['source'] / 1e6:>8.1f}"
        f"{found['p50']:>9.1f} ms{found['p95']:>6.1f} ms{found['processor95']:>9.1f} ms"
        f"{found['recall']:>11.3f}{found['start']:>7.2f} s{large}"
    )


def _questions() -> Iterator[str]:
    for task in TASKS:
        for repository in REPOSITORIES:
            yield from (text for _, text in list(questions(task, repository))[:40])


def _grown(size: int, cache: Path) -> Path:
    """A folder with about so many passages of real programs: the trees, then what Python brings."""
    folder = cache / "sizes" / f"{size}-{_BYTES_A_PASSAGE}"
    if folder.is_dir():
        return folder
    left = size * _BYTES_A_PASSAGE
    for path in _programs(cache):
        if left <= 0:
            break
        left -= path.stat().st_size
        target = folder / path.relative_to(path.anchor)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def _programs(cache: Path) -> Iterator[Path]:
    roots = [tree(repository, stripped=False, cache=cache) for repository in reversed(REPOSITORIES)]
    roots += [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.suffix in (".py", ".c", ".h", ".js", ".ts", ".go", ".md", ".rst") and path.stat().st_size < 1 << 20:
                yield path


def _corpus(cache: Path) -> Path:
    """The files of SQLAlchemy that the evaluation counts."""
    folder = cache / "corpus" / "sqlalchemy"
    if not folder.is_dir():
        source = tree("sqlalchemy", stripped=False, cache=cache)
        for row in map(json.loads, (EVALUATION / "corpus.jsonl").read_text().splitlines()):
            if row["repo"] == "sqlalchemy":
                (folder / row["path"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / row["path"], folder / row["path"])
    return folder


async def _rests(pid: int | None) -> None:
    """Return once the worker has done what comes after an index: what makes a large one fast, and a snapshot."""
    before = -1
    while (spent := _processor(pid)) > before:
        before = spent + 1
        await asyncio.sleep(2.0)


def _processor(pid: int | None) -> int:
    """What a process has spent, in ticks of the clock."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _peak(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

"""Makes the built-in embedder's table: `python server/training/train.py`. Needs what README.md beside it names."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

_SERVER = Path(__file__).resolve().parents[1]
sys.path[0] = str(_SERVER)

from rejoinder.domain.word_pieces import WordPieces  # noqa: E402
from training.bags import Bags  # noqa: E402
from training.brace_pairs import brace_pairs  # noqa: E402
from training.learning import learned  # noqa: E402
from training.pairs import Pair  # noqa: E402
from training.python_pairs import python_pairs  # noqa: E402
from training.sources import files  # noqa: E402
from training.vocabulary import chosen_pieces  # noqa: E402

_DATA = _SERVER / "rejoinder" / "index" / "data"
_SEED = 7
_PIECES, _DIMENSION, _EPOCHS = 29_200, 256, 5
_LARGEST = 127


def main() -> None:
    """Read the sources, learn, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "rejoinder-training")
    parser.add_argument("--to", type=Path, default=_DATA, help="folder of the table")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    began = time.perf_counter()
    pairs = list(distinct(files(options.cache)))
    print(f"{len(pairs):,} pairs in {time.perf_counter() - began:.0f} s")
    pieces = chosen_pieces((f"{pair.text}\n{pair.code}" for pair in pairs), _PIECES)
    known = WordPieces({piece: number for number, piece in enumerate(pieces)})
    texts = Bags((pair.text for pair in pairs), known)
    codes = Bags((pair.code for pair in pairs), known)
    vectors = learned(texts, codes, pieces=len(pieces), dimension=_DIMENSION, epochs=_EPOCHS, seed=_SEED)
    write(vectors, pieces, options.to)
    print(f"written to {options.to} after {time.perf_counter() - began:.0f} s")


def distinct(sources: Iterator[tuple[str, str]]) -> Iterator[Pair]:
    """The pairs of all files, each text with each beginning of code once."""
    seen = set()
    for path, text in sources:
        for pair in (python_pairs if path.endswith(".py") else brace_pairs)(text, path):
            key = (pair.text.lower(), pair.code.partition("\n")[2][:200])
            if key not in seen:
                seen.add(key)
                yield pair


def write(vectors: NDArray[np.float32], pieces: list[str], folder: Path) -> None:
    """The table in 8 bits, each row with a scale of its own."""
    rows = np.zeros(len(pieces), [("scale", "<f4"), ("vector", "i1", (vectors.shape[1],))])
    scales = np.abs(vectors).max(axis=1) / _LARGEST
    rows["scale"] = scales
    rows["vector"] = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None])
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "static_table.npy", rows)
    (folder / "static_table.txt").write_text("\n".join(pieces) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()

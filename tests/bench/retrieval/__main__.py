"""How good and how fast search is: `python tests/bench/retrieval`. Linux only.

Trees are brought here once and kept with their indexes in a folder under the system's temporary one; `--anew` indexes
them again. Needs the public evaluation beside the checkout.
"""

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from bench.retrieval import beside, comparison, quality, speed  # noqa: E402
from bench.retrieval.bars import as_markdown  # noqa: E402
from bench.retrieval.trees import cache_folder  # noqa: E402

_PARTS = {"quality": quality.report, "peers": comparison.report, "speed": speed.report, "beside": beside.report}


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python tests/bench/retrieval", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(_PARTS)}; all by default")
    parser.add_argument("--markdown", action="store_true", help="print what is promised as a table for a page, too")
    parser.add_argument("--anew", action="store_true", help="index the trees again")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where trees and indexes are kept")
    options = parser.parse_args()
    if unknown := set(options.parts) - _PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    bars = [bar for part in options.parts or _PARTS for bar in _PARTS[part](options.cache, anew=options.anew)]
    if options.markdown:
        print(f"\n{as_markdown(bars)}")


if __name__ == "__main__":
    main()

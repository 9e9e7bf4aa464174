"""The pipe to a toy engine, which it starts with the same options: `toy_pipe.py '{"dataDir": …, "version": …, …}'`."""

import json
import sys
from pathlib import Path

from rejoinder.engine import pipe
from rejoinder.engine.framing import WireError
from rejoinder.engine.greeting import Greeting
from rejoinder.engine.locate import Start


def main(text: str) -> int:
    options = json.loads(text)
    data_dir = Path(options["dataDir"])
    greeting = Greeting(options["version"], str(data_dir), flags=options.get("flags", {}))
    toy_engine = str(Path(__file__).with_name("toy_engine.py"))
    start = Start([sys.executable, toy_engine, "engine", text], log=data_dir / "engine.log")
    patience = options.get("patience", 30.0)
    status = pipe.serve(data_dir, greeting=greeting, start=start, to_wire=_to_wire, patience=patience)
    if "modules" in options:
        Path(options["modules"]).write_text("\n".join(sys.modules))
    return status


def _to_wire(error: Exception) -> WireError:
    return -32603, str(error), {"hint": "none"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Takes the pictures of `editors/plain` anew, with the real editors.

`PYTHONPATH=tests python -m editors.plain.plain_pictures FOLDER`
"""

import sys
import tempfile
from pathlib import Path

from e2e.kit import Home, home_in
from editors.plain.conftest import prepare, small_project
from editors.plain.picture import draw
from editors.plain.programs import emacs_in, helix_in
from editors.plain.test_emacs import send
from editors.plain.test_helix import CHAT, until, write
from fake_model import FakeModel, Reply

FIRST = "How does take choose a connection?"
ANSWER = """`take` pops one connection after the other until one answers, see `pool.py:13-16`:

- one that is dead is dropped;
- when none is left, it answers `None`.

To keep the oldest ones busy instead, take them from the front:

```python
connection = self.idle.pop(0)
```"""
SIZE = (100, 34)


def main(folder: Path) -> None:
    """Write a picture of each editor."""
    with tempfile.TemporaryDirectory() as place, FakeModel() as model:
        root = Path(place)
        for name, take in (("helix", _helix), ("emacs", _emacs)):
            with home_in(root / name / "user") as home:
                prepare(home, root / name / "bin", model, "qwen3-coder")
                project = small_project(root / name / "shop")
                model.script(Reply(text=ANSWER))
                take(home, project, folder / f"{name}.png")


def _helix(home: Home, project: Path, picture: Path) -> None:
    with helix_in(home, project, "pool.py", size=(150, 30), more='theme = "github_light"\n') as editor:
        editor.wait_for("ConnectionPool")
        until(editor, " ic", CHAT)
        write(editor, FIRST)
        editor.type(" is")
        editor.wait_for("self.idle.pop(0)")
        editor.type(":vsplit pool.py\r")
        editor.wait_for("ConnectionPool")
        editor.type("11Gx")
        until(editor, " a", "Rejoinder: Explain")
        draw(editor, picture)


def _emacs(home: Home, project: Path, picture: Path) -> None:
    with emacs_in(home, project, "pool.py", size=SIZE, more="(menu-bar-mode -1)") as editor:
        editor.wait_for("[eglot:shop]")
        editor.type("\x03rc")
        editor.wait_for("[eglot:tr")
        editor.type("\x181")
        send(editor, FIRST)
        editor.wait_for("self.idle.pop(0)")
        editor.type("\x1b>")
        draw(editor, picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

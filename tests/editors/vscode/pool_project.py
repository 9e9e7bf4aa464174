"""A small project that the tests of VS Code talk about, and changes of it that answers propose."""

from pathlib import Path

POOL = '''"""Database connections, kept for reuse."""


class ConnectionPool:
    """Lends connections that answer, and opens new ones when none is left."""

    def __init__(self, connect, size=4):
        self.connect = connect
        self.idle = []
        self.size = size

    def borrow(self):
        while self.idle:
            connection = self.idle.pop()
            if connection.ping():
                return connection
        return self.connect()

    def give_back(self, connection):
        if len(self.idle) < self.size:
            self.idle.append(connection)
'''

CHANGE = """Give up after as many tries as there are connections:

```python
pool.py
<<<<<<< SEARCH
        while self.idle:
            connection = self.idle.pop()
=======
        for _ in range(len(self.idle)):
            connection = self.idle.pop()
>>>>>>> REPLACE
```
"""

SEVERAL = f"""{CHANGE}
And a test for it:

```python
test_pool.py
<<<<<<< SEARCH
=======
def test_borrow():
    assert True
>>>>>>> REPLACE
```
"""


def small_project(folder: Path) -> Path:
    """A module and a page about it."""
    folder.mkdir()
    (folder / "pool.py").write_text(POOL)
    (folder / "README.md").write_text("# Pool\n\nKeeps database connections for reuse.\n")
    return folder

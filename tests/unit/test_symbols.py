import pytest

from fakes import hit
from rejoinder.domain.symbols import definition_of

HITS = [
    hit("pool = ConnectionPool()\n", uri="file:///p/use.py", scope="main"),
    hit("class ConnectionPool:\n    pass\n", uri="file:///p/pool.py", scope="ConnectionPool"),
    hit("func (s *Server) Listen() {\n", uri="file:///p/server.go"),
    hit("LIMIT: int = 4\n", uri="file:///p/limits.py"),
    hit("class Other:\n    def check(self): ...\n", uri="file:///p/other.py", scope="Other.check"),
    hit("def check(): ...\n", uri="file:///p/check.py", scope="ConnectionPool.check"),
    hit("class LIMIT: said once\n", source="message", uri="session:s"),
]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ConnectionPool", "pool.py"),
        ("Listen", "server.go"),
        ("LIMIT", "limits.py"),
        ("ConnectionPool.check", "check.py"),
        ("ConnectionPool::check", "check.py"),
        ("check", "other.py"),
        ("nothing", None),
        (".", None),
    ],
)
def test_where_a_name_is_defined(name: str, file: str | None) -> None:
    found = definition_of(name, HITS)
    assert (found and found.uri.rpartition("/")[2]) == file

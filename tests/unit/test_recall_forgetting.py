"""What is forgotten is gone from the bytes of the index's files, not only from its answers."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rejoinder.domain.conversation import Place
from rejoinder.domain.recall import Recallable, RecallQuery
from rejoinder.index.embedders import BuiltinEmbedder
from rejoinder.index.recall.database import FILE, damaged_file
from rejoinder.index.recall.embedding import RecallEmbedding
from rejoinder.index.recall.messages import Piece
from rejoinder.index.recall.project_recall import ProjectRecall
from rejoinder.index.recall.words import Words

NOW = datetime(2026, 1, 2, tzinfo=UTC)
QUESTION = RecallQuery(text="where is the harbour", user_id="default")


def passage(text: str, number: int = 0) -> Recallable:
    return Recallable(passage_id=f"p{number}", text=text, uri="rejoinder:/x", place=Place(0, 0, 1, 0), created_at=NOW)


def put(recall: ProjectRecall, group: str, *texts: str, version: str = "1") -> None:
    passages = tuple(passage(text, number) for number, text in enumerate(texts))
    recall.put(Piece("memory", group, passages, True, True, True, version, ""))


def opened(folder: Path) -> ProjectRecall:
    return ProjectRecall(folder, Words(), RecallEmbedding(BuiltinEmbedder(), ThreadPoolExecutor(1)))


@pytest.fixture
def recall(tmp_path: Path) -> Iterator[ProjectRecall]:
    recall = opened(tmp_path / "index")
    recall.load()
    yield recall
    recall.close()


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_of_what_is_forgotten_is_left_on_the_disk(recall: ProjectRecall, tmp_path: Path) -> None:
    chance = random.Random(7)
    texts = {f"g{n}": f"secret{n:04} " + "harbour " * chance.choice([1, 30, 700]) for n in range(120)}
    for group, text in texts.items():
        put(recall, group, text)
    while recall.embed():
        pass
    names = list(texts)
    chance.shuffle(names)
    for at, group in enumerate(names[:60]):
        if at % 3 == 0:
            put(recall, group, texts[group].replace("secret", "other"), version="2")
        recall.remove("memory", [group])
        left = bytes_below(tmp_path)
        assert texts[group][:10].encode() not in left
        assert texts[group][:10].replace("secret", "other").encode() not in left
    for group in names[60:]:
        assert texts[group][:10].encode() in bytes_below(tmp_path)


def test_a_word_is_kept_nowhere_but_in_its_passage(recall: ProjectRecall, tmp_path: Path) -> None:
    put(recall, "g", "the xylograph of the harbour")
    put(recall, "h", "the harbour")
    assert b"xylograph" in bytes_below(tmp_path)
    recall.remove("memory", ["g"])
    assert b"xylograph" not in bytes_below(tmp_path)
    assert [hit.text for hit in recall.search(QUESTION, None, 0.0)] == ["the harbour"]


def test_what_was_set_aside_goes_with_what_is_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    recall = opened(folder)
    put(recall, "g", "the xylograph of the harbour")
    recall.close()
    file = folder / FILE
    content = bytearray(file.read_bytes())
    content[:4096] = b"\xff" * 4096
    file.write_bytes(content)
    mended = opened(folder)
    assert mended.groups() == []
    assert "damaged" in mended.faults[0]
    assert b"xylograph" in damaged_file(file).read_bytes()
    mended.remove("memory", ["g"])
    assert b"xylograph" not in bytes_below(tmp_path)
    mended.close()


def test_files_are_the_users_alone(recall: ProjectRecall, tmp_path: Path) -> None:
    put(recall, "g", "the harbour")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "index").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700

"""Transcripts on the disk."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rejoinder.adapters.transcript_files import DiskTranscriptFiles


def test_one_that_several_write_at_the_same_time_is_whole(tmp_path: Path) -> None:
    files = DiskTranscriptFiles(tmp_path)
    path = files.path("0" * 16)
    texts = [letter * 9000 for letter in "abcd"]
    with ThreadPoolExecutor(len(texts)) as writers:
        list(writers.map(lambda text: files.write(path, text), texts * 100))
    assert files.read(path) in texts and [one.name for one in tmp_path.iterdir()] == [path.name]

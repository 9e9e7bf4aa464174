"""Documents through the process that reads them: what they are found to hold, and what cannot hurt the engine."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest

from documents_kit import bomb_docx, html_page, pdf_bytes
from rejoinder.adapters.documents.process_limits import OVER
from rejoinder.adapters.extraction import ChildExtraction, ChildExtractor
from rejoinder.domain.errors import RejoinderError, SourceUnreadable, TooLarge
from rejoinder.services.knowledge_ports import Cutting, Extracted, RawDocument


@pytest.fixture
async def extractor() -> AsyncIterator[ChildExtractor]:
    extractor = ChildExtraction().open()
    yield extractor
    await extractor.close()


def nobody(what: str, done: int, total: int) -> None:
    pass


async def read(
    extractor: ChildExtractor, data: bytes, name: str, *, mime_type: str | None = None, cutting: Cutting | None = None
) -> Extracted:
    document = RawDocument(data=data, name=name, uri=f"file:///d/{name}", mime_type=mime_type)
    return await extractor.extract(document, cutting or Cutting(), nobody)


async def error_of(extractor: ChildExtractor, data: bytes, name: str) -> RejoinderError:
    with pytest.raises(RejoinderError) as caught:
        await read(extractor, data, name)
    assert caught.value.hint and name in caught.value.message
    return caught.value


def places(found: Extracted) -> list[tuple[str, str | None, str]]:
    return [(passage.uri.removeprefix("file:///d/"), passage.scope, passage.text) for passage in found.passages]


async def test_a_pdf_is_read_page_by_page(extractor: ChildExtractor) -> None:
    told: list[tuple[int, int]] = []
    document = RawDocument(data=pdf_bytes(["One.", "", "Three."]), name="a.pdf", uri="file:///d/a.pdf")
    found = await extractor.extract(document, Cutting(), lambda what, done, total: told.append((done, total)))
    assert places(found) == [("a.pdf#page=1", "page 1", "One."), ("a.pdf#page=3", "page 3", "Three.")]
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_a_page_is_read_by_its_headings(extractor: ChildExtractor) -> None:
    body = "<h1 id=a>A</h1><p>One &amp; two.</p><h2>B</h2><ul><li>x<li>y</ul><pre>if a:\n    b</pre>"
    found = await read(extractor, html_page("The title", body).encode(), "a.html")
    assert found.title == "The title"
    assert places(found) == [
        ("a.html#a", "A", "# A\n\nOne & two."),
        ("a.html#a", "A › B", "## B\n\n- x\n- y\n\n```\nif a:\n    b\n```"),
    ]


async def test_a_page_says_how_it_is_encoded(extractor: ChildExtractor) -> None:
    page = html_page("Käse", "<p>Grüße</p>")
    for data, mime_type in (
        (page.encode("latin-1"), "text/html; charset=iso-8859-1"),
        (page.replace("<head>", "<head><meta charset='windows-1252'>").encode("cp1252"), "text/html"),
        (page.encode("utf-16"), "text/html"),
        (page.encode(), "text/html; charset=nonsense"),
    ):
        found = await read(extractor, data, "page", mime_type=mime_type)
        assert (found.title, found.passages[0].text) == ("Käse", "Grüße")


async def test_a_page_that_never_closes_what_is_skipped_is_read_all_the_same(extractor: ChildExtractor) -> None:
    found = await read(extractor, b"<html><body><nav><p>All of it is in here.</p></body></html>", "a.html")
    assert places(found) == [("a.html", None, "All of it is in here.")]


async def test_office_documents_are_read(extractor: ChildExtractor) -> None:
    text = docx.Document()
    text.add_heading("Pumps", 1)
    text.add_paragraph("Oil them.")
    text.add_table(1, 2).rows[0].cells[0].text = "cell"
    text.core_properties.title = "On pumps"
    found = await read(extractor, saved(text), "a.docx")
    assert found.title == "On pumps" and places(found)[0][:2] == ("a.docx", "Pumps")
    assert "Oil them." in found.passages[0].text and "cell" in found.passages[0].text

    book = openpyxl.Workbook()
    book.active.title = "Prices"
    book.active.append(["valve", 12])
    assert places(await read(extractor, saved(book), "a.xlsx")) == [("a.xlsx", "sheet Prices", "valve | 12")]

    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Welcome"
    assert places(await read(extractor, saved(show), "a.pptx")) == [("a.pptx", "slide 1", "Welcome")]


async def test_code_and_text_have_lines(extractor: ChildExtractor) -> None:
    found = await read(extractor, b"# hi\r\n\r\ndef f():\r\n    return 1\r\n", "a.py")
    assert [passage.place.start_line for passage in found.passages] == [0]
    assert found.passages[0].place.end_line == 3
    found = await read(extractor, b"one\n\ntwo", "a.txt", cutting=Cutting(chunker="paragraphs", size=4))
    assert [(passage.text, passage.place.start_line) for passage in found.passages] == [("one", 0), ("two", 2)]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"%PDF-1.7\n garbage", "a.pdf", "damaged"),
        (pdf_bytes(["a"] * 30)[:3000], "a.pdf", "damaged"),
        (b"not at all", "a.pdf", "damaged"),
        (pdf_bytes(["a"], password="secret"), "a.pdf", "encrypted"),
        (pdf_bytes([""]), "a.pdf", "noText"),
        (b"", "a.txt", "empty"),
        (b" \n\t ", "a.md", "empty"),
        (b"<html><script>x()</script></html>", "a.html", "empty"),
        (os.urandom(5000), "a.bin", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.png", "binary"),
        (b"PK\x03\x04 and so on", "a.zip", "binary"),
        (b"PK\x03\x04 word/document.xml", "a.docx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.docx", "encrypted"),
    ],
)
async def test_what_cannot_be_read_says_why(extractor: ChildExtractor, data: bytes, name: str, reason: str) -> None:
    error = await error_of(extractor, data, name)
    assert isinstance(error, SourceUnreadable) and error.reason == reason
    assert places(await read(extractor, b"after", "b.txt")) == [("b.txt", None, "after")]


async def test_what_unpacks_to_too_much_is_refused(extractor: ChildExtractor) -> None:
    assert isinstance(await error_of(extractor, bomb_docx(), "bomb.docx"), TooLarge)


async def test_depth_does_no_harm(extractor: ChildExtractor) -> None:
    deep = b"<div>" * 50_000 + b"bottom" + b"</div>" * 50_000
    assert places(await read(extractor, deep, "a.html")) == [("a.html", None, "bottom")]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import time; time.sleep(600)", "timeout"),
        ("import os; os.abort()", "damaged"),
        ("print('no JSON', flush=True); input()", "damaged"),
        ("print('{\"passages\": [[1, 2]]}', flush=True); input()", "damaged"),
        ("import sys; sys.stdout.write('x' * 20_000_000); sys.stdout.flush(); input()", "damaged"),
        ("p = ['x' * 2_000_000, 'u', [0, 0, 0, 0], None]\nwhile True: print(json.dumps({'passages': [p]}))", "damaged"),
    ],
    ids=["hangs", "crashes", "babbles", "lies", "sends a line without end", "sends too much"],
)
async def test_a_process_that_a_document_has_taken_over_is_ended(program: str, reason: str) -> None:
    extraction = ChildExtraction(command=[sys.executable, "-c", f"import json\n{program}"], patience=3.0)
    error = await error_of(extraction.open(), b"text", "a.txt")
    assert isinstance(error, SourceUnreadable) and error.reason == reason


async def test_a_cancelled_reading_ends_its_process(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = (
        f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid()));"
        'print(\'{"done": 1, "total": 2}\', flush=True); time.sleep(600)'
    )
    extractor = ChildExtraction(command=[sys.executable, "-c", program]).open()
    begun = asyncio.Event()
    document = RawDocument(data=b"text", name="a.txt", uri="file:///d/a.txt")
    task = asyncio.create_task(extractor.extract(document, Cutting(), lambda *_: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to it")
async def test_the_process_has_limits_and_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hush")
    program = (
        "import os, json, resource; from rejoinder.adapters.documents import limits, process_limits;"
        "process_limits.hold_to(memory=limits.MEMORY, processor_seconds=9);"
        "r = resource; found = [r.getrlimit(x)[0] for x in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE)];"
        "print(json.dumps({'title': json.dumps([found, 'SOME_API_KEY' in os.environ]), 'end': True}), flush=True)"
    )
    extractor = ChildExtraction(command=[sys.executable, "-c", program]).open()
    found = await read(extractor, b"x", "a.txt")
    await extractor.close()
    assert found.title == f"[[{2 << 30}, 9, 0], false]"


@pytest.mark.parametrize("greedy", ["'x' * (300 << 20)", "sum(0 for _ in iter(int, 1))"], ids=["memory", "processor"])
def test_a_process_ends_itself_where_no_system_holds_it_to_its_limits(greedy: str) -> None:
    program = (
        "from rejoinder.adapters.documents.process_limits import watch; import time;"
        f"watch(memory=200 << 20, processor_seconds=2); kept = {greedy}; time.sleep(300)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=200).returncode == OVER


def saved(document: object) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


async def test_no_more_processes_run_than_may() -> None:
    extraction = ChildExtraction()
    extractors = [extraction.open() for _ in range(3)]
    assert len({places(await read(one, b"text", "a.txt"))[0] for one in extractors[:2]}) == 1
    third = asyncio.create_task(read(extractors[2], b"text", "a.txt"))
    await asyncio.sleep(0)
    assert not third.done()
    await extractors[0].close()
    assert (await third).passages
    for one in extractors:
        await one.close()

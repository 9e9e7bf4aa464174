import pytest

from rejoinder.domain.code_blocks import code_blocks


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("no code", []),
        ("a\n```python x\none\n\ntwo\n```\nb", [("python x", "one\n\ntwo\n")]),
        ("```\na\n```\n~~~ sh\nb\n~~~", [("", "a\n"), ("sh", "b\n")]),
        ("````md\n```\ninner\n```\n````", [("md", "```\ninner\n```\n")]),
        ("~~~\n```\n~~~", [("", "```\n")]),
        ("```\ncut off", [("", "cut off\n")]),
        ("- item\n\n  ```py\n  a\n    b\n  ```", [("py", "a\n  b\n")]),
        ("1. ```\n   a\n   ```", [("", "a\n")]),
        ("> ```\n> a\n>  b\n> ```\nc", [("", "a\n b\n")]),
        ("```a`b```", []),
        ("```\r\na\r\n```\r\n", [("", "a\n")]),
        ("```\n```", [("", "")]),
    ],
)
def test_fenced_blocks(markdown: str, blocks: list[tuple[str, str]]) -> None:
    assert [(block.info, block.text) for block in code_blocks(markdown)] == blocks

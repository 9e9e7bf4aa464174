"""Images are known by their first bytes."""

import pytest

from pictures import GIF, JPEG, SVG, WEBP, bomb, png
from rejoinder.adapters.model_senses import sees
from rejoinder.domain.errors import InvalidInput, TooLarge
from rejoinder.domain.images import LARGEST_IMAGE, Image, check_together, image_of, is_image, type_of


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(png(), "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp"), (GIF, "image/gif"), (bomb(), "image/png")],
)
def test_the_four_kinds_are_known(data: bytes, mime_type: str) -> None:
    assert image_of(data, name="x").mime_type == mime_type


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG", b"\x89PNG\r\n\x1a\nrubbish, no head", SVG, b"BM", b"RIFF....WAVEfmt ", b"%PDF", b"\xff\xd8"],
)
def test_what_is_none_is_refused(data: bytes) -> None:
    assert type_of(data) is None
    with pytest.raises(InvalidInput, match="no image"):
        image_of(data, name="x")


def test_one_and_all_have_limits() -> None:
    with pytest.raises(TooLarge) as caught:
        image_of(png() + bytes(LARGEST_IMAGE), name="x.png")
    assert caught.value.data["limit"] == LARGEST_IMAGE
    with pytest.raises(TooLarge, match="together"):
        check_together(Image(str(n), "image/png", bytes(8 << 20)) for n in range(3))
    with pytest.raises(TooLarge, match="too many"):
        check_together(Image(str(n), "image/png", b"") for n in range(21))


@pytest.mark.parametrize(
    ("uri", "mime_type", "expected"),
    [
        ("file:///p/A.PNG", None, True),
        ("file:///p/a.jpeg", None, True),
        ("file:///p/a.svg", None, False),
        ("file:///p/a.svg", "image/svg+xml", True),
        ("file:///p/a.png", "text/plain", False),
        ("file:///p/png", None, False),
    ],
)
def test_what_is_to_be_an_image(uri: str, mime_type: str | None, expected: bool) -> None:
    assert is_image(uri, mime_type) is expected


@pytest.mark.parametrize(
    ("provider", "name", "expected"),
    [
        ("openai", "gpt-4o-mini", True),
        ("openai", "gpt-3.5-turbo", False),
        ("openai", "o3-mini", False),
        ("openai", "gpt-5", True),
        ("anthropic", "claude-sonnet-4-5", True),
        ("anthropic", "claude-2.1", False),
        ("google", "gemini-2.5-pro", True),
        ("ollama", "gemma3:4b", True),
        ("ollama", "gemma3:1b", False),
        ("ollama", "llama3.2", False),
        ("ollama", "llama3.2-vision:11b", True),
        ("ollama", "qwen2.5vl:7b", True),
        ("openai-compatible", "Qwen/Qwen3-VL-8B", True),
        ("openai-compatible", "openai/gpt-4o", True),
        ("openai-compatible", "default", False),
    ],
)
def test_which_models_see(provider: str, name: str, expected: bool) -> None:
    assert sees(provider, name) is expected

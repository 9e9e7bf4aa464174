"""Write a tiny model that llama.cpp can load and that always answers with the same sentence.

`python make_tiny_gguf.py OUT.gguf`. Nothing but the standard library is needed, and nobody else's weights.

The model is a llama of one layer whose attention and feed-forward weights are zero, so that a token's embedding
reaches the output unchanged. Embeddings are one-hot: each word of the sentence has a dimension of its own, all other
tokens share the rest. The output matrix maps a word's dimension to the next word, the last word's to the end, and
every other dimension to the first word. What stands in a prompt therefore does not matter, at any temperature that
one would use. The file follows https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3.
"""

import string
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

SENTENCE = "A tiny model wrote this line and always stops here."
CONTEXT = 32_768
WIDTH = 256
HEADS = 4
FEED_FORWARD = 64
CERTAINTY = 40.0
"""The logit of the one token that may come; all others have zero."""

UNKNOWN, START, END = 0, 1, 2
NORMAL, UNKNOWN_TYPE, CONTROL, BYTE = 1, 2, 3, 6
SPACE = "▁"
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant:{% endif %}"
)

Tensor = tuple[str, tuple[int, ...], "array[float]"]
"""Name, dimensions from the fastest one on, and values."""


def vocabulary() -> list[tuple[str, int]]:
    """Pieces and their kinds, by token number: special tokens, all bytes, the sentence's words, letters and pairs."""
    pieces = {"<unk>": UNKNOWN_TYPE, "<s>": CONTROL, "</s>": CONTROL}
    pieces.update({f"<0x{byte:02X}>": BYTE for byte in range(256)})
    for word in [SPACE + word for word in sentence_words()]:
        # The tokenizer joins two neighbours at a time, so every beginning of a word must be a piece.
        pieces.update({word[:end]: NORMAL for end in range(1, len(word) + 1)})
    letters = string.ascii_lowercase
    ordinary = [*(chr(code) for code in range(0x21, 0x7F)), *(SPACE + letter for letter in letters)]
    pieces.update(dict.fromkeys(ordinary, NORMAL))
    pieces.update({first + second: NORMAL for first in letters for second in letters})
    return list(pieces.items())


def sentence_words() -> list[str]:
    """The sentence's words, of which none may come twice: each one decides the next."""
    words = SENTENCE.split()
    if len(set(words)) != len(words):
        raise ValueError(f"a word comes twice in {SENTENCE!r}")
    return words


def tensors(pieces: Sequence[str]) -> list[Tensor]:
    """All weights."""
    number = {piece: token for token, piece in enumerate(pieces)}
    chain = [number[SPACE + word] for word in sentence_words()]
    own = {token: dimension for dimension, token in enumerate(chain)}

    embedding = zeros(WIDTH * len(pieces))
    for piece, token in number.items():
        shared = len(chain) + zlib.crc32(piece.encode()) % (WIDTH - len(chain))
        embedding[token * WIDTH + own.get(token, shared)] = 1.0

    output = zeros(WIDTH * len(pieces))
    # The norm before the output makes √WIDTH of the one in a one-hot vector.
    weight = CERTAINTY / WIDTH**0.5
    for dimension in range(WIDTH):
        following = chain[0] if dimension >= len(chain) else [*chain, END][dimension + 1]
        output[following * WIDTH + dimension] = weight

    square, ones = (WIDTH, WIDTH), array("f", [1.0] * WIDTH)
    found: list[Tensor] = [
        ("token_embd.weight", (WIDTH, len(pieces)), embedding),
        ("output.weight", (WIDTH, len(pieces)), output),
        ("output_norm.weight", (WIDTH,), ones),
        ("blk.0.attn_norm.weight", (WIDTH,), ones),
        ("blk.0.ffn_norm.weight", (WIDTH,), ones),
    ]
    found += [(f"blk.0.attn_{name}.weight", square, zeros(WIDTH * WIDTH)) for name in ("q", "k", "v", "output")]
    for name, shape in (
        ("gate", (WIDTH, FEED_FORWARD)),
        ("up", (WIDTH, FEED_FORWARD)),
        ("down", (FEED_FORWARD, WIDTH)),
    ):
        found.append((f"blk.0.ffn_{name}.weight", shape, zeros(WIDTH * FEED_FORWARD)))
    return found


def metadata(vocabulary: Sequence[tuple[str, int]]) -> list[bytes]:
    """The key-value pairs of the file's head."""
    pieces = [piece for piece, _ in vocabulary]
    return [
        pair("general.architecture", labelled("llama")),
        pair("general.name", labelled("tiny")),
        pair("llama.context_length", uint32(CONTEXT)),
        pair("llama.embedding_length", uint32(WIDTH)),
        pair("llama.block_count", uint32(1)),
        pair("llama.feed_forward_length", uint32(FEED_FORWARD)),
        pair("llama.attention.head_count", uint32(HEADS)),
        pair("llama.attention.head_count_kv", uint32(HEADS)),
        pair("llama.attention.layer_norm_rms_epsilon", typed(6, struct.pack("<f", 1e-5))),
        pair("llama.rope.dimension_count", uint32(WIDTH // HEADS)),
        pair("tokenizer.ggml.model", labelled("llama")),
        pair("tokenizer.ggml.tokens", sequence(8, map(text, pieces))),
        # Earlier pieces are joined first.
        pair("tokenizer.ggml.scores", sequence(6, (struct.pack("<f", -float(rank)) for rank in range(len(pieces))))),
        pair("tokenizer.ggml.token_type", sequence(5, (struct.pack("<i", kind) for _, kind in vocabulary))),
        pair("tokenizer.ggml.unknown_token_id", uint32(UNKNOWN)),
        pair("tokenizer.ggml.bos_token_id", uint32(START)),
        pair("tokenizer.ggml.eos_token_id", uint32(END)),
        pair("tokenizer.chat_template", labelled(TEMPLATE)),
    ]


def text(value: str) -> bytes:
    """A string: its length in bytes, then UTF-8."""
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def typed(kind: int, data: bytes) -> bytes:
    """A value behind the number of its type."""
    return struct.pack("<I", kind) + data


def uint32(value: int) -> bytes:
    """An unsigned number with its type."""
    return typed(4, struct.pack("<I", value))


def labelled(value: str) -> bytes:
    """A string with its type."""
    return typed(8, text(value))


def sequence(kind: int, items: Iterable[bytes]) -> bytes:
    """An array of values of one type."""
    packed = list(items)
    return typed(9, struct.pack("<IQ", kind, len(packed)) + b"".join(packed))


def pair(key: str, value: bytes) -> bytes:
    """A key and its value."""
    return text(key) + value


def zeros(count: int) -> "array[float]":
    """So many zeros of 32 bits."""
    return array("f", bytes(4 * count))


def padding(size: int) -> bytes:
    """What fills up to the alignment of 32 bytes."""
    return bytes(-size % 32)


def model() -> bytes:
    """The whole file."""
    words = vocabulary()
    pairs, weights = metadata(words), tensors([piece for piece, _ in words])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(pairs)) + b"".join(pairs)
    body = b""
    for name, shape, values in weights:
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(body))
        body += values.tobytes() + padding(4 * len(values))
    return head + padding(len(head)) + body


if __name__ == "__main__":
    if sys.byteorder != "little":
        sys.exit("this script writes the machine's own floats, which must be little-endian")
    Path(sys.argv[1]).write_bytes(model())

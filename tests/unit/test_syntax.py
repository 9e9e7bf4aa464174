"""Texts in every language that is known by its syntax: what their passages lie in, and what begins in them."""

import pytest

from rejoinder.index.chunks import split
from rejoinder.index.syntax.grammars import GRAMMARS
from rejoinder.index.syntax.languages import language_of
from rejoinder.index.syntax.outline import WHOLE_ROWS
from rejoinder.index.syntax.reading import load

# In each text, a line of three dots stands for as many statements as make a definition worth a passage of its own.
STATEMENTS = 64

TEXTS = {
    "pool.py": (
        """\
import os

class Pool(Base):
    '''Connections.'''

    # The oldest first.
    @cached
    def acquire(
        self, wait: float
    ) -> Connection:
        ...

    async def release(self):
        ...

if os.name == "nt":
    def lock():
        ...
""",
        "    " * 2 + "value = compute(1)",
        ["class Pool", "class Pool › def acquire", "class Pool › def release", "def lock"],
        ["Pool", "acquire", "release", "lock"],
    ),
    "pool.js": (
        """\
import fs from 'fs'

/** Connections. */
export class Pool {
  acquire (wait) {
    ...
  }

  release = () => {
    ...
  }
}

const build = async (options) => {
  ...
}

Pool.prototype.drain = function () {
  ...
}

module.exports = {
  stop: function () {
    ...
  }
}
""",
        "    compute(1)",
        ["class Pool › acquire", "class Pool › release", "build", "Pool.prototype.drain", "stop"],
        ["Pool", "acquire", "release", "build", "Pool.prototype.drain", "stop"],
    ),
    "pool.ts": (
        """\
export interface Options { wait: number }

export abstract class Pool<T> implements Closeable {
  @memo
  private acquire(wait: number): T {
    ...
  }

  release = (one: T): void => {
    ...
  }
}

namespace Tools {
  export function build(): void {
    ...
  }
}
""",
        "    compute(1)",
        ["class Pool › acquire", "class Pool › release", "namespace Tools › function build"],
        ["Options", "Pool", "acquire", "release", "Tools", "build"],
    ),
    "view.tsx": (
        """\
type Props = { title: string }

export const View = ({ title }: Props) => {
  ...
  return <h1>{title}</h1>
}

export default function App() {
  ...
  return <View title="a" />
}
""",
        "  compute(1)",
        ["View", "function App"],
        ["Props", "View", "App"],
    ),
    "pool.go": (
        """\
package pool

// Pool holds connections.
type Pool struct {
	idle []Conn
}

// Acquire waits.
func (p *Pool) Acquire(wait int) (Conn, error) {
	...
}

func New() *Pool {
	...
}
""",
        "	compute(1)",
        ["func (*Pool) Acquire", "func New"],
        ["Pool", "(*Pool) Acquire", "New"],
    ),
    "pool.rs": (
        """\
//! Connections.

/// Holds them.
#[derive(Debug)]
pub struct Pool<T> {
    idle: Vec<T>,
}

impl<T> Drop for Pool<T> {
    /// Waits.
    #[inline]
    fn drop(&mut self) {
        ...
    }
}

mod tools {
    pub fn build() {
        ...
    }
}
""",
        "        compute(1);",
        ["impl Drop for Pool<T> › fn drop", "mod tools › fn build"],
        ["Pool", "Drop for Pool<T>", "drop", "tools", "build"],
    ),
    "pool.c": (
        """\
#include <stdio.h>

struct pool {
    int idle;
};

/* Waits. */
static struct conn *
pool_acquire(struct pool *pool, int wait)
{
    ...
}

#ifdef LINUX
int pool_release(struct pool *pool) {
    ...
}
#endif
""",
        "    compute(1);",
        ["pool_acquire", "pool_release"],
        ["pool", "pool_acquire", "pool_release"],
    ),
    "pool.cpp": (
        """\
namespace net {

template <typename T>
class Pool : public Base {
public:
    T &acquire(int wait) {
        ...
    }
};

void Pool::release() {
    ...
}

}
""",
        "        compute(1);",
        ["namespace net › class Pool › acquire", "namespace net › Pool::release"],
        ["net", "Pool", "acquire", "Pool::release"],
    ),
    "Pool.java": (
        """\
package net;

/** Connections. */
@Shared
public class Pool<T> extends Base {
    private int idle;

    /** Waits. */
    @Override
    public T acquire(int wait) {
        ...
    }

    enum State {
        IDLE, BUSY;

        void turn() {
            ...
        }
    }
}
""",
        "        compute(1);",
        ["class Pool › acquire", "class Pool › enum State › turn"],
        ["Pool", "acquire", "State", "turn"],
    ),
    "Pool.cs": (
        """\
using System;

namespace Net
{
    /// <summary>Connections.</summary>
    [Shared]
    public class Pool<T> : Base
    {
        public int Idle { get; set; }

        public async Task<T> Acquire(int wait)
        {
            ...
        }

        public Pool()
        {
            ...
        }
    }
}
""",
        "            Compute(1);",
        ["namespace Net › class Pool › Acquire", "namespace Net › class Pool › Pool"],
        ["Net", "Pool", "Idle", "Acquire", "Pool"],
    ),
    "pool.rb": (
        """\
module Net
  # Connections.
  class Pool < Base
    def self.build
      ...
    end

    def acquire(wait)
      ...
    end
  end
end
""",
        "      compute 1",
        ["module Net › class Pool › def self.build", "module Net › class Pool › def acquire"],
        ["Net", "Pool", "self.build", "acquire"],
    ),
    "pool.php": (
        """\
<?php
namespace Net;

/** Connections. */
final class Pool extends Base
{
    #[Shared]
    public function acquire(int $wait): Connection
    {
        ...
    }
}

function build() {
    ...
}
""",
        "        compute(1);",
        ["class Pool › function acquire", "function build"],
        ["Net", "Pool", "acquire", "build"],
    ),
    "pool.lua": (
        """\
local Pool = {}

-- Waits.
function Pool:acquire(wait)
  ...
end

local build = function()
  ...
end

Pool.drain = function(self)
  ...
end
""",
        "  compute(1)",
        ["function Pool:acquire", "function build", "function Pool.drain"],
        ["Pool:acquire", "build", "Pool.drain"],
    ),
    "pool.sh": (
        """\
#!/bin/bash
set -e

# Waits.
acquire() {
  ...
}

function release {
  ...
}
""",
        "  compute 1",
        ["function acquire", "function release"],
        ["acquire", "release"],
    ),
    "pool.md": (
        """\
# Pool

What it is.

## Waiting

```sh
# no heading
```

...

Limits
------

...
""",
        "Some words.",
        ["Pool › Waiting", "Pool › Limits"],
        ["Pool", "Waiting", "Limits"],
    ),
    "pool.html": (
        """\
<!DOCTYPE html>
<html>
<body>
<section id="waiting">
...
</section>
<section id="limits">
...
</section>
</body>
</html>
""",
        "<p>Some words.</p>",
        ["section#waiting", "section#limits"],
        ["section#waiting", "section#limits"],
    ),
    "pool.css": (
        """\
/* Waiting. */
.pool > .waiting {
...
}

@media (max-width: 10em) {
.limits {
...
}
.other { color: red }
}
""",
        "  color: red;",
        [".pool > .waiting", "@media (max-width: 10em)"],
        [".pool > .waiting", "@media (max-width: 10em)", ".limits", ".other"],
    ),
    "pool.json": (
        """\
{
  "name": "pool",
  "waiting": {
...
    "last": 1
  },
  "limits": [
...
    {}
  ]
}
""",
        '    "a": {"value": 1},',
        ["waiting", "limits"],
        ["name", "waiting", "limits"],
    ),
    "pool.yaml": (
        """\
name: pool
# How long.
waiting:
  first: |
    ...
jobs:
  - name: build
    steps:
...
""",
        "      - run: words",
        ["waiting › first", "jobs › steps"],
        ["name", "waiting", "first", "jobs", "steps"],
    ),
    "pool.toml": (
        """\
name = "pool"

# How long.
[tool.waiting]
...

[[limits]]
...
""",
        "value = 1",
        ["tool.waiting", "limits"],
        ["tool.waiting", "limits"],
    ),
}


def text_of(name: str) -> str:
    text, statement, _, _ = TEXTS[name]
    lines = text.split("\n")
    return "\n".join("\n".join([statement] * STATEMENTS) if line.strip() == "..." else line for line in lines)


@pytest.mark.parametrize("name", TEXTS)
def test_scopes_and_names(name: str) -> None:
    chunks = list(split(text_of(name), name))
    assert set(TEXTS[name][2]) <= {chunk.scope for chunk in chunks}
    assert set(TEXTS[name][3]) <= {found for chunk in chunks for found in chunk.names}


@pytest.mark.parametrize("name", TEXTS)
def test_each_name_stands_in_its_signature(name: str) -> None:
    text = text_of(name)
    for chunk in split(text, name):
        assert len(chunk.definitions) == max(len(chunk.names), bool(chunk.scope))
        for found, (start, end) in zip(chunk.names, chunk.definitions, strict=False):
            last = found.replace("#", " ").replace(".", " ").replace("(*Pool)", "").split()[-1]
            assert last.strip("*()") in text[start:end]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_line_is_in_one_passage(name: str, ending: str) -> None:
    lines = text_of(name).split("\n")
    text = ending.join(lines)
    covered: list[int] = []
    for chunk in split(text, name):
        place = chunk.place
        assert text[chunk.start : chunk.end] == ending.join(lines[place.start_line : place.end_line + 1])
        covered += range(place.start_line, place.end_line + 1)
    assert len(covered) == len(set(covered))
    assert {number for number, line in enumerate(lines) if line.strip()} <= set(covered)


@pytest.mark.parametrize("name", TEXTS)
def test_one_function_is_not_torn_apart(name: str) -> None:
    """Comments and decorators stay with what they belong to, and so does the line that closes it."""
    text = text_of(name)
    for chunk in split(text, name):
        body = text[chunk.start : chunk.end]
        for comment, owner in (("The oldest first.", "acquire"), ("@cached", "acquire"), ("@Override", "acquire")):
            assert comment not in body or owner in body
        assert body.strip() not in ("}", "end", "#endif")


def test_a_long_function_is_cut_between_its_statements() -> None:
    step = "    if wait:\n        compute(\n            1,\n        )\n"
    text = "class Pool:\n    x = 1\n\ndef acquire(wait):\n" + step * 60 + "\ndef release(): ...\n"
    parts = [chunk for chunk in split(text, "a.py") if chunk.scope == "def acquire"]
    assert len(parts) > 2
    assert [chunk.names for chunk in parts[1:]] == [()] * (len(parts) - 1)
    for part in parts[1:]:
        assert text[part.start :].startswith("    if wait:")
        assert part.definition is not None and text[slice(*part.definition)] == "def acquire(wait):"
        assert part.place.end_line - part.place.start_line < WHOLE_ROWS


def test_short_neighbours_are_joined() -> None:
    text = "import a\nimport b\n\nX = 1\n\ndef f():\n    return 1\n\ndef g():\n    return 2\n"
    [chunk] = split(text, "a.py")
    assert (chunk.names, chunk.scope) == (("f", "g"), "")


def test_the_same_name_stands_once() -> None:
    [chunk] = split("jobs:\n" + "  - run: a\n" * 5, "ci.yml")
    assert chunk.names == ("jobs", "run")


def test_a_digest_is_of_the_content_alone() -> None:
    one, other = "def f(): ...\n", "\n\ndef f(): ...\n"
    assert [c.digest(one) for c in split(one, "a.py")] == [c.digest(other) for c in split(other, "b.py")]


@pytest.mark.parametrize(
    ("path", "language"),
    [("a/B.PY", "python"), ("Gemfile", "ruby"), (".bashrc", "bash"), ("a.h", "cpp"), ("Makefile", None), ("py", None)],
)
def test_the_language_is_told_by_the_name(path: str, language: str | None) -> None:
    assert language_of(path) == language


def test_the_table_holds_only_what_its_grammars_know() -> None:
    for name, grammar in GRAMMARS.items():
        language = load(name)
        for kind in (*grammar.kinds, *grammar.through, *grammar.wrappers, *grammar.leading):
            assert language.id_for_node_kind(kind, True) is not None, f"{name}: {kind}"
        for value in {value for kind in grammar.kinds.values() for value in kind.value}:
            assert language.id_for_node_kind(value, True) is not None, f"{name}: {value}"

/** Markdown to draw, and ways to cut it. */

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A text in pieces of 1 to `most` UTF-16 units. */
export function pieces(text, next, most = 40) {
  const cut = [];
  for (let from = 0; from < text.length;) {
    const size = 1 + Math.floor(next() * most);
    cut.push(text.slice(from, from + size));
    from += size;
  }
  return cut;
}

/** Everything that may stand in an answer, with the places where a block's kind shows late. */
export const EVERYTHING = [
  "# One\r\n\r\nA *paragraph* with `code`, **bold** and a [link][spec],\nover two lines.",
  "Heading by underline\n===",
  "Another\n-",
  "1. one\n\n2. two, loose\n\n   with a second paragraph\n\n   ```js\n   let a = 1;\n   ```\n3. three",
  "- a\n- b\n  - c\n\n    still c\n- d\n\n\n- e",
  "* other list\n+ third list",
  "1) paren\n2) list",
  "> quote\nlazy\n>\n> ```\n> code in quote\n> ```\n\nnot lazy",
  "    indented code\n\n    goes on\n\n  not code",
  "text\na | b\n--|:-:\n1 | `x|y`\n2 | https://ok.test/?a=1&b=2",
  "| wide | table |\n|---|---|\n| src/app.py:12 | b |\n\nafter",
  "---",
  "***\n___",
  '```python\ndef f(x):\n    """text\n\n    more"""\n    return x  # <b>\n```',
  "~~~\n```\nnot closed by backticks\n~~~",
  "````md\n```sh\nls\n```\n````",
  "   ```yaml\n   a: 1\n     b: 2\n   ```",
  "```\n```",
  "```diff\n-a\n+b\n```\ntext right below",
  "<div>\nno html\n</div>",
  "&amp; &lt; \\* escaped \\*",
  "Line with two spaces  \nbreak\\\nbreak",
  '[spec]: https://ok.test/spec "Title"',
  "Emoji 👩‍👩‍👧 and 漢字 and עברית, `src/a.py:3-4`.",
  "2\n\n2. late list\n3. goes on",
  "#no heading\n####### seven",
  "Setext\nover two lines\n---",
  "```unclosed\nuntil the end\n\n- not a list",
].join("\n\n");

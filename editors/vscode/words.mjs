// Collects what the extension and its page say, each `l10n.t("…")`, in l10n/bundle.l10n.json, which translations are made
// from.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = "src";
const BUNDLE = join("l10n", "bundle.l10n.json");
const CALL = /\bl10n\.t\(\s*/g;
const LITERAL = /"(?:[^"\\\n]|\\.)*"(?=\s*[,)])/y;

/** What a file says. Only what is written out can be found. */
function wordsIn(path) {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(CALL)].map((call) => {
    LITERAL.lastIndex = call.index + call[0].length;
    const literal = LITERAL.exec(text);
    if (!literal) throw new Error(`${path}:${text.slice(0, call.index).split("\n").length}: l10n.t needs a text in double quotes`);
    return JSON.parse(literal[0]);
  });
}

const files = readdirSync(SOURCES, { recursive: true }).filter((name) => name.endsWith(".ts"));
const words = [...new Set(files.flatMap((name) => wordsIn(join(SOURCES, name))))].sort();
mkdirSync("l10n", { recursive: true });
writeFileSync(BUNDLE, `${JSON.stringify(Object.fromEntries(words.map((word) => [word, word])), null, 2)}\n`);

// Bundles the extension and the chat page into dist/. With --watch it goes on; without --debug it minifies.
import { build, context } from "esbuild";

const debug = process.argv.includes("--debug");
const shared = { bundle: true, minify: !debug, sourcemap: debug ? "linked" : false, logLevel: "warning", legalComments: "none" };
const bundles = [
  {
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    // the language client's packages come both ways, and only one of them bundles
    mainFields: ["module", "main"],
    conditions: ["node"],
  },
  {
    ...shared,
    entryPoints: ["src/page/main.ts", "src/page/style.css"],
    outdir: "dist",
    entryNames: "page",
    platform: "browser",
    format: "iife",
    target: "chrome122",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
];

if (process.argv.includes("--watch")) {
  await Promise.all(bundles.map(async (options) => (await context(options)).watch()));
} else {
  await Promise.all(bundles.map((options) => build(options)));
}

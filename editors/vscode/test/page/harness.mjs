/**
 * The real bundle of the chat page in a real browser, with a stand-in for VS Code around it.
 *
 * `themes.json` holds the variables that VS Code 1.139 gives its pages in four default themes, as far as they are used.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const tools = process.env.REJOINDER_CODESERVER ?? here("../../../../.tools/codeserver");
const { chromium } = createRequire(`${tools}/driver/`)("playwright-core");

export const THEMES = JSON.parse(readFileSync(here("./themes.json"), "utf8"));
// https: a webview is a secure context
const ORIGIN = "https://page.test";
const NONCE = "c3RhbmQtaW4";
const POLICY = `default-src 'none'; style-src ${ORIGIN}; font-src ${ORIGIN}; img-src ${ORIGIN} data:; script-src 'nonce-${NONCE}'`;
const TYPES = { js: "text/javascript", css: "text/css", ttf: "font/ttf" };

/** Bundle the page in memory, as build.mjs does it for the extension. */
export async function bundle(more = {}) {
  const { outputFiles } = await build({
    absWorkingDir: here("../.."),
    entryPoints: ["src/page/main.ts", "src/page/style.css"],
    bundle: true,
    write: false,
    outdir: "dist",
    entryNames: "page",
    assetNames: "[name]",
    format: "iife",
    target: "chrome122",
    loader: { ".ttf": "file" },
    legalComments: "none",
    ...more,
  });
  return new Map(outputFiles.map((file) => [file.path.split(/[/\\]/).at(-1), Buffer.from(file.contents)]));
}

export function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });
}

/**
 * Of a file of tests: one browser, and what gives each test a page of its own, which `prepare` is done to first. Nothing
 * may be refused by the page's policy, and nothing asked for from elsewhere.
 */
export function pages(prepare = () => undefined) {
  let browser;
  let files;
  before(async () => ([browser, files] = await Promise.all([launch(), bundle()])));
  after(() => browser.close());
  return async (run, options) => {
    const chat = await open(browser, files, options);
    try {
      await prepare(chat);
      await run(chat);
      assert.deepEqual(chat.refused, []);
      assert.deepEqual(chat.elsewhere, []);
    } finally {
      await chat.close();
    }
  };
}

/**
 * The page in a window of its own. `saved` is what VS Code kept of it; `width` of a side bar. `answers` are told as soon
 * as it is ready, and `window.painted` says when they are on the screen. `words` are those of another `language`.
 */
export async function open(browser, files, options = {}) {
  const { theme = "dark", width = 360, height = 700, saved, answers, reducedMotion = "no-preference", words, language } = options;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion });
  const page = await context.newPage();
  const refused = [];
  page.on("console", (message) => /Content Security Policy/.test(message.text()) && refused.push(message.text()));
  page.on("pageerror", (error) => refused.push(String(error)));
  const elsewhere = [];
  await page.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const name = url.pathname.slice(1);
    if (url.origin !== ORIGIN) elsewhere.push(url.href);
    if (url.origin === ORIGIN && name === "") {
      return route.fulfill({ contentType: "text/html", headers: { "Content-Security-Policy": POLICY }, body: html(words, language) });
    }
    if (url.origin === ORIGIN && files.has(name))
      return route.fulfill({ contentType: TYPES[name.split(".").at(-1)], body: files.get(name) });
    return route.abort();
  });
  await page.addInitScript(standIn, { saved, theme: THEMES[theme], answers });
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction(() => window.posted.some((message) => message.type === "ready"));
  return new ChatPage(page, refused, elsewhere);
}

const html = (words = {}, language = "en") =>
  `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"><link rel="stylesheet" href="page.css"></head>` +
  `<body><div id="app"></div><script type="application/json" id="words">${JSON.stringify(words)}</script>` +
  `<script nonce="${NONCE}" src="page.js"></script></body></html>`;

/** Runs in the browser before the page's own script. */
function standIn({ saved, theme, answers }) {
  let state = saved;
  window.posted = [];
  // before the page's own listener
  window.addEventListener("message", () => (window.arrived = performance.now()));
  window.acquireVsCodeApi = () => {
    window.began = performance.now();
    return {
      postMessage(message) {
        window.posted.push(structuredClone(message));
        if (message.type === "ready" && answers) tell(answers);
      },
      getState: () => state,
      setState: (next) => (state = structuredClone(next)),
    };
  };
  function tell(messages) {
    for (const message of messages) window.postMessage(message);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (window.painted = performance.now());
    const painted = () => (document.querySelector(".turn") ? port2.postMessage("") : requestAnimationFrame(painted));
    requestAnimationFrame(painted);
  }
  window.savedState = () => state;
  document.addEventListener("DOMContentLoaded", () => {
    for (const [name, value] of Object.entries(theme.variables))
      document.documentElement.style.setProperty(name, value);
    document.body.className = theme.bodyClass;
    document.body.style.background = "var(--vscode-sideBar-background)";
  });
}

/** What a test does with the page: tell it things, and see what it tells. */
export class ChatPage {
  constructor(page, refused, elsewhere) {
    this.page = page;
    this.refused = refused;
    this.elsewhere = elsewhere;
    this.input = page.getByRole("textbox", { name: "Message" });
  }

  /** Messages of the extension, in one task each, as `postMessage` brings them. */
  async tell(...messages) {
    await this.page.evaluate(async (all) => {
      for (const message of all) {
        window.postMessage(message);
        await new Promise((resolve) => window.addEventListener("message", resolve, { once: true }));
      }
    }, messages);
  }

  /** What the page has told so far, of one type. */
  posted(type) {
    return this.page.evaluate((wanted) => window.posted.filter((message) => message.type === wanted), type);
  }

  /** Wait until the page has told `count` messages of a type; gives the last. */
  async told(type, count = 1) {
    await this.page.waitForFunction(
      ([wanted, least]) => window.posted.filter((message) => message.type === wanted).length >= least,
      [type, count],
    );
    return (await this.posted(type)).at(-1);
  }

  /** Two frames later everything that was told is drawn. */
  drawn() {
    return this.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
  }

  close() {
    return this.page.context().close();
  }
}

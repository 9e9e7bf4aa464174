/** The chat page's document. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** A document that runs the page's own script and nothing else; its styles, fonts and pictures come from `dist`. */
export function pageHtml(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const address = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join("; ");
  const { bundle } = vscode.l10n;
  return `<!DOCTYPE html>
<html lang="${bundle ? vscode.env.language : "en"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address("page.css")}">
<title>Rejoinder</title>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="words">${JSON.stringify(bundle ?? {}).replace(/</g, "\\u003c")}</script>
<script nonce="${nonce}" src="${address("page.js")}"></script>
</body>
</html>`;
}

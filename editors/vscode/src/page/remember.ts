/** What of a message is to be remembered. */

/** Let VS Code's own menu come up on a message; `package.json` says what is in it. */
export function offerMenu(root: HTMLElement, messageId: string, webviewSection: "question" | "answer"): void {
  const context = { webviewSection, messageId, preventDefaultContextMenuItems: false };
  root.dataset.vscodeContext = JSON.stringify(context);
}

/** What is selected within a message, else all of it. */
export function chosenText(message: Element, all: string): string {
  const selection = document.getSelection();
  const chosen = selection && !selection.isCollapsed && selection.containsNode(message, true) ? selection : undefined;
  const text = chosen?.toString().trim() ?? "";
  return text === "" ? all.trim() : text;
}

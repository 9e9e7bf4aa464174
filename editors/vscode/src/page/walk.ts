/** Keys that lead from message to message: Alt and an arrow anywhere in the log, Page Up and Down on a message. */

/** Listen in the log. The message that is reached has the focus, so what is near it is drawn. */
export function walkByKeys(log: HTMLElement): void {
  log.addEventListener("keydown", (event) => {
    const step = stepOf(event);
    if (step === 0) return;
    const turns = [...log.querySelectorAll<HTMLElement>(".turns > .turn")];
    const next = at(turns, event.target as Element, log) + step;
    event.preventDefault();
    // `focus` alone would put what is longer than the view anywhere
    turns[next]?.focus({ preventScroll: true });
    turns[next]?.scrollIntoView({ block: step < 0 && turns[next].offsetHeight > log.clientHeight ? "end" : "nearest" });
  });
}

function stepOf(event: KeyboardEvent): number {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return 0;
  const onTurn = (event.target as Element).matches(".turn");
  if (event.altKey ? event.key === "ArrowDown" : onTurn && event.key === "PageDown") return 1;
  if (event.altKey ? event.key === "ArrowUp" : onTurn && event.key === "PageUp") return -1;
  return 0;
}

/** The message that the focus is in; from the log itself one comes to what is in view. */
function at(turns: HTMLElement[], focused: Element, log: HTMLElement): number {
  const inside = turns.findIndex((turn) => turn.contains(focused));
  if (inside >= 0) return inside;
  const { bottom } = log.getBoundingClientRect();
  const below = turns.findIndex((turn) => turn.getBoundingClientRect().bottom >= bottom);
  return below < 0 ? turns.length : below;
}

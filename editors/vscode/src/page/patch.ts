/** Makes nodes on the page equal to newly rendered ones and leaves alone what is the same already. */

/** The nodes that HTML stands for. */
export function drawn(html: string): ChildNode[] {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.childNodes];
}

/** Change `parent`'s children from number `first` on into `wanted`. Untouched nodes keep focus and selection. */
export function patchChildren(parent: Node, first: number, wanted: readonly Node[]): void {
  let current = parent.childNodes[first] ?? null;
  for (const node of wanted) {
    if (current === null) {
      parent.appendChild(node);
      continue;
    }
    const next: ChildNode | null = current.nextSibling;
    patch(current, node);
    current = next;
  }
  while (current !== null) {
    const next: ChildNode | null = current.nextSibling;
    parent.removeChild(current);
    current = next;
  }
}

function patch(old: ChildNode, wanted: Node): void {
  if (old.isEqualNode(wanted)) return;
  if (old instanceof Text && wanted instanceof Text) {
    // appending and cutting off keep a selection that lies in the text
    if (wanted.data.startsWith(old.data)) old.appendData(wanted.data.slice(old.length));
    else if (old.data.startsWith(wanted.data)) old.deleteData(wanted.length, old.length);
    else old.data = wanted.data;
  } else if (old instanceof Element && wanted instanceof Element && old.tagName === wanted.tagName) {
    patchAttributes(old, wanted);
    patchChildren(old, 0, [...wanted.childNodes]);
  } else {
    old.replaceWith(wanted);
  }
}

function patchAttributes(old: Element, wanted: Element): void {
  for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

/** DOM nodes without HTML strings. */

type Child = Node | string | undefined;

/** An element with attributes and children. An attribute whose value is `undefined` or `false` is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A glyph of the icon font; `name` is a class of icons.css. */
export function icon(name: string): HTMLElement {
  return element("span", { class: `icon icon-${name}`, "aria-hidden": "true" });
}

/** A button that shows an icon alone; `label` is its name for screen readers and its tooltip. */
export function iconButton(name: string, label: string, attributes: Record<string, string> = {}): HTMLButtonElement {
  return button("icon-button", { "aria-label": label, title: label, ...attributes }, icon(name));
}

/** A button with a text. */
export function textButton(label: string, attributes: Record<string, string> = {}): HTMLButtonElement {
  return button("text-button", attributes, label);
}

function button(kind: string, attributes: Record<string, string>, child: Child): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, child);
  made.classList.add(kind);
  return made;
}

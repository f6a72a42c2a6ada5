type Child = Node | string;

/** Makes an HTML element. */
export function html(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElement {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** Makes an SVG element. */
export function svg(tag: string, attributes: Readonly<Record<string, string>> = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(element, attributes, children);
  return element;
}

/** Makes a button. `key` is its own, so that it keeps the focus when it is drawn again. */
export function button(label: string, key: string, onClick: () => void): HTMLButtonElement {
  const element = html('button', { type: 'button', 'data-key': key }, label) as HTMLButtonElement;
  element.addEventListener('click', onClick);
  return element;
}

function fill(element: Element, attributes: Readonly<Record<string, string>>, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
}

// Elements out of values. Whatever the server says becomes text, never markup: prompts are hostile.

// Control characters, and those that turn the direction of the text around them.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Return a text in which nothing is hidden and nothing acts on its surroundings. */
export function visible(text) {
  return String(text).replace(UNSEEN, (character) => {
    const code = character.codePointAt(0);
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** Return an element: attributes by name, listeners as `onclick`, children as nodes or texts. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, visible(value));
  }
  fill(element, children);
  return element;
}

/** Put children into an element in place of those it has. */
export function refill(element, ...children) {
  element.replaceChildren();
  fill(element, children);
}

function fill(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
}

/** Return an instant of the virtual clock, short, with all of it behind. */
export function instant(iso) {
  if (!iso) return h("span", {}, "–");
  return h("time", { datetime: iso, title: iso }, `${iso.slice(5, 10)} ${iso.slice(11, 19)}`);
}

/** Return an amount without the zeros that say nothing. */
export function money(amount, currency = "") {
  const short = amount.includes(".") ? amount.replace(/(\.\d\d\d*?)0+$/, "$1") : amount;
  return `${short} ${currency}`.trim();
}

/** Return a link to an account's wallet. */
export function accountLink(id) {
  return id ? h("a", { href: `#wallets/${encodeURIComponent(id)}`, class: "mono" }, id) : h("span", { class: "quiet" }, "no account");
}

/** Return a small word in a colour of its meaning: good, bad, warm, calm. */
export function chip(word, tone = "calm") {
  return h("span", { class: `chip ${tone}` }, word);
}

/** Return a list of names and values. */
export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value, kind]) => h("div", { class: kind }, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** Return a table with a caption for those who cannot see it; cells carry their column's name for narrow screens. */
export function table(caption, columns, rows) {
  return h(
    "table",
    {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))),
    h("tbody", {}, rows.map((cells) => row(columns, cells))),
  );
}

/** Return one row of such a table. */
export function row(columns, cells, attributes = {}) {
  return h("tr", attributes, cells.map((cell, index) => h("td", { "data-column": columns[index] }, cell)));
}

/** Return a labelled field. */
export function field(label, control, hint = "") {
  return h("label", {}, h("span", {}, label, hint ? h("small", { class: "quiet" }, ` ${hint}`) : null), control);
}

/** Return JSON for people, or a text as it is. */
export function pretty(value) {
  return h("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));
}

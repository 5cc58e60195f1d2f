// One dialog for whatever is looked at closely. Escape closes it, and focus goes back by itself.

import { h, refill } from "./elements.js";

const dialog = () => document.getElementById("details");

/** Show something closely. */
export function open(title, ...children) {
  const close = h("button", { type: "button", class: "plain", onclick: () => dialog().close() }, "Close");
  refill(dialog(), h("div", { class: "bar" }, h("h2", { id: "details-title" }, title), close), children);
  dialog().showModal();
}

/** Ask before something is done that cannot be taken back. */
export function confirm(title, text, verb, work) {
  const go = h("button", { type: "button", class: "danger", onclick: () => (dialog().close(), work()) }, verb);
  open(title, h("p", {}, text), go);
}

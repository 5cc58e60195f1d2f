// What went well or wrong, said where it is seen and read aloud.

import { h } from "./elements.js";

const LINGER_MS = 6000;
const region = () => document.getElementById("notices");

/** Say something that needs no answer. */
export function say(text) {
  const notice = h("p", { class: "notice" }, text);
  region().replaceChildren(notice);
  setTimeout(() => notice.remove(), LINGER_MS);
}

/** Say what went wrong, until it is dismissed. */
export function warn(error) {
  const known = region().querySelector(".wrong");
  if (known?.dataset.said === error.message) return;
  const close = h("button", { type: "button", class: "plain", onclick: () => notice.remove() }, "Dismiss");
  const notice = h("div", { class: "notice wrong", "data-said": error.message }, explained(error), close);
  region().replaceChildren(notice);
}

/** Take back that the server does not answer: it does. */
export function relent() {
  region().querySelector(".wrong[data-said='the server does not answer']")?.remove();
}

/** Return the words of an error: what, where, and what to do. */
export function explained(error) {
  return h(
    "p",
    {},
    error.field ? h("strong", {}, `${error.field}: `) : null,
    error.message,
    error.suggestion ? h("span", { class: "suggestion" }, ` — ${error.suggestion}`) : null,
  );
}

/** Return a form that does its work without leaving the page, and shows inside what was refused. */
export function form(attributes, work, ...children) {
  const wrong = h("div", { role: "alert" });
  const element = h("form", { novalidate: true, ...attributes }, children, wrong);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.replaceChildren();
    for (const marked of element.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
    try {
      await work(element);
    } catch (error) {
      wrong.append(h("div", { class: "wrong" }, explained(error)));
      const named = error.field ? element.elements.namedItem(error.field) : null;
      if (named instanceof HTMLElement) {
        named.setAttribute("aria-invalid", "true");
        named.focus();
      }
    }
  });
  return element;
}

/** Do something at the press of a button, and say what was refused. */
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    warn(error);
  }
}

// What to do when there is nothing to see yet.

import { h } from "./elements.js";

/** Return an invitation with a request that works against this server. */
export function invitation(text, about, chosen = () => true) {
  const profiles = about.profiles.filter(chosen);
  return h(
    "div",
    { class: "empty" },
    h("p", {}, text),
    about.opens_accounts ? null : h("p", {}, "Only known keys are served here: open an account under Wallets, and put its key in place of KEY."),
    profiles.map((profile) => command(curl(profile, about.opens_accounts ? profile.example.key : "KEY"))),
  );
}

/** Return a request of a profile as a command. */
export function curl(profile, key) {
  const { path, body } = profile.example;
  return [
    `curl ${location.origin}${profile.base}${path}`,
    `-H ${quoted(`Authorization: Bearer ${key}`)}`,
    `-H ${quoted("Content-Type: application/json")}`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(" \\\n  ");
}

/** Return a command to be copied. */
export function command(text) {
  const copy = h("button", {
    type: "button",
    class: "plain",
    onclick: async () => {
      await navigator.clipboard?.writeText(text);
      copy.textContent = "Copied";
    },
  }, "Copy");
  return h("div", { class: "command" }, h("pre", { tabindex: "0" }, text), copy);
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

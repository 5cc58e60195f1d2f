// The journal, live: what was asked, what answered, and why.

import { open } from "./details.js";
import { accountLink, chip, facts, field, h, instant, pretty, refill, row } from "./elements.js";
import { invitation } from "./examples.js";
import { attempt, form, say } from "./notices.js";
import { ask, path } from "./plane.js";
import { repeating } from "./repeating.js";

const PAUSE_MS = 1000;
const ROWS = 300;
const COLUMNS = ["Time", "Request", "Status", "Answered by", "Why", "Fault", "Account"];

/** Build the view. */
export function requests(root, about) {
  let last = null;
  let total = 0;
  let epoch = 0; // an answer to an earlier question comes too late
  const body = h("tbody", { onkeydown: travel });
  const list = h("table", {}, h("caption", { class: "unseen" }, "Requests, newest first"), h("thead", {}, h("tr", {}, COLUMNS.map((name) => h("th", { scope: "col" }, name)))), body);
  const empty = h("div", {});
  const count = h("p", { class: "quiet" });
  const filters = form({ class: "fields", onchange: again }, again, ...filterFields());
  const live = repeating(refresh, PAUSE_MS);
  const pause = h("button", { type: "button", "aria-pressed": "false", onclick: toggle }, "Pause");
  const clear = h("button", { type: "button", class: "plain", onclick: () => attempt(forget) }, "Clear");
  root.append(h("div", { class: "bar" }, filters, h("div", { class: "buttons" }, pause, clear)), count, list, empty);

  function wanted() {
    return Object.fromEntries(new FormData(filters));
  }

  async function refresh() {
    const asked = epoch;
    const query = last === null ? { latest: ROWS } : { after: last, latest: ROWS };
    const found = await ask("GET", path("requests", { ...wanted(), ...query }));
    if (asked !== epoch) return;
    if (last !== null && found.last < last) return again(); // another server runs here now
    if (last === null) body.replaceChildren();
    total = last === null ? found.total : total + found.total;
    last = found.last;
    for (const line of found.requests) body.prepend(shown(line, about));
    while (body.rows.length > ROWS) body.lastElementChild.remove();
    settle();
  }

  function settle() {
    const rows = body.rows.length;
    list.hidden = rows === 0;
    const filtered = Object.values(wanted()).some((value) => value !== "");
    if (rows) refill(empty);
    else refill(empty, filtered ? h("p", { class: "empty" }, "No request fits these filters.") : invitation("Nothing was asked yet. Try one of these:", about));
    count.textContent = rows ? `${total} kept${total > rows ? `, the newest ${rows} shown` : ""}` : "";
    if (rows && !body.querySelector("button[tabindex='0']")) body.querySelector("button").tabIndex = 0;
  }

  async function again() {
    last = null;
    epoch += 1;
    live.stop();
    await (pause.getAttribute("aria-pressed") === "true" ? attempt(refresh) : live.start());
  }

  function toggle() {
    const paused = pause.getAttribute("aria-pressed") !== "true";
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (paused) live.stop();
    else live.start();
  }

  async function forget() {
    const { deleted } = await ask("DELETE", path("requests", { account: wanted().account }));
    say(`${deleted} requests forgotten`);
    await again();
  }

  return {
    show() {
      if (pause.getAttribute("aria-pressed") !== "true") live.start();
    },
    hide: live.stop,
  };
}

function filterFields() {
  const classes = [["", "any"], ["2", "2xx"], ["4", "4xx"], ["5", "5xx"]];
  return [
    field("Status", h("select", { name: "status_class" }, classes.map(([value, text]) => h("option", { value }, text)))),
    field("Path", h("input", { name: "path_part", type: "search", placeholder: "part of it", size: "14" })),
    field("Account", h("input", { name: "account", type: "search", placeholder: "acc_…", size: "16" })),
    field("Trace", h("input", { name: "trace", type: "search", placeholder: "abc123", size: "10" })),
    h("button", { class: "unseen" }, "Filter"),
  ];
}

function shown(line, about) {
  const look = () => close(line, about);
  const button = h("button", { type: "button", class: "open", tabindex: "-1", onclick: look }, h("b", {}, line.method), ` ${line.path}`);
  const cells = [instant(line.at), button, status(line.status), answeredBy(line), why(line), line.fault ? chip(line.fault, "warm") : "", accountLink(line.account)];
  const element = row(COLUMNS, cells, { onclick: (event) => event.target.closest("button, a") ?? look() });
  element.classList.add("request");
  return element;
}

function close(line, about) {
  open(
    `${line.method} ${line.path}`,
    facts([
      ["Status", status(line.status)],
      ["Why", why(line)],
      ["Step", line.step],
      ["Claims", line.claim.join(", ")],
      ["Fault", line.fault],
      ["Profile", profile(line, about)],
      ["Account", accountLink(line.account)],
      ["Request id", line.id],
      ["Trace", line.trace],
      ["Time", line.at],
    ]),
    h("h3", {}, "Request"),
    line.request === null ? h("p", { class: "quiet" }, "no body") : pretty(line.request),
    h("h3", {}, "Response"),
    line.response === null ? h("p", { class: "quiet" }, "no body") : pretty(line.response),
  );
}

function status(code) {
  return chip(code, code < 400 ? "good" : code < 500 ? "warm" : "bad");
}

function answeredBy(line) {
  return h("span", {}, h("span", { class: "mono" }, line.step), " ", h("span", { class: "quiet mono claims" }, line.claim.join(" ")));
}

/** Return the provider's own words about an error; a success needs none. */
function why(line) {
  if (line.status < 400) return "";
  const { response } = line;
  const said = response?.error?.message ?? response?.message ?? response?.detail ?? response?.error ?? response ?? "";
  return h("span", { class: "text" }, typeof said === "string" ? said : JSON.stringify(said));
}

function profile(line, about) {
  const named = about.profiles.find((item) => line.path.startsWith(`${item.base}/`));
  return (named ?? about.profiles[0]).profile;
}

// One row is in the order of tabs; the arrows go through the others.
function travel(event) {
  const rows = [...event.currentTarget.rows];
  const at = rows.indexOf(event.target.closest("tr"));
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (next === undefined || !rows[next]) return;
  event.preventDefault();
  for (const button of event.currentTarget.querySelectorAll("button[tabindex='0']")) button.tabIndex = -1;
  const button = rows[next].querySelector("button");
  button.tabIndex = 0;
  button.focus();
}

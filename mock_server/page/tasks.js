// Tasks and where they stand on the virtual clock.

import { accountLink, chip, facts, field, h, instant, money, refill } from "./elements.js";
import { invitation } from "./examples.js";
import { attempt, form, say } from "./notices.js";
import { ask, path } from "./plane.js";
import { repeating } from "./repeating.js";

const PAUSE_MS = 2000;
const SHOWN = 50;
const TONES = { succeeded: "good", failed: "bad", canceled: "warm" };
const STATES = ["queued", "running", "succeeded", "failed", "canceled"];

/** Build the view. */
export function tasks(root, about) {
  const cards = new Map();
  const list = h("ul", { class: "tasks" });
  const note = h("div", {});
  const filters = form(
    { class: "fields", onchange: () => attempt(load) },
    load,
    field("State", h("select", { name: "status" }, h("option", { value: "" }, "any"), STATES.map((state) => h("option", { value: state }, state)))),
    field("Account", h("input", { name: "account", type: "search", placeholder: "acc_…", size: "18" })),
    h("button", {}, "Show"),
  );
  const live = repeating(load, PAUSE_MS);
  root.append(h("div", { class: "bar" }, filters), note, list);

  async function load() {
    const wanted = Object.fromEntries(new FormData(filters));
    const found = await ask("GET", path("tasks", { ...wanted, limit: SHOWN }));
    const ids = new Set(found.tasks.map((task) => task.id));
    for (const [id, card] of cards) if (!ids.has(id)) card.remove(), cards.delete(id);
    found.tasks.forEach((task, index) => place(task, index));
    refill(note, found.tasks.length ? h("p", { class: "quiet" }, `${found.total} tasks${found.total > SHOWN ? `, the newest ${SHOWN} shown` : ""}`) : nothing(wanted));
  }

  function nothing(wanted) {
    if (Object.values(wanted).some((value) => value !== "")) return h("p", { class: "empty" }, "No task fits these filters.");
    if (!about.profiles.some((profile) => profile.has_tasks)) return h("p", { class: "empty" }, "No profile served here has tasks: its images come with the answer. Serve one that has, beside it.");
    return invitation("No task was created yet. Try this:", about, (profile) => profile.has_tasks);
  }

  function place(task, index) {
    const said = JSON.stringify(task);
    let card = cards.get(task.id);
    if (!card) cards.set(task.id, (card = h("li", { class: "card" })));
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
    if (card.dataset.said === said) return;
    const kept = card.contains(document.activeElement) ? document.activeElement.textContent : null;
    card.dataset.said = said;
    refill(card, shown(task, (change) => attempt(() => push(task, change))));
    if (kept) [...card.querySelectorAll("button")].find((button) => button.textContent === kept)?.focus();
  }

  async function push(task, change) {
    const moved = await ask("POST", `tasks/${encodeURIComponent(task.id)}`, change);
    say(`${task.id} is ${moved.status}${moved.held ? ", held" : ""}`);
    await load();
  }

  return { show: live.start, hide: live.stop };
}

function shown(task, push) {
  const over = task.status in TONES;
  const button = (text, change) => h("button", { type: "button", "aria-label": `${text} ${task.id}`, onclick: () => push(change) }, text);
  return [
    h("div", { class: "bar" }, h("h2", { class: "mono" }, task.id), h("span", {}, chip(task.status, TONES[task.status]), task.held ? chip("held", "warm") : null)),
    timeline(task),
    facts([
      ["Images", `${task.images} of ${task.asked}`],
      ["Charged", money(task.charged, task.currency)],
      ["Refunded", money(task.refunded, task.currency)],
      ["Model", task.model],
      ["Capability", task.capability],
      ["Account", accountLink(task.account)],
      ["Looks", task.looks_needed === null ? task.looks || null : `${task.looks} of ${task.looks_needed}`],
      ["Failure", task.failure],
      ["Artifacts", task.artifacts.length ? h("span", { class: "mono" }, task.artifacts.join(" ")) : null, "wide"],
    ]),
    over
      ? null
      : h(
          "div",
          { class: "buttons" },
          button("Succeed", { status: "succeeded" }),
          button("Fail", { status: "failed" }),
          task.held ? button("Release", { hold: false }) : button("Hold", { hold: true }),
        ),
  ];
}

/** Return the bar from queued over running to the end, with a mark for now. */
function timeline(task) {
  const at = (iso) => Date.parse(iso);
  const begin = at(task.created_at);
  const now = at(task.now);
  const end = task.ends_at ? at(task.ends_at) : Math.max(now, begin + 1);
  const share = (moment) => Math.min(100, Math.max(0, ((moment - begin) / Math.max(1, end - begin)) * 100));
  const queued = task.running_at ? share(at(task.running_at)) : task.status === "queued" || task.ends_at ? 100 : 0;
  const bar = h("div", { class: "timeline", "aria-hidden": "true" }, h("span", { class: "queued" }), h("span", { class: `running ${TONES[task.status] ?? ""}` }), h("i", {}));
  bar.children[0].style.width = `${queued}%`;
  bar.children[1].style.width = `${100 - queued}%`;
  bar.children[2].style.left = `${share(now)}%`;
  const ended = task.status in TONES;
  return h(
    "div",
    {},
    bar,
    h(
      "p",
      { class: "quiet stations" },
      h("span", {}, "queued ", instant(task.created_at)),
      task.running_at ? h("span", {}, "running ", instant(task.running_at)) : null,
      task.ends_at ? h("span", {}, ended ? `${task.status} ` : "due ", instant(task.ends_at)) : h("span", {}, task.held ? "held by hand" : "moved by looks"),
    ),
  );
}

// Faults to switch on, built from the words that the server knows.

import { chip, field, h, instant, refill, table } from "./elements.js";
import { attempt, form, say } from "./notices.js";
import { ask } from "./plane.js";
import { repeating } from "./repeating.js";

const PAUSE_MS = 2000;
const PARTS = { account: "acc_…", path: "/images/generations", model: "exact name", prompt: "part of it", trace: "abc123" };

/** Build the view. */
export function faults(root) {
  const making = h("div", {});
  const list = h("div", {});
  const live = repeating(load, PAUSE_MS);
  let said = "";
  root.append(making, list);

  async function load() {
    if (!making.hasChildNodes()) making.append(makingForm(await ask("GET", "faults/vocabulary"), load));
    const found = await ask("GET", "faults");
    if (JSON.stringify(found) === said) return;
    said = JSON.stringify(found);
    refill(list, h("div", { class: "bar" }, h("h2", {}, "Standing faults"), found.faults.length > 1 && h("button", { type: "button", class: "danger", onclick: () => attempt(() => take("faults")) }, "Delete all")), shown(found.faults, take));
  }

  async function take(place) {
    const { deleted } = await ask("DELETE", place);
    say(`${deleted} fault${deleted === 1 ? "" : "s"} deleted`);
    await load();
  }

  return { show: live.start, hide: live.stop };
}

function shown(standing, take) {
  if (!standing.length) return h("p", { class: "empty" }, "No fault stands: every request is answered as documented. Switch one on above; the next request that makes images meets it.");
  const rows = standing.map((fault) => {
    const { id, effect, match, times, hits, expires_at: expires, after, probability, seed, message, ...rest } = fault;
    const when = [after ? `after ${after}` : "", probability < 1 ? `chance ${probability}` : "", seed ? `seed ${seed}` : ""].filter(Boolean).join(", ");
    const told = Object.entries({ ...rest, message }).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value}`).join(", ");
    const spent = times !== null && hits >= times;
    return [
      h("b", { class: "mono" }, effect),
      h("span", { class: "text" }, Object.entries(match).map(([name, value]) => `${name} ${value}`).join(", ") || "every request for images"),
      h("span", { class: "text" }, told || "–"),
      when || "at once",
      h("span", {}, `${hits}${times === null ? "" : ` of ${times}`} `, spent ? chip("used up") : null),
      expires ? instant(expires) : "never",
      h("button", { type: "button", "aria-label": `Delete ${id} ${effect}`, onclick: () => attempt(() => take(`faults/${encodeURIComponent(id)}`)) }, "Delete"),
    ];
  });
  return table("Standing faults", ["Effect", "Meets", "With", "When", "Hits", "Ends", "Take down"], rows);
}

function makingForm(words, done) {
  if (!words.open) return h("p", { class: "empty" }, "Faults are switched off here: start without --no-faults.");
  const special = h("div", { class: "fields" });
  const effect = h("select", { name: "effect", onchange: specialise }, words.effects.map(({ name }) => h("option", { value: name }, name)));
  effect.value = "server_error";
  specialise();

  function specialise() {
    const chosen = words.effects.find(({ name }) => name === effect.value);
    refill(special, chosen.arguments.map((name) => control(name, words.fields[name], chosen.statuses)));
  }

  return form(
    { class: "card" },
    async (element) => {
      const made = await ask("POST", "faults", written(element, words));
      say(`${effect.value} stands as ${made.id}`);
      await done();
    },
    h("h2", {}, "Switch a fault on"),
    h("div", { class: "fields" }, field("Effect", effect), special, control("times", words.fields.times)),
    h("fieldset", {}, h("legend", {}, "Which requests; empty meets all"), h("div", { class: "fields" }, words.match.map((name) => field(name, h("input", { name: `match.${name}`, placeholder: PARTS[name] ?? "", size: "16" }))))),
    h("details", {}, h("summary", {}, "When and how"), h("div", { class: "fields" }, words.common.filter((name) => name !== "times").map((name) => control(name, words.fields[name])))),
    h("button", { class: "main" }, "Switch on"),
  );
}

function control(name, word, statuses = []) {
  const choices = name === "status" ? statuses.map(String) : word.choices;
  if (choices.length) return field(name, h("select", { name }, h("option", { value: "" }, "as usual"), choices.map((value) => h("option", { value }, value))), word.about);
  const bounds = word.least === null ? "" : `${word.least}${word.most === null ? " or more" : `–${word.most}`}`;
  return field(name, h("input", { name, inputmode: word.kind === "text" ? "text" : "decimal", placeholder: bounds, size: "12" }), word.about);
}

/** Return the body: what was filled in, numbers as numbers. What is no number is sent as it stands, and refused. */
function written(element, words) {
  const body = { match: {} };
  for (const [name, value] of new FormData(element)) {
    if (value === "") continue;
    const numeric = ["whole", "number"].includes(words.fields[name]?.kind) && value.trim() !== "" && !Number.isNaN(Number(value));
    if (name.startsWith("match.")) body.match[name.slice("match.".length)] = value;
    else body[name] = numeric ? Number(value) : value;
  }
  return body;
}

// The virtual clock, what a dollar costs, and the way back to the beginning.

import { confirm } from "./details.js";
import { chip, field, h, refill } from "./elements.js";
import { attempt, form, say } from "./notices.js";
import { ask, path } from "./plane.js";
import { repeating } from "./repeating.js";

const PAUSE_MS = 1000;
const STEPS = [["1 minute", 60], ["1 hour", 3600], ["1 day", 86400]];

/** Build the view. */
export function clock(root, about) {
  const now = h("p", { class: "clock" });
  const account = h("input", { name: "account", type: "search", placeholder: "everybody", size: "18", onchange: () => attempt(load) });
  const live = repeating(load, PAUSE_MS);
  const whose = () => (account.value ? { account: account.value } : {});

  async function load() {
    show(await ask("GET", path("clock", whose())));
  }

  function show(state) {
    refill(now, h("time", { datetime: state.now }, state.now.slice(0, 10), " ", h("b", {}, state.now.slice(11, 19)), " UTC"), " ", state.frozen ? chip("frozen", "warm") : chip("running", "good"));
  }

  async function turn(verb, body = {}) {
    show(await ask("POST", `clock/${verb}`, { ...whose(), ...body }));
    say(verb === "advance" ? `Moved by ${body.seconds} seconds; what fell due is settled` : `The clock is ${verb === "freeze" ? "frozen" : "running"}`);
  }

  const button = (text, verb, body) => h("button", { type: "button", onclick: () => attempt(() => turn(verb, body)) }, text);
  const custom = form(
    { class: "fields" },
    (element) => turn("advance", { seconds: number(element.elements.seconds.value) }),
    field("Seconds", h("input", { name: "seconds", inputmode: "decimal", placeholder: "90", size: "10" })),
    h("button", {}, "Advance"),
  );
  root.append(
    h(
      "div",
      { class: "card" },
      h("h2", {}, "Clock"),
      now,
      h("div", { class: "fields" }, field("Whose clock", account, "an account, or everybody")),
      h("p", { class: "buttons" }, STEPS.map(([text, seconds]) => button(`Advance ${text}`, "advance", { seconds }))),
      custom,
      h("p", { class: "buttons" }, button("Freeze", "freeze"), button("Resume", "resume")),
      h("p", { class: "quiet" }, "Tasks, URLs of images, rate windows and day limits follow this clock. It never goes back."),
    ),
    about.profiles.some((profile) => profile.forex) ? forex(about) : "",
    resetting(),
  );
  return { show: live.start, hide: live.stop };
}

function forex(about) {
  const documented = about.profiles.filter((profile) => profile.forex).map((profile) => `${profile.profile}: 1 ${profile.forex.base} is ${profile.forex.rate} ${profile.currency}`);
  const current = h("p", {});
  const show = async () => refill(current, "Set for everybody: ", h("b", {}, (await ask("GET", "forex")).usd_inr ?? "nothing, the documented rate holds"));
  attempt(show);
  return h(
    "div",
    { class: "card" },
    h("h2", {}, "Exchange rate"),
    h("p", { class: "quiet" }, `Documented — ${documented.join("; ")}`),
    current,
    form(
      { class: "fields" },
      async (element) => {
        const { usd_inr: rate, account } = element.elements;
        await ask("PUT", "forex", { usd_inr: rate.value, ...(account.value ? { account: account.value } : {}) });
        say(`The rate is ${rate.value}${account.value ? ` for ${account.value}` : ""}`);
        await show();
      },
      field("Rate", h("input", { name: "usd_inr", inputmode: "decimal", placeholder: "87.50", size: "10" })),
      field("Account", h("input", { name: "account", type: "search", placeholder: "everybody", size: "18" })),
      h("button", {}, "Set"),
    ),
  );
}

function resetting() {
  const reset = async () => say(`Cleared: ${(await ask("POST", "reset", {})).reset.join(", ")}`);
  const sure = () => confirm("Reset the server?", "Accounts, tasks, images, faults, requests and the exchange rate are cleared. The clock runs on from where it is.", "Reset everything", () => attempt(reset));
  return h("div", { class: "card" }, h("h2", {}, "Back to the beginning"), h("p", { class: "quiet" }, "Clears all accounts and all that belongs to them."), h("button", { type: "button", class: "danger", onclick: sure }, "Reset…"));
}

function number(text) {
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

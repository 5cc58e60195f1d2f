// Accounts and their money.

import { chip, facts, field, h, instant, money, refill, table } from "./elements.js";
import { command, curl, invitation } from "./examples.js";
import { attempt, form, say } from "./notices.js";
import { ask, path } from "./plane.js";

const PAGE = 50;

/** Build the view. */
export function wallets(root, about) {
  let offset = 0;
  const list = h("div", {});
  const wallet = h("div", { class: "wallet" });
  const opened = h("div", {});
  const search = form({ class: "fields" }, () => ((offset = 0), load()), field("Find", h("input", { name: "search", type: "search", placeholder: "part of an id or profile", size: "22" })), h("button", {}, "Show"));
  root.append(h("div", { class: "bar" }, search), opened, wallet, list, openingForm(about, opened, load));

  async function load() {
    const found = await ask("GET", path("accounts", { search: search.elements.search.value, offset, limit: PAGE }));
    if (!found.accounts.length) return refill(list, invitation("No account here yet: any well-formed key opens one with its first request.", about));
    const rows = found.accounts.map((account) => [
      h("a", { href: `#wallets/${account.id}`, class: "mono" }, account.id),
      account.profile,
      ...["balance", "held", "charged", "refunded"].map((name) => h("span", { class: "number" }, money(account[name], name === "balance" ? account.currency : ""))),
    ]);
    const end = offset + found.accounts.length;
    const turn = (step) => () => attempt(() => ((offset += step), load()));
    refill(
      list,
      h("h2", {}, "Accounts"),
      table("Accounts, those that asked last first", ["Account", "Profile", "Balance", "Held", "Charged", "Refunded"], rows),
      h(
        "p",
        { class: "buttons" },
        h("span", { class: "quiet" }, `${offset + 1}–${end} of ${found.total}`),
        offset > 0 && h("button", { type: "button", onclick: turn(-PAGE) }, "Back"),
        end < found.total && h("button", { type: "button", onclick: turn(PAGE) }, "Next"),
      ),
    );
  }

  return {
    async show(id) {
      await attempt(load);
      await attempt(() => (id ? showWallet(wallet, id) : refill(wallet)));
    },
  };
}

async function showWallet(root, id) {
  const place = `accounts/${encodeURIComponent(id)}`;
  const [account, check] = await Promise.all([ask("GET", place), ask("GET", `${place}/ledger/check`)]);
  const ledger = h("div", {});
  const topUp = form(
    { class: "fields" },
    async (element) => {
      const { amount } = element.elements;
      await ask("POST", `${place}/top-ups`, { amount: amount.value });
      say(`${amount.value} ${account.currency} added`);
      await showWallet(root, id);
    },
    field(`Top up, ${account.currency}`, h("input", { name: "amount", inputmode: "decimal", placeholder: "5.00", size: "10" })),
    h("button", {}, "Add money"),
  );
  const card = h(
    "div",
    { class: "card" },
    h("div", { class: "bar" }, h("h2", {}, h("span", { class: "mono" }, account.id), " ", h("span", { class: "quiet" }, account.profile)), h("a", { href: "#wallets" }, "Close")),
    facts([
      ...["balance", "held", "charged", "refunded"].map((name) => [name, money(account[name], account.currency)]),
      ["ledger", check.balanced ? chip("balances", "good") : chip("does not balance", "bad")],
      ["opening", money(check.opening)],
      ["top-ups", money(check.top_ups)],
      ["adjustments", money(check.adjustments)],
      ["tier", account.tier],
      ["limits", limits(account.limits) || "as documented"],
      ["in flight", account.in_flight],
      ["tasks", account.tasks],
      ["artifacts", account.artifacts],
    ]),
    topUp,
    h("h3", {}, "Keys"),
    table("Keys", ["Key", "Scopes", "Spent", "Budget", "Limits", "State"], account.keys.map((key) => keyCells(key))),
    h("h3", {}, "Ledger"),
    ledger,
  );
  refill(root, card);
  await showLedger(ledger, place, null);
}

function keyCells(key) {
  return [
    h("span", { class: "mono" }, key.id),
    key.scopes === null ? "all" : key.scopes.join(", "),
    money(key.spent),
    key.budget === null ? "none" : money(key.budget),
    limits(key.limits) || "–",
    key.revoked ? chip("revoked", "bad") : key.billed ? chip("billed") : chip("not billed", "warm"),
  ];
}

function limits(values) {
  return Object.entries(values).map(([name, value]) => `${name} ${value ?? "none"}`).join(", ");
}

const BEYOND = 10 ** 15 - 1;

async function showLedger(root, place, before) {
  const { entries } = await ask("GET", path(`${place}/ledger`, { before: before ?? BEYOND, limit: PAGE }));
  const rows = entries.toReversed().map((entry) => [
    entry.seq,
    instant(entry.at),
    entry.kind,
    h("span", { class: "number" }, money(entry.amount)),
    h("span", { class: "number" }, money(entry.balance_after)),
    h("span", { class: "mono quiet" }, entry.task_id ?? entry.request_id ?? ""),
    entry.refers_to ?? "",
  ]);
  const oldest = entries[0]?.seq ?? 1;
  refill(
    root,
    rows.length ? table("Ledger, newest first", ["No.", "Time", "Kind", "Amount", "Balance", "For", "Refers to"], rows) : h("p", { class: "quiet" }, "no older entries"),
    h(
      "p",
      { class: "buttons" },
      before !== null && h("button", { type: "button", onclick: () => attempt(() => showLedger(root, place, null)) }, "Newest"),
      oldest > 1 && entries.length === PAGE && h("button", { type: "button", onclick: () => attempt(() => showLedger(root, place, oldest)) }, "Older"),
    ),
  );
}

function openingForm(about, opened, done) {
  const profiles = h("select", { name: "profile" }, about.profiles.map((profile) => h("option", { value: profile.profile }, profile.profile)));
  return h(
    "details",
    {},
    h("summary", {}, "Open an account"),
    form(
      { class: "fields" },
      async (element) => {
        const { profile, balance } = element.elements;
        const wanted = { profile: profile.value, ...(balance.value ? { balance: balance.value } : {}) };
        const made = await ask("POST", "accounts", wanted);
        const served = about.profiles.find((item) => item.profile === made.profile);
        refill(opened, h("div", { class: "card" }, h("p", {}, "Opened. Its key is shown this once:"), command(made.key), command(curl(served, made.key))));
        await done();
        location.hash = `wallets/${made.id}`;
      },
      field("Profile", profiles),
      field("Balance", h("input", { name: "balance", inputmode: "decimal", placeholder: "as documented", size: "14" })),
      h("button", {}, "Open"),
    ),
  );
}

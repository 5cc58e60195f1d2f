// The page: tabs that can be bookmarked, one view at a time at work.

import { clock } from "./clock.js";
import { h } from "./elements.js";
import { faults } from "./faults.js";
import { gallery } from "./gallery.js";
import { warn } from "./notices.js";
import { ask } from "./plane.js";
import { requests } from "./requests.js";
import { tasks } from "./tasks.js";
import { startTheme } from "./theme.js";
import { wallets } from "./wallets.js";

const VIEWS = { requests, gallery, wallets, tasks, faults, clock };
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
const names = Object.keys(VIEWS);
const shown = {};
let current = null;

startTheme(document.getElementById("theme"));
begin().catch(warn);

async function begin() {
  for (const name of names) build(name);
  select(wanted().name);
  const about = await ask("GET", "about");
  const profiles = about.profiles.map((profile) => profile.profile).join(" · ");
  document.getElementById("served").textContent = `${profiles} — version ${about.version}${about.liar ? ` — liar ${about.liar}` : ""}`;
  for (const name of names) shown[name] = VIEWS[name](panel(name), about);
  addEventListener("hashchange", activate);
  activate();
}

function build(name) {
  const title = name[0].toUpperCase() + name.slice(1);
  const tab = h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => go(name), onkeydown: move }, title);
  document.getElementById("tabs").append(tab);
  document.getElementById("views").append(h("section", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, hidden: true }));
}

function move(event) {
  const at = names.indexOf(wanted().name);
  const next = { Home: 0, End: names.length - 1 }[event.key] ?? (event.key in STEPS ? (at + STEPS[event.key] + names.length) % names.length : null);
  if (next === null) return;
  event.preventDefault();
  go(names[next]);
  document.getElementById(`tab-${names[next]}`).focus();
}

function go(name) {
  location.hash = name;
}

function activate() {
  const { name, rest } = wanted();
  select(name);
  if (current !== null) shown[current].hide?.();
  current = name;
  shown[name].show(rest);
}

function select(name) {
  for (const other of names) {
    const tab = document.getElementById(`tab-${other}`);
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
    panel(other).hidden = other !== name;
  }
}

function wanted() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const known = names.includes(name);
  return { name: known ? name : names[0], rest: known ? decoded(rest.join("/")) : "" };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function panel(name) {
  return document.getElementById(`panel-${name}`);
}

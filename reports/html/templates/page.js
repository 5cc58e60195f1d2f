// What a page can do beyond showing itself. Without this everything can still be read.
"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { find("said").textContent = text; };

  // Light, dark, or as the system has it; remembered where the browser remembers anything for files.
  const themes = ["auto", "light", "dark"];
  const button = find("theme");
  const recall = () => { try { return localStorage.getItem("pixelproof-theme"); } catch { return null; } };
  const dress = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  let theme = themes.includes(recall()) ? recall() : "auto";
  dress(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try { localStorage.setItem("pixelproof-theme", theme); } catch { /* nothing is remembered then */ }
    dress(theme);
  });

  // Copying, also where there is no clipboard: then the text is selected.
  for (const copy of all(".copy")) copy.hidden = false;
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest(".copy");
    if (!copy) return;
    const text = copy.parentElement.querySelector("pre");
    const label = copy.textContent;
    try {
      await navigator.clipboard.writeText(text.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      copy.textContent = "Selected";
    }
    say(copy.textContent);
    setTimeout(() => { copy.textContent = label; }, 1500);
  });

  // A link to something inside what is folded opens it.
  const reveal = () => {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* as it is */ }
    const target = name && find(name);
    if (!target) return;
    if (target.hidden) clear();
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
    const focus = target.tagName === "DETAILS" ? target.querySelector("summary") : null;
    if (focus) focus.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) setTimeout(reveal);
  });
  addEventListener("beforeprint", () => { for (const one of all(".cause .also")) one.open = true; });

  // Search and filters; a page of a load has none.
  const search = find("search");
  const choices = { c: find("by-claim"), l: find("by-level"), v: find("by-verdict") };
  let known = null;
  const texts = (selector, from) => all(selector, from).map((node) => ({ node, text: node.textContent.toLowerCase() }));
  const index = () => known ??= {
    causes: texts(".cause"),
    claims: all(".claim").map((node) => ({
      node,
      text: node.querySelector("summary").textContent.toLowerCase(),
      hits: node.querySelector(".hits"),
      rows: texts(".check", node),
    })),
    cases: texts(".case"),
  };
  const has = (list, wanted) => !wanted || list.split(" ").includes(wanted);

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const [claim, level, verdict] = [choices.c.value, choices.l.value, choices.v.value];
    const active = Boolean(words.length || claim || level || verdict);
    const said = (text) => words.every((word) => text.includes(word));
    const fits = (node) => has(node.dataset.c, claim) && has(node.dataset.l, level);
    const { causes, claims, cases } = index();
    let shown = 0;
    for (const one of [...causes, ...cases]) {
      one.node.hidden = !(fits(one.node) && has(one.node.dataset.v, verdict) && said(one.text));
    }
    for (const link of all(".index a")) link.parentElement.hidden = find(link.hash.slice(1)).hidden;
    for (const one of claims) {
      const named = said(one.text);
      let hits = 0;
      for (const row of one.rows) {
        const hit = (named || said(row.text)) && has(row.node.dataset.v, verdict);
        row.node.hidden = !hit;
        hits += hit;
      }
      const whole = named && has(one.node.dataset.v, verdict);
      one.node.hidden = !(fits(one.node) && (hits || whole));
      one.hits.textContent = active && hits !== one.rows.length ? hits : "";
      shown += one.node.hidden ? 0 : hits;
    }
    for (const section of all("main section")) {
      const nothing = section.querySelector(":scope > .nothing");
      if (nothing) nothing.hidden = all(".cause, .claim, .case", section).some((node) => !node.hidden);
    }
    find("clear").hidden = !active;
    if (active) say(`${shown} checks match`);
  };
  const clear = () => {
    search.value = "";
    for (const choice of Object.values(choices)) choice.value = "";
    filter();
  };
  if (search) {
    document.querySelector(".filters").hidden = false;
    let waiting = 0;
    search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
    for (const choice of Object.values(choices)) choice.addEventListener("change", filter);
    find("clear").addEventListener("click", () => { clear(); search.focus(); });
    addEventListener("keydown", (event) => {
      const writing = event.target.closest?.("input, select, textarea");
      if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        search.focus();
      } else if (event.key === "Escape" && event.target === search && search.value) {
        clear();
      }
    });
  }

  // Where one is, in the list of sections.
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const id of links.keys()) if (find(id)) seen.observe(find(id));

  reveal();
})();

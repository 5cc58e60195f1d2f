// Light or dark: as the system says, until somebody chooses.

const KEPT = "pixelproof-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };

/** Let a button go through the themes. */
export function startTheme(button) {
  const kept = localStorage.getItem(KEPT);
  show(button, kept in NEXT ? kept : "auto");
  button.addEventListener("click", () => {
    const next = NEXT[document.documentElement.dataset.theme];
    localStorage.setItem(KEPT, next);
    show(button, next);
  });
}

function show(button, theme) {
  document.documentElement.dataset.theme = theme;
  button.textContent = `Theme: ${theme}`;
}

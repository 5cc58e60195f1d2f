// The images made lately.

import { open } from "./details.js";
import { accountLink, facts, field, h, money, refill } from "./elements.js";
import { invitation } from "./examples.js";
import { attempt, form } from "./notices.js";
import { ask, path } from "./plane.js";

const PAGE = 24;

/** Build the view. */
export function gallery(root, about) {
  const grid = h("ul", { class: "gallery" });
  const note = h("div", {});
  const more = h("button", { type: "button", hidden: true }, "Older images");
  const filters = form({ class: "fields" }, () => load(), field("Account", h("input", { name: "account", type: "search", placeholder: "acc_…", size: "18" })), h("button", {}, "Show"));
  root.append(h("div", { class: "bar" }, filters), note, grid, h("p", {}, more));

  async function load(before = null) {
    const found = await ask("GET", path("images", { account: filters.elements.account.value, before, limit: PAGE }));
    if (before === null) grid.replaceChildren();
    grid.append(...found.images.map(shown));
    more.hidden = found.next === null;
    more.onclick = () => attempt(() => load(found.next));
    refill(note, grid.children.length ? null : invitation("No image was made yet; a task shows its images once it has succeeded. Try one of these:", about));
  }

  return { show: () => attempt(() => load()) };
}

function shown(image) {
  const size = `${image.width}×${image.height}`;
  const picture = h("img", { src: image.url, alt: `Image of ${image.model ?? image.profile}, ${size}`, loading: "lazy", decoding: "async", width: image.width, height: image.height });
  return h(
    "li",
    {},
    h("button", { type: "button", class: "thumb", onclick: () => close(image) }, picture),
    h("p", { class: "text prompt" }, image.prompt),
    h("p", { class: "quiet" }, `${image.model ?? image.profile} · ${size} · ${money(image.price, image.currency)}`),
  );
}

function close(image) {
  open(
    "Image",
    h("p", { class: "text" }, image.prompt),
    h("img", { class: "large", src: image.url, alt: "" }),
    facts([
      ["Model", image.model],
      ["Size", `${image.width}×${image.height} ${image.format}`],
      ["Price", money(image.price, image.currency)],
      ["Account", accountLink(image.account)],
      ["Request id", image.request_id],
      ["Task", image.task_id],
      ["Time", image.at],
      ["File", h("a", { href: image.url, target: "_blank", rel: "noopener noreferrer" }, "open the image")],
    ]),
  );
}

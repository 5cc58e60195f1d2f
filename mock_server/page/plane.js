// The control plane: the one thing this page talks to.

const BASE = new URL("./", document.baseURI);
const KEPT = "pixelproof-admin-token";

/** What the control plane refused, with the field and what to do instead. */
export class Trouble extends Error {
  constructor(status, message, field = null, suggestion = null) {
    super(message);
    this.status = status;
    this.field = field;
    this.suggestion = suggestion;
  }
}

let unlocking = null;

/** Return the JSON of an answer. Throws Trouble; waits for a token where one is needed. */
export async function ask(method, path, body) {
  const token = sessionStorage.getItem(KEPT);
  const answer = await send(method, path, body, token);
  if (answer.status === 401) {
    await unlocked(token);
    return ask(method, path, body);
  }
  const value = await answer.json().catch(() => null);
  if (!answer.ok) {
    const error = value?.error ?? {};
    throw new Trouble(answer.status, error.message ?? `the server answered ${answer.status}`, error.field, error.suggestion);
  }
  return value;
}

/** Return a path with those values of a query that are there. */
export function path(base, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  return query.size ? `${base}?${query}` : base;
}

async function send(method, place, body, token) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(new URL(place, BASE), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    throw new Trouble(0, "the server does not answer", null, "is it still running?");
  }
}

// One question at a time, however many requests wait for its answer.
function unlocked(refused) {
  if (sessionStorage.getItem(KEPT) !== refused) return Promise.resolve();
  unlocking ??= new Promise((resolve) => {
    const form = document.getElementById("locked");
    const views = document.getElementById("views");
    const input = form.elements.token;
    input.value = "";
    if (refused) input.setCustomValidity("That token was refused.");
    form.hidden = false;
    views.hidden = true;
    input.focus();
    if (refused) input.reportValidity();
    input.oninput = () => input.setCustomValidity("");
    form.onsubmit = (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEPT, input.value);
      form.hidden = true;
      views.hidden = false;
      unlocking = null;
      resolve();
    };
  });
  return unlocking;
}

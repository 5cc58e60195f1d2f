// Work that is done again and again while somebody looks.

import { relent, warn } from "./notices.js";

/** Return a switch for `work`, which runs every `pause` milliseconds while it is on and the page is seen. */
export function repeating(work, pause) {
  let on = false;
  let busy = false;
  let timer = 0;

  async function round() {
    clearTimeout(timer);
    if (!on || busy || document.hidden) return;
    busy = true;
    try {
      await work();
      relent();
    } catch (error) {
      warn(error);
    } finally {
      busy = false;
      if (on && !document.hidden) timer = setTimeout(round, pause);
    }
  }

  document.addEventListener("visibilitychange", round);
  return {
    get on() {
      return on;
    },
    start() {
      on = true;
      return round();
    },
    stop() {
      on = false;
      clearTimeout(timer);
    },
  };
}

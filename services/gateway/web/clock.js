// SPDX-License-Identifier: Apache-2.0
// The server's clock, and the one timer of all widgets: it fires when the minute changes, which is the finest that any of
// them shows.

const JITTER = 2_000; // what a slow network does to a time on its way

let offset = 0;
let known = false;
let timer = null;
const listeners = new Set();

/** Milliseconds since 1970 by the server's clock, as far as it is known. */
export const now = () => Date.now() + offset;

function schedule() {
  clearTimeout(timer);
  timer = listeners.size ? setTimeout(fire, 60_000 - (now() % 60_000) + 10) : null;
}

function fire() {
  for (const listener of listeners) listener();
  schedule();
}

/** Takes over the time of a heartbeat. Of two close ones the later is right: it was less long on its way. */
export function setClock(time) {
  const heard = time - Date.now();
  if (Number.isNaN(heard) || (known && heard <= offset && heard > offset - JITTER)) return;
  const moved = Math.abs(heard - offset) > 50;
  offset = heard;
  known = true;
  if (moved) fire();
}

/** Calls `listener` now and whenever the minute may have changed, until `signal` aborts. */
export function everyMinute(listener, signal) {
  listeners.add(listener);
  signal.addEventListener('abort', () => {
    listeners.delete(listener);
    schedule();
  });
  listener();
  schedule();
}

// A page that was frozen or asleep has missed its timer.
document.addEventListener('visibilitychange', () => document.hidden || fire());
addEventListener('pageshow', ({ persisted }) => persisted && fire());

// SPDX-License-Identifier: Apache-2.0
// Waiting for conditions, always with a deadline.

/** An error after which waiting any longer is of no use. */
export class Hopeless extends Error {}

/** Calls `condition` until it returns something truthy, which is returned. Errors count as "not yet". */
export async function until(what, condition, { within = 30_000, every = 25 } = {}) {
  const deadline = performance.now() + within;
  let last;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${within} ms: ${what}${last ? ` (${last.message})` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** The promise's value, or an error once the deadline has passed. */
export async function within(what, promise, milliseconds = 30_000) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${what}`)), milliseconds);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

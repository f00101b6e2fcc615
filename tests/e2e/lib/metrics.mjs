// SPDX-License-Identifier: Apache-2.0

/** What `name`, a metric without labels, is now at the service with that operator's address; NaN when there is none. */
export async function metric(admin, name) {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1]);
}

// SPDX-License-Identifier: Apache-2.0
// Which statement comes first, which one leads, what a list says of it, and the order of counters: the same rules as the server's
// view_read.c, page.c and article.c.

import { textOf } from './html.js';

const EXCERPT_MAX = 400;

const instantOf = (statement) => Date.parse(statement.published_at ?? statement.date) || 0;

/** What a Date leaves out of an instant. */
const microsecondsOf = ({ published_at: at }) => Number(at?.match(/\.\d{3}(\d{3})/)?.[1] ?? 0);

/** Newest first: by published_at, else the start of its date in UTC, then by id. Ids are ASCII, so that `<` compares them as the
 * server does. */
export function compare(a, b) {
  return instantOf(b) - instantOf(a) || microsecondsOf(b) - microsecondsOf(a) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

export const isWithdrawn = (statement) => statement.status === 'withdrawn';

/** Usable and with a body; `undefined` stands for a body that exists and was not downloaded. */
export const canLead = (statement) => !isWithdrawn(statement) && statement.body !== null && statement.body !== '';

/** The newest that can lead, or null. */
export function leadOf(statements) {
  let lead = null;
  for (const statement of statements) {
    if (canLead(statement) && (!lead || compare(statement, lead) < 0)) lead = statement;
  }
  return lead;
}

/** Runs of lines that are not blank. */
export function paragraphs(text) {
  return text.split(/\n(?:[ \t]*\n)+/).map((part) => part.trimEnd()).filter(Boolean);
}

export const isHTML = (statement) => statement.body_type === 'text/html';

/** The body as plain text, or what stands for none. */
export const bodyText = (statement) => (isHTML(statement) && statement.body ? textOf(statement.body) : statement.body);

/** The summary, or the beginning of the body. */
export function excerptOf(statement) {
  if (isWithdrawn(statement)) return '';
  if (statement.summary || !statement.body) return statement.summary ?? '';
  const [first = ''] = paragraphs(bodyText(statement));
  const characters = [...first];
  if (characters.length <= EXCERPT_MAX) return first;
  const start = characters.slice(0, EXCERPT_MAX).join('');
  const space = start.lastIndexOf(' ');
  return `${(space < 0 ? start : start.slice(0, space)).trimEnd()}…`;
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Ticks, or what is like them, as a list has them: [name, ticks] for each group, by the smallest `order` in it, then by name; in a
 * group by `order`, then by id. Those without a group are the group "". */
export function inGroups(ticks) {
  const groups = new Map();
  for (const tick of ticks) {
    const { group = '' } = tick;
    groups.set(group, [...(groups.get(group) ?? []), tick]);
  }
  const orderOf = ({ order = 0 }) => order;
  for (const list of groups.values()) list.sort((a, b) => orderOf(a) - orderOf(b) || byText(a.counter, b.counter));
  return [...groups].sort(([nameA, a], [nameB, b]) => orderOf(a[0]) - orderOf(b[0]) || byText(nameA, nameB));
}

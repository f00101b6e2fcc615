// SPDX-License-Identifier: Apache-2.0
// A statement as markup, and back: the same markup as the server's article.c. What changes here changes there.

import { longDate, longDateWithTime } from './dates.js';
import { h } from './dom.js';
import { parseHTML } from './html.js';
import { bodyText, canLead, excerptOf, isHTML, isWithdrawn, paragraphs } from './order.js';
import { words } from './words.js';

/** What an article of the page says about its statement. Its body is not read again: `undefined` says that there is one. */
export function readArticle(article) {
  const text = (selector) => article.querySelector(selector)?.textContent ?? null;
  const date = article.querySelector('.date');
  const { id, revision, change, excerpt, body } = article.dataset;
  const withdrawn = change === 'withdrawn';
  return {
    id,
    revision: Number(revision),
    status: withdrawn ? 'withdrawn' : 'usable',
    change,
    note: text('.reason'),
    title: withdrawn ? null : text('.title'),
    summary: excerpt ?? text('.excerpt'),
    body: body === undefined ? null : undefined,
    language: article.getAttribute('lang'),
    kind: text('.kind'),
    date: date.dataset.date,
    published_at: date.dateTime.includes('T') ? date.dateTime : null,
    updated_at: article.querySelector('.note time')?.dateTime ?? null,
  };
}

const siteLanguage = (statement, context) =>
  (statement.language && statement.language !== context.language ? context.language : null);

function meta(statement, context, full) {
  const { date, published_at: published } = statement;
  const line = h('p', { class: 'meta', lang: siteLanguage(statement, context) },
    h('time', { class: 'date', datetime: published ?? date, 'data-date': date }, longDate(context.language, date)));
  for (const name of full ? ['kind', 'author', 'place'] : ['kind']) {
    if (statement[name] && !isWithdrawn(statement)) line.append(' ', h('span', { class: name }, h('bdi', {}, statement[name])));
  }
  return line;
}

function heading(statement, context, level) {
  const path = `/statements/${encodeURIComponent(statement.id)}`;
  const href = context.server === location.origin ? path : context.server + path;
  return h(`h${level}`, { class: 'title', dir: 'auto' },
    h('a', { href }, isWithdrawn(statement) ? words.withdrawn : statement.title));
}

function note(statement, context) {
  const withdrawn = isWithdrawn(statement);
  if (!withdrawn && !(statement.change === 'corrected' && statement.note)) return null;
  const line = h('p', { class: 'note', lang: siteLanguage(statement, context) });
  if (!withdrawn) line.append(h('strong', {}, words.corrected), ' ');
  const at = Date.parse(statement.updated_at);
  if (at) {
    const text = longDateWithTime(context.language, context.zone, at);
    line.append(h('time', { datetime: statement.updated_at }, text), ' ');
  }
  line.append(h('span', { class: 'reason', dir: 'auto', lang: statement.language || null }, statement.note ?? ''));
  return line;
}

function article(statement, attributes, ...children) {
  return h('article', {
    'data-id': statement.id,
    'data-revision': statement.revision,
    'data-change': isWithdrawn(statement) ? 'withdrawn' : statement.change,
    'data-body': canLead(statement),
    lang: statement.language || null,
    ...attributes,
  }, ...children);
}

/** For a list. `context`: language and zone of the page, server. */
export function itemArticle(statement, context) {
  const excerpt = excerptOf(statement);
  return article(statement, {}, meta(statement, context, false), heading(statement, context, 3), note(statement, context),
    excerpt ? h('p', { class: 'excerpt', dir: 'auto' }, excerpt) : null);
}

function text(name, content) {
  return content ? h('div', { class: name }, ...paragraphs(content).map((part) => h('p', { dir: 'auto' }, part))) : null;
}

function bodyOf(statement) {
  if (!statement.body || !isHTML(statement)) return text('body', statement.body);
  return h('div', { class: 'body html', dir: 'auto' }, ...parseHTML(statement.body));
}

/** In full. The summary stands above the body unless the body begins with it. */
export function fullArticle(statement, context, level) {
  const withdrawn = isWithdrawn(statement);
  const { summary, url } = statement;
  return article(statement, { 'data-excerpt': excerptOf(statement) }, meta(statement, context, true),
    heading(statement, context, level), note(statement, context),
    withdrawn || (summary && bodyText(statement)?.startsWith(summary)) ? null : text('summary', summary),
    withdrawn ? null : bodyOf(statement),
    !withdrawn && /^https?:\/\//i.test(url) ? h('p', { class: 'original' }, h('a', { rel: 'external', href: url }, words.original)) : null);
}

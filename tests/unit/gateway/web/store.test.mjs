// SPDX-License-Identifier: Apache-2.0
// Which statements the widgets show, in which order.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { canLead, compare, excerptOf, leadOf, paragraphs } from '../../../../services/gateway/web/order.js';
import { KEPT, Store } from '../../../../services/gateway/web/store.js';

const statement = (id, date, more = {}) => ({ id, revision: 1, status: 'usable', date, published_at: null, body: null, ...more });
const message = (...args) => ({ type: 'statement', change: 'published', data: statement(...args) });
const ids = (list) => list.map(({ id }) => id);

let store;
beforeEach(() => {
  store = new Store();
});

test('newest first: by the instant, else the start of the date in UTC, then the id as the server compares it', () => {
  const list = [
    statement('a', '2024-05-01'),
    statement('~', '2024-05-01'),
    statement('B', '2024-05-01'),
    statement('early', '2024-05-01', { published_at: '2024-05-01T00:30:00+01:00' }),
    statement('one', '2024-05-01', { published_at: '2024-05-01T00:29:59.999998+01:00' }),
    statement('two', '2024-05-01', { published_at: '2024-05-01T00:29:59.999999+01:00' }),
    statement('late', '2024-05-01', { published_at: '2024-05-01T23:30:00+01:00' }),
    statement('older', '2023-12-31'),
  ];
  const newestFirst = ['late', 'B', 'a', '~', 'early', 'two', 'one', 'older'];
  assert.deepEqual(ids(list.sort(compare)), newestFirst);
  assert.deepEqual(ids(list.reverse().sort(compare)), newestFirst);
});

test('the newest usable one with a body leads', () => {
  const body = 'Text.';
  assert.equal(leadOf([statement('a', '2024-05-02'), statement('b', '2024-05-01', { body }),
    statement('c', '2024-05-03', { body, status: 'withdrawn' }), statement('d', '2024-04-01', { body })]).id, 'b');
  assert.equal(leadOf([statement('a', '2024-05-02'), statement('b', '2024-05-02', { body: '' })]), null);
  assert.equal(leadOf([statement('b', '2024-05-02', { body }), statement('a', '2024-05-02', { body })]).id, 'a', 'as in the list');
  assert.ok(canLead(statement('a', '2024-05-02', { body: undefined })), 'a body that was not downloaded is one');
});

test('excerpts and paragraphs as on the server', () => {
  assert.deepEqual(paragraphs('One\nmore\n\n \t\n\nTwo\n'), ['One\nmore', 'Two']);
  assert.equal(excerptOf(statement('a', '', { summary: 'S', body: 'B' })), 'S');
  assert.equal(excerptOf(statement('a', '', { body: 'First.\n\nSecond.' })), 'First.');
  assert.equal(excerptOf(statement('a', '', { body: '😀 '.repeat(300) })), `${'😀 '.repeat(200).trim()}…`);
  assert.equal(excerptOf(statement('a', '', { status: 'withdrawn', summary: 'S' })), '');
});

test('an older revision changes nothing', () => {
  assert.equal(store.apply(message('a', '2024-05-01', { revision: 2, title: 'new' })), 'new');
  assert.equal(store.apply(message('a', '2024-05-01', { revision: 2, title: 'again' })), null);
  assert.equal(store.apply(message('a', '2024-05-01', { revision: 1, title: 'old' })), null);
  assert.equal(store.statements.get('a').title, 'new');
  assert.equal(store.apply(message('a', '2024-05-01', { revision: 3 })), 'changed');
});

test('held ones wait until they are asked for; a correction of what is shown does not', () => {
  store.seed(statement('a', '2024-05-01'));
  store.apply(message('b', '2024-05-02', { body: 'Leads.' }), true);
  store.apply(message('c', '2024-05-03'), true);
  store.apply(message('a', '2024-05-01', { revision: 2 }), true);
  assert.deepEqual(ids(store.list(20)), ['a']);
  assert.equal(store.lead(), null);
  assert.equal(store.waiting, 2);
  store.apply(message('c', '2024-05-03', { revision: 2, status: 'withdrawn' }), true);
  assert.equal(store.waiting, 1, 'a withdrawn one is no news');
  store.reveal();
  assert.deepEqual(ids(store.list(20)), ['c', 'b', 'a']);
  assert.deepEqual(ids(store.list(20, store.lead().id)), ['c', 'a']);
  assert.equal(store.waiting, 0);
});

test('a snapshot replaces everything, when it is whole', () => {
  store.seed(statement('old', '2024-05-01'));
  store.apply({ type: 'tick', data: { counter: 'old' } });
  store.begin(true);
  store.apply(message('a', '2024-05-02'));
  store.apply({ type: 'tick', data: { counter: 'new' } });
  assert.deepEqual([ids(store.list(20)), [...store.ticks.keys()]], [['old'], ['old']]);
  assert.equal(store.finish(), true);
  assert.deepEqual([ids(store.list(20)), [...store.ticks.keys()]], [['a'], ['new']]);
});

test('a snapshot that broke off leaves nothing behind', () => {
  store.seed(statement('old', '2024-05-01'));
  store.begin(true);
  store.apply(message('a', '2024-05-02'));
  store.begin(false);
  store.apply(message('b', '2024-05-03'));
  assert.equal(store.finish(), false);
  assert.deepEqual(ids(store.list(20)), ['b', 'old']);
});

test('removed counters go', () => {
  store.apply({ type: 'tick', data: { counter: 'a' } });
  store.apply({ type: 'tick', data: { counter: 'a' }, removed: true });
  assert.equal(store.ticks.size, 0);
});

test('the newest are kept, and beside them the lead and what is pinned', () => {
  store.seed(statement('lead', '2020-01-01', { body: 'Text.' }));
  store.seed(statement('pinned', '2020-01-02'));
  store.pinned.add('pinned');
  for (let i = 0; i < 3 * KEPT; i++) store.apply(message(`n${i}`, `2024-05-01`));
  assert.equal(store.statements.size, KEPT + 2);
  assert.equal(store.lead().id, 'lead');
  assert.equal(store.apply(message('ancient', '2019-01-01')), null);
});

test('what waits takes nothing away from a reader', () => {
  for (let i = 0; i < KEPT; i++) store.seed(statement(`shown${i}`, '2024-05-01'));
  for (let i = 0; i < 2 * KEPT; i++) store.apply(message(`n${i}`, '2024-05-02'), true);
  assert.equal(store.list(Infinity).length, KEPT);
  assert.equal(store.waiting, KEPT);
  store.reveal();
  assert.equal(store.statements.size, KEPT);
});

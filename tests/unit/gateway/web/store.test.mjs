// SPDX-License-Identifier: Apache-2.0
// Which statements the widgets show, in which order.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { canLead, compare, excerptOf, inGroups, leadOf, paragraphs } from '../../../../services/gateway/web/order.js';
import { KEPT, Store } from '../../../../services/gateway/web/store.js';

const statement = (id, date, more = {}) => ({ id, revision: 1, status: 'usable', date, published_at: null, body: null, ...more });
const message = (...args) => ({ type: 'statement', change: 'published', data: statement(...args) });
const ids = (list) => list.map(({ id }) => id);

let store;
let list;
beforeEach(() => {
  store = new Store();
  list = { limit: KEPT };
  store.lists.add(list);
});

/** A page with a full list: "2024-05-20" to "2024-05-01". */
function seedFull() {
  list.limit = 20;
  for (let day = 20; day > 0; day--) {
    const date = `2024-05-${String(day).padStart(2, '0')}`;
    store.seed(statement(date, date));
  }
}
const correction = (id, date, more) => message(id, date, { revision: 2, change: 'corrected', ...more });
const withdrawal = (id, date) => message(id, date, { revision: 2, change: 'withdrawn', status: 'withdrawn' });

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
  assert.deepEqual(store.finish().map(([outcome, { id }]) => [outcome, id]), [['new', 'a']]);
  assert.deepEqual([ids(store.list(20)), [...store.ticks.keys()]], [['a'], ['new']]);
});

test('a snapshot that broke off leaves nothing behind', () => {
  store.seed(statement('old', '2024-05-01'));
  store.begin(true);
  store.apply(message('a', '2024-05-02'));
  store.begin(false);
  store.apply(message('b', '2024-05-03'));
  assert.equal(store.finish(), null);
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

test('of what is behind the end of a full list, nothing is told', () => {
  seedFull();
  const before = ids(store.list(20));
  for (const hold of [true, false]) {
    assert.equal(store.apply(correction(`corrected, ${hold}`, '2024-04-01'), hold), 'quiet');
    assert.equal(store.apply(message(`updated, ${hold}`, '2024-04-01', { revision: 2, change: 'updated' }), hold), 'quiet');
    assert.equal(store.apply(withdrawal(`withdrawn, ${hold}`, '2024-04-01'), hold), 'quiet');
    assert.equal(store.apply(message(`archived, ${hold}`, '2024-04-01'), hold), 'quiet', 'published now, but with an old date');
  }
  assert.equal(store.waiting, 0);
  assert.equal(store.fresh.size, 0);
  assert.deepEqual(ids(store.list(20)), before);
});

test('what comes before the end of a full list is new, however far it has changed meanwhile', () => {
  seedFull();
  assert.equal(store.apply(message('a', '2024-05-21')), 'new');
  assert.equal(store.apply(message('b', '2024-05-10')), 'new', 'in the middle');
  assert.equal(store.apply(correction('c', '2024-05-21')), 'new', 'the first revision was not seen');
  assert.deepEqual(ids(store.list(3)), ['a', 'c', '2024-05-20']);
  assert.equal(store.apply(message('d', '2024-05-03')), 'quiet', 'the list ends before it by now');
});

test('a list that is not full ends with whatever comes', () => {
  store.seed(statement('a', '2024-05-01'));
  assert.equal(store.apply(message('ancient', '2019-01-01')), 'new');
});

test('one that was never seen and is withdrawn already takes its place without a word', () => {
  store.seed(statement('a', '2024-05-01'));
  assert.equal(store.apply(withdrawal('b', '2024-05-02'), true), 'quiet');
  assert.deepEqual([ids(store.list(20)), store.waiting], [['b', 'a'], 0]);
});

test('what happens to one that waits was not seen', () => {
  store.apply(message('a', '2024-05-01'), true);
  assert.equal(store.apply(correction('a', '2024-05-01'), true), 'quiet');
  assert.equal(store.waiting, 1);
});

test('of one that is here but not in the list nothing is told, unless it comes into it', () => {
  list.limit = 1;
  store.seed(statement('a', '2024-05-02'));
  store.seed(statement('b', '2024-05-01'));
  assert.equal(store.apply(correction('b', '2024-05-01')), 'quiet');
  assert.equal(store.apply(correction('b', '2024-05-03', { revision: 3 })), 'changed');
  assert.equal(store.apply(correction('b', '2024-04-01', { revision: 4 })), 'changed', 'it leaves the list');
});

test('a page without a list has nothing to tell but of its lead and its own statement', () => {
  store.lists.clear();
  assert.equal(store.apply(message('a', '2024-05-01')), 'quiet');
  assert.deepEqual(ids(store.list(20)), ['a'], 'there for a list that is made later');
  store.pinned.add('own');
  store.seed(statement('own', '2020-01-01'));
  assert.equal(store.apply(correction('own', '2020-01-01')), 'changed');
  store.leads.add({});
  assert.equal(store.apply(message('b', '2024-05-01')), 'quiet', 'it has no body');
  assert.equal(store.apply(message('c', '2024-05-01', { body: 'Text.' })), 'new');
  assert.equal(store.apply(message('d', '2024-04-01', { body: 'Text.' })), 'quiet', 'the lead is newer');
});

test('behind the end of a full list, the lead is still shown', () => {
  seedFull();
  store.leads.add({});
  store.seed(statement('lead', '2024-03-01', { body: 'Text.' }));
  assert.equal(store.apply(correction('lead', '2024-03-01', { body: 'Text, corrected.' })), 'changed');
  assert.equal(store.apply(message('next', '2024-04-01', { body: 'Text.' })), 'new');
  assert.equal(store.lead().id, 'next');
  assert.equal(store.apply(message('short', '2024-04-02')), 'quiet');
});

test('of a snapshot, what is new or changed on the page is told', () => {
  seedFull();
  store.begin(true);
  store.apply(message('never seeded', '2024-04-01'));
  for (const { id, date } of store.list(Infinity)) {
    if (id === '2024-05-19') store.apply(withdrawal(id, date));
    else if (id === '2024-05-18') store.apply(correction(id, date));
    else store.apply(message(id, date));
  }
  store.apply(message('a', '2024-05-21'));
  store.apply(withdrawal('b', '2024-05-21'));
  const outcomes = store.finish(false).map(([outcome, { id }]) => [id, outcome]).filter(([, outcome]) => outcome);
  assert.deepEqual(outcomes,
    [['never seeded', 'quiet'], ['2024-05-19', 'changed'], ['2024-05-18', 'changed'], ['a', 'new'], ['b', 'quiet']]);
  assert.deepEqual([ids(store.list(2)), store.waiting], [['a', 'b'], 0]);
});

test('a snapshot moves nothing that is being read, and keeps what is pinned', () => {
  seedFull();
  store.seed(statement('own', '2020-01-01'));
  store.pinned.add('own');
  store.apply(message('a', '2024-05-21'), true);
  const before = ids(store.list(Infinity));
  store.begin(true);
  for (const { id, date } of store.list(Infinity)) if (id !== 'own') store.apply(message(id, date));
  store.apply(message('a', '2024-05-21'));
  store.apply(message('b', '2024-05-22'));
  store.finish(true);
  assert.deepEqual([ids(store.list(Infinity)), store.waiting], [before, 2]);
});

test('what waits takes nothing away from a reader', () => {
  for (let i = 0; i < KEPT; i++) store.seed(statement(`shown${i}`, '2024-05-01'));
  for (let i = 0; i < 2 * KEPT; i++) store.apply(message(`n${i}`, '2024-05-02'), true);
  assert.equal(store.list(Infinity).length, KEPT);
  assert.equal(store.waiting, KEPT);
  store.reveal();
  assert.equal(store.statements.size, KEPT);
});

test('counters: groups by their smallest order, then by name; in one by order, then by id', () => {
  const tick = (counter, group, order) => ({ counter, ...(group && { group }), ...(order && { order }) });
  const listed = (...ticks) => inGroups(ticks).map(([name, list]) => [name, list.map(({ counter }) => counter).join('')]);
  assert.deepEqual(listed(tick('b'), tick('a'), tick('B')), [['', 'Bab']]);
  assert.deepEqual(listed(tick('d', 'piers', 7), tick('c', 'piers', 2), tick('e', 'piers', 7), tick('b', 'ferries', 2), tick('a', '', 4),
    tick('f', 'ferries', 9)), [['ferries', 'bf'], ['piers', 'cde'], ['', 'a']]);
  assert.deepEqual(listed(), []);
});

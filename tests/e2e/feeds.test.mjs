// SPDX-License-Identifier: Apache-2.0
// Feeds, from a web server to the page's list: what is new and changed comes, once, whatever the server does.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daywire, brokerTrouble, programs } from './lib/daywire.mjs';
import { FeedServer, rss } from './lib/feeds.mjs';
import { run } from './lib/process.mjs';
import { until } from './lib/until.mjs';

let server;
let daywire;

const day = (n) => new Date(Date.UTC(2024, 0, n, 10)).toUTCString();
const item = (n, more = {}) => ({
  guid: `guid-${n}`, link: `https://harbour.example.org/news/${n}`, title: `News ${n}`, date: day(n), ...more,
});

/** Each test has a feed of its own, at a path of the same name. */
const feeds = {
  plain: '', newest: 'initial = newest 2', none: 'initial = none', names: '', conditional: '', same: '', moved: '', gone: '',
  busy: '', mixed: 'tags = sea, harbour\nkind = notice\nlanguage = en-GB', encoded: '', broken: '', redirected: '', bomb: '',
  withdrawn: '', scheduled: '', corrected: '', many: '', restarted: '', skipping: '',
};

const feedConfig = () => `
[feeds]
allow-networks = 127.0.0.1
max-size = 1M
max-at-once = 3
${Object.entries(feeds).map(([name, more]) => `[feed ${name}]\nurl = ${server.url}/${name}\nevery = 1h\n${more}\n`).join('')}
[feed forbidden]
url = http://127.0.0.2:${server.port}/forbidden
[feed nowhere]
url = http://127.0.0.1:1/
`;

before(async () => {
  server = await FeedServer.start();
  for (const name of Object.keys(feeds)) server.answers[`/${name}`] = { body: rss([]) };
  server.answers['/plain'] = { body: rss([item(1), item(2)]) };
  server.answers['/newest'] = { body: rss([item(1), item(4), item(3), item(2)]) };
  server.answers['/none'] = { body: rss([item(1), item(2)]) };
  server.held = [];
  daywire = await Daywire.start({
    config: feedConfig(),
    expected: [...brokerTrouble, /msg="feed (cannot be taken in|item is refused|is gone for good and is polled no more)"/,
      /msg="requests without a good token were refused"/],
  });
});
after(async () => {
  try {
    await daywire?.stop();
  } finally {
    await server?.stop();
  }
});

const states = async () => (await daywire.request('GET', '/v1/feeds')).json.feeds;
const state = async (name) => (await states()).find((feed) => feed.name === name);

/** The state of the feed after its first poll. */
const first = (name) => until(`${name} is polled`, async () => {
  const now = await state(name);
  return now.polled_at && now;
});

/** Polls the feed now; its state afterwards. */
async function poll(name) {
  const { polled_at: then } = await first(name);
  const answer = await daywire.request('POST', `/v1/feeds/${name}/poll`);
  assert.equal(answer.status, 202, answer.text);
  return until(`${name} is polled again`, async () => {
    const now = await state(name);
    return now.polled_at !== then && now;
  });
}

/** The statements of a feed as the gateway has them, newest first. */
const listed = async (name) => (await daywire.get(`/v1/statements?source=${name}&limit=100`)).json.statements;
const titles = async (name) => (await listed(name)).map((statement) => statement.title);
const titlesAre = async (name, expected) => {
  await until(`${name} has ${expected}`, async () => JSON.stringify(await titles(name)) === JSON.stringify(expected))
    .catch(async (error) => {
      assert.deepEqual(await titles(name), expected);
      throw error;
    });
};

const metrics = async () => (await fetch(`${daywire.admin.ingest}/metrics`)).text();

/** How many items of the feed had each result, up to now. */
async function results(name) {
  const text = await metrics();
  const lines = text.matchAll(/^daywire_ingest_feed_items_total\{feed="([^"]*)",result="([^"]*)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].filter(([, feed]) => feed === name).map(([, , result, count]) => [result, Number(count)]));
}

/** What the gauges show of each feed, by the name of what /v1/feeds calls it. */
async function gauges() {
  const names = {
    last_poll_timestamp_seconds: 'polled_at', last_success_timestamp_seconds: 'succeeded_at',
    next_poll_timestamp_seconds: 'next_at', failures: 'failures',
  };
  const lines = (await metrics()).matchAll(/^daywire_ingest_feed_(\w+)\{feed="([^"]*)"\} (\d+)$/gm);
  const found = {};
  for (const [, gauge, feed, value] of lines) found[feed] = { ...found[feed], [names[gauge] ?? gauge]: Number(value) };
  return found;
}

/** The same of what /v1/feeds says. */
const asGauges = (feeds) => {
  const seconds = (time) => (time ? Math.floor(Date.parse(time) / 1000) : 0);
  return Object.fromEntries(feeds.map(({ name, polled_at, succeeded_at, next_at, failures }) =>
    [name, { polled_at: seconds(polled_at), succeeded_at: seconds(succeeded_at), next_at: seconds(next_at), failures }]));
};

test('no more are fetched at once than may be', async () => {
  await until('feeds are fetched', () => server.held.length >= 3);
  assert.equal((await states()).filter((feed) => feed.polled_at && feed.name in feeds).length, 0);
  assert.equal(server.held.length, 3);
  server.release();
  for (const name of Object.keys(feeds)) await first(name);
});

test('new items come, and changed ones are updated', async () => {
  await titlesAre('plain', ['News 2', 'News 1']);
  const [newer] = await listed('plain');
  assert.equal(newer.url, 'https://harbour.example.org/news/2');
  assert.equal(newer.source, 'plain');
  assert.equal(newer.published_at, '2024-01-02T10:00:00Z');
  server.answers['/plain'] = { body: rss([item(3), item(2, { title: 'News 2, amended' }), item(1)]) };
  const after = await poll('plain');
  assert.equal(after.items, 3);
  assert.equal(after.error, null);
  await titlesAre('plain', ['News 3', 'News 2, amended', 'News 1']);
  const changed = (await listed('plain'))[1];
  assert.equal(changed.id, newer.id);
  assert.equal(changed.revision, 2);
  assert.equal(changed.change, 'updated');
  assert.deepEqual((await daywire.request('GET', `/v1/statements/${newer.id}/revisions`)).json.revisions.map((r) => r.by),
    ['feed plain', 'feed plain']);
});

test('what vanishes from a feed stays', async () => {
  server.answers['/plain'] = { body: rss([item(3)]) };
  await poll('plain');
  server.answers['/plain'] = { body: rss([]) };
  assert.equal((await poll('plain')).items, 0);
  assert.deepEqual(await titles('plain'), ['News 3', 'News 2, amended', 'News 1']);
});

test('a first poll takes the newest items only, or none, and the others never come', async () => {
  await titlesAre('newest', ['News 4', 'News 3']);
  assert.deepEqual(await results('newest'),
    { created: 2, passed_over: 2, refused: 0, unchanged: 0, updated: 0, withheld: 0 });
  server.answers['/newest'] = { body: rss([item(5), item(1), item(4), item(3), item(2, { title: 'News 2, amended' })]) };
  server.answers['/none'] = { body: rss([item(1), item(2), item(3)]) };
  await poll('newest');
  await poll('none');
  await titlesAre('newest', ['News 5', 'News 4', 'News 3']);
  await titlesAre('none', ['News 3']);
});

test('another guid for the same link makes no second statement', async () => {
  server.answers['/names'] = { body: rss([item(1), item(2)]) };
  await poll('names');
  await titlesAre('names', ['News 2', 'News 1']);
  const ids = (await listed('names')).map((statement) => statement.id);
  server.answers['/names'] = { body: rss([item(1, { guid: 'x-1' }), item(2, { guid: 'x-2', title: 'News 2, amended' })]) };
  await poll('names');
  await titlesAre('names', ['News 2, amended', 'News 1']);
  assert.deepEqual((await listed('names')).map((statement) => statement.id), ids);
  assert.equal((await results('names')).created, 2);
});

test('a guid that is used again for another link hides nothing', async () => {
  server.answers['/names'] = {
    body: rss([item(3, { guid: 'x-2' }), item(2, { guid: 'x-2', title: 'News 2, amended' }), item(4, { guid: 'x-1' })]),
  };
  await poll('names');
  await titlesAre('names', ['News 4', 'News 3', 'News 2, amended', 'News 1']);
  await poll('names');
  assert.equal((await results('names')).created, 4);
});

test('validators are sent, and 304 is nothing new', async () => {
  server.answers['/conditional'] = (request) => (request.headers['if-none-match'] === '"1"'
    ? { status: 304 }
    : { headers: { ETag: '"1"', 'Last-Modified': day(1) }, body: rss([item(1)]) });
  const taken = await poll('conditional');
  assert.deepEqual([taken.etag, taken.last_modified], ['"1"', day(1)]);
  const after = await poll('conditional');
  assert.equal(after.status, 304);
  assert.deepEqual([after.etag, after.last_modified], ['"1"', day(1)]);
  assert.equal(after.error, null);
  assert.equal(after.items, 1);
  const { headers } = server.of('/conditional').at(-1);
  assert.equal(headers['if-none-match'], '"1"');
  assert.equal(headers['if-modified-since'], day(1));
  assert.match(headers['user-agent'], /^Daywire\/\d/);
  assert.equal(headers['accept-encoding'], 'gzip, deflate');
});

test('the same document without validators is not read again', async () => {
  server.answers['/same'] = { body: rss([item(1)]) };
  await poll('same');
  const after = await poll('same');
  assert.deepEqual([after.etag, after.last_modified], [null, null]);
  assert.deepEqual(await results('same'), { created: 1, passed_over: 0, refused: 0, unchanged: 0, updated: 0, withheld: 0 });
});

test('a permanent move is remembered, and the old place asked again when the new one fails', async () => {
  server.answers['/moved'] = { status: 301, headers: { location: '/moved-to' } };
  server.answers['/moved-to'] = { body: rss([item(1)]) };
  assert.equal((await poll('moved')).moved_to, `${server.url}/moved-to`);
  await titlesAre('moved', ['News 1']);
  const asked = server.of('/moved').length;
  await poll('moved');
  assert.equal(server.of('/moved').length, asked);
  server.answers['/moved-to'] = { status: 404 };
  server.answers['/moved'] = { body: rss([item(2)]) };
  assert.match((await poll('moved')).error, /answered 404/);
  assert.equal((await poll('moved')).moved_to, null);
  await titlesAre('moved', ['News 2', 'News 1']);
});

test('a feed that is gone is polled no more, and says so', async () => {
  server.answers['/gone'] = { status: 410 };
  const after = await poll('gone');
  assert.equal(after.gone, true);
  assert.equal(after.next_at, null);
  const answer = await daywire.request('POST', '/v1/feeds/gone/poll');
  assert.equal(answer.status, 409);
  assert.match(answer.json.detail, /gone for good \(410\)/);
});

test('Retry-After is obeyed', async () => {
  server.answers['/busy'] = { status: 503, headers: { 'retry-after': '86400' } };
  const after = await poll('busy');
  const seconds = (Date.parse(after.next_at) - Date.parse(after.polled_at)) / 1000;
  assert.ok(seconds >= 86400 && seconds <= 86400 + 360, `${seconds} s`);
  assert.equal(after.error, 'the server answered 503');
  assert.equal(after.failures, 1);
});

test('a feed that does not want to be polled often is not', async () => {
  server.answers['/skipping'] = { body: rss([item(1)], '<ttl>240</ttl>') };
  const after = await poll('skipping');
  const hours = (Date.parse(after.next_at) - Date.parse(after.polled_at)) / 3_600_000;
  assert.ok(hours >= 4 && hours <= 4.1, `${hours} h`);
});

test('a feed is not polled in the hours that it wants to be spared', async () => {
  const hour = 3_600_000;
  const begun = Math.floor(Date.now() / hour);
  const skipped = [1, 2, 3].map((n) => `<hour>${(begun + n) % 24}</hour>`).join('');
  server.answers['/skipping'] = { body: rss([item(1)], `<skipHours>${skipped}</skipHours>`) };
  for (const _ of ['the document', 'the same again, which is not read']) {
    const next = Date.parse((await poll('skipping')).next_at);
    assert.equal(Math.floor(next / hour), begun + 4, new Date(next).toISOString());
  }
});

test('one bad item is told, and the others pass', async () => {
  server.answers['/mixed'] = { body: rss([item(1), item(2, { title: '' }), item(3)]) };
  const after = await poll('mixed');
  assert.equal(after.items, 3);
  assert.equal(after.refused, 1);
  assert.match(after.refusal, /guid-2.*title/);
  assert.equal(after.error, null);
  await titlesAre('mixed', ['News 3', 'News 1']);
  assert.equal((await results('mixed')).refused, 1);
  const [statement] = await listed('mixed');
  assert.equal(statement.kind, 'notice');
  assert.equal(statement.language, 'en-GB');
  assert.deepEqual(statement.tags, ['sea', 'harbour']);
});

const marked = (text) => Buffer.from(`\ufeff${text}`, 'utf16le');
/** What is sent for a text with TITLE in it, and what that is read as; `charset` of HTTP, `declared` in the document. */
const encodings = [
  { charset: 'windows-1251', title: 'Порт', bytes: [0xcf, 0xee, 0xf0, 0xf2] },
  { charset: 'koi8-r', title: 'Порты', bytes: [0xf0, 0xcf, 0xd2, 0xd4, 0xd9] },
  { declared: 'koi8-r', title: 'Порт и', bytes: [0xf0, 0xcf, 0xd2, 0xd4, 0x20, 0xc9] },
  { charset: 'iso-8859-1', title: 'Küste', bytes: [0x4b, 0xfc, 0x73, 0x74, 0x65] },
  { declared: 'iso-8859-1', title: 'Küsten', bytes: [0x4b, 0xfc, 0x73, 0x74, 0x65, 0x6e] },
  { charset: 'utf-16', title: 'Порт LE', encode: marked },
  { declared: 'utf-16', title: 'Порт BE', encode: (text) => marked(text).swap16() },
];
for (const [n, { charset, declared, title, bytes, encode }] of encodings.entries()) {
  test(`a feed in ${charset ?? declared} is read, as ${charset ? 'HTTP' : 'it'} says it: ${title}`, async () => {
    const text = rss([item(n + 1, { title: 'TITLE' })]).replace(' encoding="utf-8"', declared ? ` encoding="${declared}"` : '');
    const [head, tail] = text.split('TITLE');
    server.answers['/encoded'] = {
      headers: { 'content-type': `application/rss+xml${charset ? `; charset=${charset}` : ''}` },
      body: encode ? encode(text.replace('TITLE', title)) : Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]),
    };
    assert.equal((await poll('encoded')).error, null);
    await titlesAre('encoded', encodings.slice(0, n + 1).map((sent) => sent.title).reverse());
  });
}

test('what is no feed is told', async () => {
  server.answers['/broken'] = { body: '<html><body>Sorry!</body></html>' };
  const after = await poll('broken');
  assert.ok(after.error.length > 0);
  assert.equal(after.failures, 1);
  server.answers['/broken'] = { body: '' };
  assert.equal((await poll('broken')).error, 'there is nothing in it');
  server.answers['/broken'] = { body: rss([item(1)]) };
  const better = await poll('broken');
  assert.equal(better.error, null);
  assert.equal(better.failures, 0);
  await titlesAre('broken', ['News 1']);
});

test('too large a feed is refused', async () => {
  server.answers['/bomb'] = { body: rss([item(1, { text: 'x'.repeat(1_000_000) })]) + ' '.repeat(100_000) };
  assert.match((await poll('bomb')).error, /larger than 1048576 bytes/);
});

test('nobody is led to a forbidden address', async () => {
  assert.match((await first('forbidden')).error, /leads to 127\.0\.0\.2, a loopback address, where feeds may not lead/);
  server.answers['/redirected'] = { status: 302, headers: { location: `http://127.0.0.2:${server.port}/` } };
  assert.match((await poll('redirected')).error, /leads to 127\.0\.0\.2, a loopback address/);
  assert.equal(server.trespasses, 0);
  assert.match((await first('nowhere')).error, /127\.0\.0\.1 port 1/);
});

test('a withdrawn statement stays withdrawn while the feed says the same', async () => {
  server.answers['/withdrawn'] = { body: rss([item(1)]) };
  await poll('withdrawn');
  await titlesAre('withdrawn', ['News 1']);
  const [{ id }] = await listed('withdrawn');
  assert.equal((await daywire.request('DELETE', `/v1/statements/${id}?note=Wrong.`)).status, 200);
  server.answers['/withdrawn'] = { body: rss([item(2), item(1)]) };
  await poll('withdrawn');
  await titlesAre('withdrawn', ['News 2']);
  assert.equal((await daywire.request('GET', `/v1/statements/${id}`)).json.statement.status, 'withdrawn');
});

test('a withdrawn statement stays so when the feed goes back to an earlier text, and a scheduled one as well', async () => {
  const before = await results('withdrawn');
  server.answers['/withdrawn'] = { body: rss([item(3)]) };
  await poll('withdrawn');
  server.answers['/withdrawn'] = { body: rss([item(3, { title: 'News 3, amended' })]) };
  await poll('withdrawn');
  await titlesAre('withdrawn', ['News 3, amended', 'News 2']);
  const [third, second] = await listed('withdrawn');
  assert.equal((await daywire.request('DELETE', `/v1/statements/${third.id}?note=Wrong.`)).status, 200);
  const scheduled = await daywire.request('PUT', `/v1/statements/${second.id}`, {
    title: 'News 2, embargoed', date: '2024-01-02', source: 'withdrawn', publish_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  assert.equal(scheduled.status, 202, scheduled.text);
  server.answers['/withdrawn'] = { body: rss([item(3), item(2, { title: 'News 2, amended' })]) };
  const after = await poll('withdrawn');
  assert.deepEqual([after.error, after.refused], [null, 0]);
  await titlesAre('withdrawn', ['News 2']);
  const now = await results('withdrawn');
  assert.deepEqual([now.withheld - before.withheld, now.refused - before.refused], [2, 0]);
});

/** An item of /scheduled that the feed changes while something is scheduled for it: withheld, until `end(id)` is done and then. */
async function withheldUntil(n, end, expected) {
  const answer = (title) => ({ headers }) => (headers['if-none-match'] === `"${title}"` ? { status: 304 }
    : { headers: { ETag: `"${title}"` }, body: rss([item(n, { title }), item(9, { title: '' })]) });
  server.answers['/scheduled'] = answer(`News ${n}`);
  await poll('scheduled');
  const listedTitle = async () => (await listed('scheduled')).find(({ url }) => url === item(n).link);
  const { id, url } = await until('it is there', listedTitle);
  const scheduled = await daywire.request('PUT', `/v1/statements/${id}`, {
    title: `News ${n}, planned`, date: `2024-01-0${n}`, url, source: 'scheduled',
    publish_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  assert.equal(scheduled.status, 202, scheduled.text);
  server.answers['/scheduled'] = answer(`News ${n}, amended`);
  for (let i = 0; i < 2; i++) {
    const after = await poll('scheduled');
    assert.deepEqual([after.error, after.refused, after.etag], [null, 1, null]);
    assert.equal((await daywire.request('GET', `/v1/statements/${id}`)).json.statement.title, `News ${n}`);
  }
  await end(id, url);
  assert.equal((await poll('scheduled')).etag, `"News ${n}, amended"`);
  assert.equal((await daywire.request('GET', `/v1/statements/${id}`)).json.statement.title, expected);
  assert.equal((await poll('scheduled')).status, 304);
  assert.equal((await daywire.request('GET', `/v1/statements/${id}`)).json.statement.title, expected);
}

const cancel = async (id) => assert.equal((await daywire.request('DELETE', `/v1/statements/${id}/schedule`)).status, 200);

test('what a feed changes while something is scheduled comes once the schedule is dropped', async () => {
  await withheldUntil(1, cancel, 'News 1, amended');
  const log = Object.values(daywire.processes).map(({ output, errors }) => output + errors).join('\n');
  // Once for each of the two documents, however often the second one was read.
  assert.equal(log.match(/msg="feed item is refused" feed=scheduled/g).length, 2);
});

test('... but not when what was scheduled is published after it', async () => {
  await withheldUntil(3, async (id, url) => {
    const now = await daywire.request('PUT', `/v1/statements/${id}`, {
      title: 'News 3, as planned', date: '2024-01-03', url, source: 'scheduled', publish_at: new Date(Date.now() - 1000).toISOString(),
    });
    assert.equal(now.status, 200, now.text);
  }, 'News 3, as planned');
});

test('a correction by an editor is not undone by a feed that says the same', async () => {
  server.answers['/corrected'] = { body: rss([item(1)]) };
  await poll('corrected');
  await titlesAre('corrected', ['News 1']);
  const [{ id, url }] = await listed('corrected');
  const corrected = await daywire.request('PUT', `/v1/statements/${id}`, {
    title: 'News 1, corrected', date: '2024-01-01', url, source: 'corrected', change: 'corrected', note: 'The title was wrong.',
  });
  assert.equal(corrected.status, 200, corrected.text);
  server.answers['/corrected'] = { body: rss([item(2), item(1)]) };
  await poll('corrected');
  await titlesAre('corrected', ['News 2', 'News 1, corrected']);
});

test('a feed of many items comes whole', async () => {
  server.answers['/many'] = { body: rss(Array.from({ length: 1000 }, (_, i) => item(i + 1, { date: day(1) }))) };
  assert.equal((await poll('many')).items, 1000);
  assert.equal((await results('many')).created, 1000);
});

test('daywire feeds shows all of it', async () => {
  const table = await daywire.cli(['feeds']);
  assert.equal(table.code, 0, table.stderr);
  const lines = table.stdout.split('\n');
  assert.match(lines[0], /^NAME +LAST POLL +NEXT POLL +ITEMS +REFUSED +URL$/);
  assert.ok(lines.some((line) => /^mixed +\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +\d{4}-.* +3 +1 +http:/.test(line)), table.stdout);
  assert.ok(lines.some((line) => /^gone .*never: it is gone/.test(line)), table.stdout);
  assert.ok(lines.some((line) => /^ +error: it leads to 127\.0\.0\.2/.test(line)), table.stdout);
  assert.ok(lines.some((line) => /^ +refused: line 1, guid-2: /.test(line)), table.stdout);
  assert.ok(lines.includes(`${' '.repeat('conditional'.length)}  validators: "1", ${day(1)}`), table.stdout);
  const ndjson = await daywire.cli(['feeds', '--format', 'ndjson']);
  const parsed = ndjson.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(parsed.map((feed) => feed.name), [...Object.keys(feeds), 'forbidden', 'nowhere']);
  assert.deepEqual(parsed, await states());
  const { etag, last_modified } = parsed.find((feed) => feed.name === 'conditional');
  assert.deepEqual([etag, last_modified], ['"1"', day(1)]);
  const { polled_at: then } = await state('plain');
  assert.equal((await daywire.cli(['feeds', '--poll', 'plain'])).code, 0);
  await until('plain is polled', async () => (await state('plain')).polled_at !== then);
  const unknown = await daywire.cli(['feeds', '--poll', 'lighthouse']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there is no feed lighthouse in the configuration/);
  assert.match((await daywire.cli(['feeds', '--format', 'xml'])).stderr, /--format xml: table or ndjson/);
});

test('feeds are shown to those with a token only, and unknown ones are not found', async () => {
  assert.equal((await daywire.request('GET', '/v1/feeds', undefined, { token: null })).status, 401);
  assert.equal((await daywire.request('POST', '/v1/feeds/plain/poll', undefined, { token: 'wrong' })).status, 401);
  assert.equal((await daywire.request('POST', '/v1/feeds/lighthouse/poll')).status, 404);
  assert.equal((await daywire.request('GET', '/v1/feeds?colour=red')).status, 400);
});

test('metrics tell polls, when they were and are to be, and failures in a row', async () => {
  const text = await metrics();
  assert.match(text, /^daywire_ingest_feed_polls_total\{feed="gone",outcome="gone"\} 1$/m);
  assert.match(text, /^daywire_ingest_feed_polls_total\{feed="forbidden",outcome="forbidden"\} 1$/m);
  assert.match(text, /^daywire_ingest_feed_last_success_timestamp_seconds\{feed="forbidden"\} 0$/m);
  assert.match(text, /^daywire_ingest_feed_last_success_timestamp_seconds\{feed="plain"\} 1\d{9}$/m);
  const shown = await gauges();
  assert.deepEqual(shown, asGauges(await states()));
  assert.equal(shown.gone.next_at, 0);
  assert.equal(shown.forbidden.failures, 1);
  assert.ok(shown.plain.next_at >= shown.plain.polled_at + 3600);
});

test('a restart keeps what is known: nothing comes twice, and nobody is asked before the time', async () => {
  server.answers['/restarted'] = { headers: { ETag: '"7"' }, body: rss([item(1), item(2)]) };
  await poll('restarted');
  await titlesAre('restarted', ['News 2', 'News 1']);
  const before = await states();
  const asked = server.requests.length;
  await daywire.stopServices();
  await daywire.startServices();
  await daywire.ready();
  const after = await states();
  assert.deepEqual(after, before);
  assert.deepEqual(await gauges(), asGauges(before));
  assert.equal(server.requests.length, asked);
  server.answers['/restarted'] = { body: rss([item(3), item(2), item(1)]) };
  await poll('restarted');
  assert.equal(server.of('/restarted').at(-1).headers['if-none-match'], '"7"');
  await titlesAre('restarted', ['News 3', 'News 2', 'News 1']);
  assert.deepEqual(await results('restarted'),
    { created: 1, passed_over: 0, refused: 0, unchanged: 2, updated: 0, withheld: 0 });
});

test('what is withheld while something is scheduled comes also when all was restarted in between', async () => {
  await withheldUntil(2, async (id) => {
    await daywire.stopServices();
    await daywire.startServices();
    await daywire.ready();
    await cancel(id);
  }, 'News 2, amended');
});

const configurations = [
  ['no address', '[feed a]\nevery = 5m\n', /\[feed a\] lacks its address/],
  ['another scheme', '[feed a]\nurl = ftp://example.org/\n', /bad\.ini:2: \[feed a\] url: is no address that begins with http/],
  ['the same address twice', '[feed a]\nurl = http://a.example.org\n[feed b]\nurl = http://A.example.org/\n',
    /bad\.ini:4: \[feed b\] url: \[feed a\] has the same one/],
  ['too short an interval', '[feed a]\nurl = http://a.example.org\nevery = 100ms\n', /bad\.ini:3: .*every.*1s to 7d/],
  ['a bad name', '[feed a b]\nurl = http://a.example.org\n', /bad\.ini:1: .*the name "a b"/],
  ['a misspelt key', '[feed a]\nulr = http://a.example.org\n', /bad\.ini:2: .*did you mean "url"/],
  ['a network that is none', '[feeds]\nallow-networks = home\n', /bad\.ini:2: .*"home" is no network/],
];
for (const [name, config, message] of configurations) {
  test(`configuration: ${name} is refused`, async () => {
    const file = join(daywire.folder, 'bad.ini');
    await writeFile(file, config);
    const result = await run(join(programs, 'daywire-ingest'), ['--config', file, '--check-config']);
    assert.equal(result.code, 2, result.stderr);
    assert.match(result.stderr, message);
  });
}

// SPDX-License-Identifier: Apache-2.0
// The page's one role=status: says in a sentence what has just changed, for readers who do not see it. What comes close
// together is said together; nothing stays, so that the same words are news the next time.

import { h } from './dom.js';
import { words } from './words.js';

const GATHER = 500;
const STAY = 10_000;
const ID = 'daywire-announcements';

let news = 0;
let sentences = [];
let timer = null;

function region() {
  const it = document.getElementById(ID) ?? h('p', { id: ID, role: 'status', class: 'unseen' });
  if (!it.isConnected) document.body.append(it);
  return it;
}

function speak() {
  if (news) sentences.unshift(words.news(news));
  region().textContent = sentences.join(' ');
  news = 0;
  sentences = [];
  timer = setTimeout(() => {
    region().textContent = '';
    timer = null;
  }, STAY);
}

function gather() {
  clearTimeout(timer);
  timer = setTimeout(speak, GATHER);
}

/** What readers have to be told of this statement; `outcome` is the store's. An update is nothing to tell. */
export function announce(outcome, { change, title, note }) {
  if (outcome !== 'new' && outcome !== 'changed') return;
  if (change === 'withdrawn') sentences.push(words.withdrawal(note));
  else if (change === 'corrected') sentences.push(words.correction(title, note));
  else if (outcome === 'new' || change === 'published') news += 1;
  else return;
  gather();
}

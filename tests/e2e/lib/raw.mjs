// SPDX-License-Identifier: Apache-2.0
// Requests that no HTTP client would send.
import { connect } from 'node:net';
import { within } from './until.mjs';

/** Whether the text is an answer with all of its body. */
function isWhole(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = Number(text.slice(0, end).match(/^content-length: (\d+)$/im)?.[1] ?? 0);
  return Buffer.byteLength(text.slice(end + 4)) >= length;
}

/** Sends the bytes to the server of this URL and returns its answer as it came, '' when it closed without one. */
export function raw(url, bytes) {
  return within('the server answers or closes', new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      if (isWhole(answer)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  }));
}

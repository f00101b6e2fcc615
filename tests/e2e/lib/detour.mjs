// SPDX-License-Identifier: Apache-2.0
// A way to the broker on which a test can stop what passes: a proxy that knows where a request of Kafka's protocol begins
// and what it is called.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** The requests that tests stop, by their number in the protocol. */
export const requests = { Produce: 0, InitProducerId: 22, EndTxn: 26 };

/** The requests or answers in a stream: each begins with its length in four bytes. */
async function* frames(socket) {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      yield rest.subarray(0, length);
      rest = rest.subarray(length);
    }
  }
}

export class Detour {
  #port;
  #server;
  #trap; // { key, answer, spring, correlation }
  #sockets = new Set();

  constructor(port, broker) {
    this.address = `127.0.0.1:${port}`;
    this.#port = port;
    this.#server = createServer((client) => {
      const server = connect(broker, '127.0.0.1');
      this.#carry(client, server, (frame) => this.#isStoppedRequest(frame));
      this.#carry(server, client, (frame) => this.#isStoppedAnswer(frame));
    }).unref();
  }

  async open() {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening'); // or rejects
  }

  /** As a broker that is gone: all connections are cut, no new one is taken until open(). */
  async close() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /**
   * Resolves once the next request of this kind is here. It and all behind it on its connection wait for the function that
   * is resolved to.
   */
  stopRequest(key) {
    return new Promise((spring) => (this.#trap = { key, answer: false, spring }));
  }

  /** The same with the answer to the next request of this kind, which passes itself. */
  stopAnswer(key) {
    return new Promise((spring) => (this.#trap = { key, answer: true, spring }));
  }

  async #carry(from, to, isStopped) {
    this.#sockets.add(from.unref());
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    try {
      for await (const frame of frames(from)) {
        if (isStopped(frame)) await this.#stop();
        to.write(frame);
      }
    } catch {
      // The other side has gone: so have we.
    }
  }

  /** Springs the trap and waits to be let through. */
  async #stop() {
    const { spring } = this.#trap;
    this.#trap = undefined;
    await new Promise((release) => spring(release));
  }

  #isStoppedRequest(frame) {
    const trap = this.#trap;
    if (trap?.correlation !== undefined || frame.readInt16BE(4) !== trap?.key) return false;
    if (trap.answer) trap.correlation = frame.readInt32BE(8);
    return !trap.answer;
  }

  #isStoppedAnswer(frame) {
    return this.#trap?.correlation !== undefined && frame.readInt32BE(4) === this.#trap.correlation;
  }
}

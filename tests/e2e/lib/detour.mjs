// SPDX-License-Identifier: Apache-2.0
// A way to the broker on which a test can stop, lose, forge and cut what passes: a proxy that knows where a request of Kafka's
// protocol begins and what it is called.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** The requests that tests tamper with, by their number in the protocol. */
export const requests = {
  Produce: 0, FindCoordinator: 10, JoinGroup: 11, Heartbeat: 12, LeaveGroup: 13, SyncGroup: 14,
  InitProducerId: 22, AddPartitionsToTxn: 24, EndTxn: 26,
};

/** What can become of a frame besides passing. */
export const DROP = Symbol('it is lost, the connection stays');
export const CUT = Symbol('half of it passes, then the connection breaks');
export const HOLD = Symbol('a request that is lost, until letGo() sends it by a connection of its own');

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
  #broker;
  #server;
  #sockets = new Set();
  #held = [];

  /**
   * Asked for each frame, `{ key, answer, frame }`: `key` is that of the request, also for its answer (`answer: true`). Resolves
   * to nothing (it passes), DROP, CUT, HOLD, or bytes: the answer in place of this one, or to this request, which the broker does
   * not get then. What is behind it on its connection waits meanwhile.
   */
  tamper = undefined;

  constructor(port, broker) {
    this.address = `127.0.0.1:${port}`;
    this.#port = port;
    this.#broker = broker;
    this.#server = createServer((client) => {
      const server = connect(broker, '127.0.0.1');
      const asked = new Map(); // correlation -> key
      this.#carry(client, server, (frame) => {
        const key = frame.readInt16BE(4);
        asked.set(frame.readInt32BE(8), key);
        return { key, answer: false, frame };
      });
      this.#carry(server, client, (frame) => {
        const correlation = frame.readInt32BE(4);
        const key = asked.get(correlation);
        asked.delete(correlation);
        return { key, answer: true, frame };
      });
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
    return this.#stopNext((frame) => frame.key === key && !frame.answer);
  }

  /** The same with the next answer to a request of this kind, which passes itself. */
  stopAnswer(key) {
    return this.#stopNext((frame) => frame.key === key && frame.answer);
  }

  #stopNext(matches) {
    return new Promise((reached) => {
      this.tamper = async (frame) => {
        if (!matches(frame)) return;
        this.tamper = undefined;
        await new Promise((release) => reached(release));
      };
    });
  }

  /** Sends what is held; the answers go nowhere. The number of requests. */
  letGo() {
    const held = this.#held.splice(0);
    for (const frame of held) {
      const late = connect(this.#broker, '127.0.0.1', () => late.write(frame)).unref();
      late.on('data', () => late.destroy());
      late.on('error', () => {});
    }
    return held.length;
  }

  async #carry(from, to, describe) {
    this.#sockets.add(from.unref());
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    try {
      for await (const frame of frames(from)) {
        const described = describe(frame);
        const verdict = await this.tamper?.(described);
        if (verdict === DROP) continue;
        if (verdict === HOLD) {
          this.#held.push(Buffer.from(frame));
        } else if (verdict === CUT) {
          to.write(frame.subarray(0, frame.length >> 1), () => {
            from.destroy();
            to.destroy();
          });
          return;
        } else if (verdict) {
          (described.answer ? to : from).write(verdict);
        } else {
          to.write(frame);
        }
      }
    } catch {
      // The other side has gone: so have we.
    }
  }
}

/** A reader of the fields of a request without flexible versions, behind its header. */
function fields(frame) {
  let at = 14 + Math.max(frame.readInt16BE(12), 0); // length, key, version, correlation, client's name
  const take = (size, read) => {
    at += size;
    return read(at - size);
  };
  const int32 = () => take(4, (from) => frame.readInt32BE(from));
  const string = () => {
    const size = take(2, (from) => frame.readInt16BE(from));
    return take(size, (from) => frame.subarray(from, from + size));
  };
  return { int32, string, skip: (size) => take(size, () => {}) };
}

function answerTo(frame, ...parts) {
  const body = Buffer.concat([frame.subarray(8, 12), Buffer.alloc(4), ...parts]); // correlation, no throttling
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const int32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/** "Done" to an AddPartitionsToTxn (versions 0 to 2). */
export function partitionsAdded(frame) {
  const request = fields(frame);
  request.string(); // transactional id
  request.skip(10); // producer id, epoch
  const topics = request.int32();
  const parts = [int32(topics)];
  for (let t = 0; t < topics; t++) {
    const name = request.string();
    const partitions = request.int32();
    parts.push(Buffer.from([name.length >> 8, name.length & 255]), name, int32(partitions));
    for (let p = 0; p < partitions; p++) parts.push(int32(request.int32()), Buffer.alloc(2));
  }
  return answerTo(frame, ...parts);
}

/** "Done" to an EndTxn (versions 0 to 2). */
export function transactionEnded(frame) {
  return answerTo(frame, Buffer.alloc(2));
}

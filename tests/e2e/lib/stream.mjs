// SPDX-License-Identifier: Apache-2.0
// A WebSocket client for both subprotocols, which keeps everything that it received.
import WebSocket from 'ws';
import protobuf from 'protobufjs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { until, within } from './until.mjs';

const protoFolder = join(dirname(fileURLToPath(import.meta.url)), '../../../proto');

/** The types of the .proto files. */
export async function loadTypes() {
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) =>
    target.startsWith('google/') ? protobuf.util.path.resolve(origin, target) : join(protoFolder, target);
  await root.load(['daywire/v1/statement.proto', 'daywire/v1/tick.proto', 'daywire/v1/stream.proto']);
  return {
    Statement: root.lookupType('daywire.v1.Statement'),
    Tick: root.lookupType('daywire.v1.Tick'),
    ClientMessage: root.lookupType('daywire.v1.ClientMessage'),
    ServerMessage: root.lookupType('daywire.v1.ServerMessage'),
  };
}

const types = await loadTypes();

export class Stream {
  /** Options: `protocol` ('daywire.v1.json' or 'daywire.v1.proto'), `query` ('channels=statements&last=10'), `headers`. */
  static async open(url, { protocol = 'daywire.v1.json', query = '', headers } = {}) {
    const stream = new Stream();
    stream.binary = protocol === 'daywire.v1.proto';
    stream.messages = [];
    stream.socket = new WebSocket(query ? `${url}?${query}` : url, [protocol], { headers, perMessageDeflate: false });
    stream.closed = new Promise((resolve) => {
      stream.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    stream.socket.on('message', (data, isBinary) => {
      if (isBinary !== stream.binary) throw new Error('a message of the other type');
      stream.messages.push(stream.binary ? decode(data) : JSON.parse(data.toString()));
    });
    await within('the WebSocket opens', new Promise((resolve, reject) => {
      stream.socket.on('open', resolve);
      stream.socket.on('error', reject);
    }));
    stream.socket.on('error', () => {});
    return stream;
  }

  send(message) {
    if (!this.binary) return this.socket.send(JSON.stringify(message));
    const { type, ...rest } = message;
    if (rest.channels) rest.channels = rest.channels.map((c) => (c === 'statements' ? 1 : 2));
    return this.socket.send(types.ClientMessage.encode(types.ClientMessage.fromObject({ [type]: rest })).finish());
  }

  /** Waits for a message that the function accepts; of those received already, too. */
  async next(what, accept, options) {
    return until(what, () => this.messages.find(accept), options);
  }

  of(type) {
    return this.messages.filter((message) => message.type === type);
  }

  async caughtUp() {
    return this.next('caught_up', (message) => message.type === 'caught_up');
  }

  async statement(id, revision = 1) {
    return this.next(`statement ${id}/${revision}`, (message) =>
      message.type === 'statement' && message.data.id === id && message.data.revision === revision);
  }

  /** The last cursor received. */
  get cursor() {
    return this.messages.findLast((message) => message.cursor)?.cursor;
  }

  async close() {
    this.socket.close(1000);
    await within('the WebSocket closes', this.closed).catch(() => this.socket.terminate());
  }
}

/** A binary message in the shape of the JSON form, as far as the tests compare it. */
function decode(data) {
  const message = types.ServerMessage.toObject(types.ServerMessage.decode(data), {
    longs: Number, enums: String, oneofs: true, defaults: true,
  });
  const { [message.message]: rest } = message;
  const type = message.message === 'caughtUp' ? 'caught_up' : message.message;
  const result = { type, ...rest };
  if (result.resume) result.resume = result.resume.replace('RESUME_', '').toLowerCase();
  if (type === 'statement') result.change = result.data.change.replace('STATEMENT_CHANGE_', '').toLowerCase();
  return result;
}

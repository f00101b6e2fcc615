// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';

/**
 * Below the ports that Linux gives to outgoing connections (ip_local_port_range): while a server is down, whoever tries to
 * reach it could be given its very port, be connected to himself, and keep it from starting again.
 */
const lane = Number(process.env.E2E_LANE ?? 0); // what runs beside us has the other half
const first = 12_000 + lane * 10_000;
const last = first + 10_000;

/** A port is given out once: whoever got it may not have bound it yet, or may have to bind it again. */
const given = new Set();

/** The server that holds the port, or null. */
function hold(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** The first of `length` free ports of the loopback address, one behind the other, and the servers that hold them. */
async function holdRow(length) {
  for (;;) {
    const port = first + Math.floor(Math.random() * (last - first - length));
    const ports = Array.from({ length }, (_, i) => port + i);
    if (ports.some((one) => given.has(one))) continue;
    const servers = await Promise.all(ports.map(hold));
    if (servers.every(Boolean)) {
      for (const one of ports) given.add(one);
      return { port, servers };
    }
    await letGo(servers.filter(Boolean));
  }
}

async function letGo(servers) {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}

/** Free ports of the loopback address. They are held together, so that they differ. */
export async function freePorts(count) {
  const rows = [];
  for (let i = 0; i < count; i++) rows.push(await holdRow(1));
  await letGo(rows.flatMap(({ servers }) => servers));
  return rows.map(({ port }) => port);
}

/** A free port that another free one follows. */
export async function freePair() {
  const { port, servers } = await holdRow(2);
  await letGo(servers);
  return port;
}

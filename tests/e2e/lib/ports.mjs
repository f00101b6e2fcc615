// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';

/** Free ports of the loopback address. They are held together, so that they differ. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const server = createServer();
      server.on('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    })),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A free port that another free one follows. */
export async function freePair() {
  for (;;) {
    const [port] = await freePorts(1);
    const next = createServer();
    const isFree = await new Promise((resolve) => {
      next.on('error', () => resolve(false));
      next.listen(port + 1, '127.0.0.1', () => next.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

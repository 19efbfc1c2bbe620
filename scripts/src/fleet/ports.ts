import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

export { portHolder, portInUseMessage } from './port-holder';
export type { PortHolder } from './port-holder';

const loopback = '127.0.0.1';

/** Whether a process may listen on this port of 127.0.0.1: it can be bound, and nobody answers. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port)) && !(await isAnswered(port));
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Some systems let a port of 127.0.0.1 be bound though another process has it on all addresses. */
function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback });
    const answer = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1000, () => answer(true));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/**
 * A free port of 127.0.0.1. It is taken by lot from 20000 to 29999: systems give ports from 32768 up to outgoing
 * connections, one of which could have it before the server for which it was chosen.
 *
 * @throws Error when no free port is found
 */
export async function freePort(except: ReadonlySet<number> = new Set()): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(20_000, 30_000);
    if (!except.has(port) && (await isFree(port))) return port;
  }
  throw new Error('no free port found between 20000 and 29999');
}

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort(ports));
  return [...ports];
}

/** The first free port from `from` on; looks at `span` of them. */
export async function firstFreePort(from: number, span = 50): Promise<number> {
  for (let port = from; port < from + span; port += 1) if (await isFree(port)) return port;
  throw new Error(`no free port found between ${from} and ${from + span - 1}`);
}

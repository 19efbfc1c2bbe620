import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, type Child, type Ended } from './fixtures/child';

const closedInOrder = /web server closed\n[^]*database closed\n/;

async function upAndSignalled(child: Child, signal: NodeJS.Signals): Promise<Ended> {
  await child.wrote('up\n');
  child.signal(signal);
  return child.ended;
}

describe('A process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'shuts down in reverse order on %s and exits with 0',
    async (signal) => {
      const { code, out } = await upAndSignalled(startChild('tiny.ts', ['serve']), signal);
      expect(out).toMatch(closedInOrder);
      expect(code).toBe(0);
    },
  );

  it('shuts down in order when it is told to by a message, as on Windows, and by no other', async () => {
    const child = startChild('tiny.ts', ['serve']);
    await child.wrote('up\n');
    child.send('anything else');
    child.send('shutdown');
    const { code, out } = await child.ended;
    expect(out).toMatch(closedInOrder);
    expect(out).toContain('told by a message');
    expect(code).toBe(0);
  });

  it('stops a start that still waits, closes what it opened and exits with 0', async () => {
    const { code, out } = await upAndSignalled(startChild('tiny.ts', ['wait']), 'SIGTERM');
    expect(out).toMatch(/latecomer closed\n[^]*web server closed\n[^]*database closed\n/);
    expect(code).toBe(0);
  });

  it('says in one line why it can not start, closes what it opened and exits with 1', async () => {
    const { code, out } = await startChild('tiny.ts', ['refuse']).ended;
    const fatal = out.split('\n').filter((line) => line.includes('"level":"fatal"'));
    expect(fatal).toHaveLength(1);
    expect(JSON.parse(fatal[0] ?? '')).toMatchObject({ msg: 'could not start: the database says no' });
    expect(out).toMatch(closedInOrder);
    expect(code).toBe(1);
  });

  it.each([
    ['throwLater', 'out of the blue'],
    ['rejectLater', 'nobody waits for this'],
  ])('logs the error of %s, shuts down in order and exits with 1', async (start, message) => {
    const { code, out } = await startChild('tiny.ts', [start]).ended;
    expect(out).toContain(message);
    expect(out).toMatch(closedInOrder);
    expect(code).toBe(1);
  });

  it('shuts down in order and exits with 0 when it has done its work', async () => {
    const { code, out } = await startChild('tiny.ts', ['finish']).ended;
    expect(out).toMatch(closedInOrder);
    expect(code).toBe(0);
  });

  it('closes the rest when a step fails, and exits with 1', async () => {
    const { code, out } = await upAndSignalled(startChild('tiny.ts', ['failToClose']), 'SIGTERM');
    expect(out).toContain('the broker is stuck');
    expect(out).toMatch(closedInOrder);
    expect(code).toBe(1);
  });

  it('leaves with 1 when a step hangs longer than the shutdown may take', async () => {
    const { code, out } = await upAndSignalled(startChild('tiny.ts', ['hang', '50']), 'SIGTERM');
    expect(out).toContain('shutdown took too long');
    expect(code).toBe(1);
  });

  it('finishes its shutdown although the signal comes again', async () => {
    const child = startChild('tiny.ts', ['hearTwice']);
    await child.wrote('up\n');
    child.signal('SIGINT');
    await child.wrote('closing\n');
    child.signal('SIGTERM');
    const { code, out } = await child.ended;
    expect(out).toContain('web server closed');
    expect(code).toBe(0);
  });
});

describe('The configuration of an entry point', () => {
  const pgConn = 'postgres://u:hunter2@h:1/db';

  it('is read from the environment', async () => {
    const { code, out, errors } = await startChild('configured.ts', [], { PG_CONN: pgConn }).ended;
    expect(JSON.parse(out)).toMatchObject({ SERVICE_ID: 'tiny-service', PG_CONN: pgConn });
    expect(errors).toBe('');
    expect(code).toBe(0);
  });

  it('is read from .env too, which does not override the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ftgo-'));
    writeFileSync(join(folder, '.env'), `PG_CONN=${pgConn}\nLOG_LEVEL=warn\n`);
    const { out } = await startChild('configured.ts', [], { LOG_LEVEL: 'error' }, folder).ended;
    rmSync(folder, { recursive: true });
    expect(JSON.parse(out)).toMatchObject({ PG_CONN: pgConn, LOG_LEVEL: 'error' });
  });

  it('is listed by --help, which needs none of it', async () => {
    const { code, out } = await startChild('configured.ts', ['--help']).ended;
    expect(out).toContain('SHUTDOWN_TIMEOUT');
    expect(code).toBe(0);
  });

  it('ends the process with one line for each wrong variable', async () => {
    const wrong = { PG_CONN: 'mysql://u:hunter2@h:1/db', LOG_LEVEL: 'loud' };
    const { code, out, errors } = await startChild('configured.ts', [], wrong).ended;
    expect(errors).toMatch(/^LOG_LEVEL must be one of .*\nPG_CONN must be a connection string .*\n$/);
    expect(errors).not.toContain('hunter2');
    expect(out).toBe('');
    expect(code).toBe(1);
  });
});

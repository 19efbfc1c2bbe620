import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, type Logger } from '../../src/telemetry';
import type { Environment } from '../../src/config';

function loggerAndLines(environment: Environment): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    logger: createLogger({ serviceId: 'order-service', environment, level: 'info', destination }),
    lines,
  };
}

const onlyLine = (lines: string[]): Record<string, unknown> => {
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
};

describe('The log', () => {
  it('is JSON with the service, the level by name and an RFC 3339 time', () => {
    const { logger, lines } = loggerAndLines('production');
    logger.info({ orderId: 'o1' }, 'order placed');
    const line = onlyLine(lines);
    expect(line).toMatchObject({
      service: 'order-service',
      level: 'info',
      orderId: 'o1',
      msg: 'order placed',
    });
    expect(new Date(String(line.time)).toISOString()).toBe(line.time);
  });

  it('is readable in development', () => {
    const { logger, lines } = loggerAndLines('development');
    logger.info('order placed');
    expect(lines.join('')).toMatch(/INFO.*order-service: order placed/);
  });

  it('leaves out what is below the threshold', () => {
    const { logger, lines } = loggerAndLines('production');
    logger.debug('order placed');
    expect(lines).toEqual([]);
  });

  it('never shows passwords', () => {
    const { logger, lines } = loggerAndLines('production');
    logger.info({ password: 'hunter2', config: { PG_CONN: 'postgres://u:hunter2@h/db' } }, 'started');
    logger.error({ err: new Error('no route to postgres://u:hunter2@h/db') }, 'failed');
    expect(lines.join('')).toContain('postgres://u:***@h/db');
    expect(lines.join('')).not.toContain('hunter2');
  });

  const children: ChildProcess[] = [];
  afterAll(() => children.forEach((child) => child.kill('SIGKILL')));
  const outlivesItsLog = async (
    stdout: 'pipe' | number,
    untilLogged: (child: ChildProcess) => Promise<void>,
  ) => {
    const program = `
      const { createLogger } = require(${JSON.stringify(join(__dirname, '../../dist/telemetry'))});
      const logger = createLogger({ serviceId: 'test', environment: 'production', level: 'info' });
      logger.info('first');
      process.stdin.once('data', () => {
        for (let line = 0; line < 3; line++) logger.info('nobody reads this');
        process.exit(7);
      });`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', stdout, 'inherit'] });
    children.push(child);
    await untilLogged(child);
    child.stdin?.write('go on');
    expect(await once(child, 'exit')).toEqual([7, null]);
  };

  it('does not keep a process from going on and ending when nobody reads it any more', () =>
    outlivesItsLog('pipe', async ({ stdout }) => {
      if (stdout !== null) await once(stdout, 'data');
      stdout?.destroy();
    }));

  const whereDevFullIs = process.platform === 'linux' ? it : it.skip;
  whereDevFullIs('does not when the disk is full', () =>
    outlivesItsLog(openSync('/dev/full', 'w'), async () => undefined),
  );

  it('shows an error with its stack and its cause', () => {
    const { logger, lines } = loggerAndLines('production');
    logger.error({ err: new Error('could not save', { cause: new Error('disk full') }) }, 'failed');
    const { err } = onlyLine(lines);
    expect(err).toMatchObject({ type: 'Error', message: expect.stringContaining('could not save') });
    expect(JSON.stringify(err)).toContain('disk full');
    expect(JSON.stringify(err)).toContain('logger.spec');
  });
});

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

  it('shows an error with its stack and its cause', () => {
    const { logger, lines } = loggerAndLines('production');
    logger.error({ err: new Error('could not save', { cause: new Error('disk full') }) }, 'failed');
    const { err } = onlyLine(lines);
    expect(err).toMatchObject({ type: 'Error', message: expect.stringContaining('could not save') });
    expect(JSON.stringify(err)).toContain('disk full');
    expect(JSON.stringify(err)).toContain('logger.spec');
  });
});

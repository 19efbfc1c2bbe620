import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { conflict } from '../../src/domain';
import { createMetrics } from '../../src/telemetry';
import { Admission, createWebServer, defineRoute, openApiDocument } from '../../src/web';

const logger = pino({ level: 'silent' });

/** An admission whose work is counted in a variable. */
function admissionOf(limit: number) {
  const work = { underWay: 0, counts: 0 };
  const count = async () => {
    work.counts += 1;
    return work.underWay;
  };
  return { work, admission: new Admission({ limit, count, logger }) };
}

const begin = async () => 'begun';

describe('the admission of work', () => {
  it('lets work begin up to the limit and no more, also all at once', async () => {
    const { admission } = admissionOf(3);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => admission.run(begin)));
    expect(results.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 3 }, () => 'fulfilled'),
      ...Array.from({ length: 7 }, () => 'rejected'),
    ]);
    await expect(admission.run(begin)).rejects.toMatchObject({
      status: 503,
      headers: { 'Retry-After': '1' },
    });
  });

  it('lets as much begin as has ended', async () => {
    const { admission, work } = admissionOf(2);
    await Promise.all([admission.run(begin), admission.run(begin)]);
    work.underWay = 1;
    await admission.count();
    expect(await admission.run(begin)).toBe('begun');
    await expect(admission.run(begin)).rejects.toMatchObject({ code: 'OVERLOADED' });
    work.underWay = 0;
    await admission.count();
    expect(await admission.run(begin)).toBe('begun');
  });

  it('knows the work that others have begun', async () => {
    const { admission, work } = admissionOf(2);
    work.underWay = 2;
    await admission.count();
    await expect(admission.run(begin)).rejects.toMatchObject({ code: 'OVERLOADED' });
  });

  it('keeps what began while it was counted, since the count may not have it', async () => {
    let counted: (underWay: number) => void = () => undefined;
    const count = () => new Promise<number>((resolve) => (counted = resolve));
    const admission = new Admission({ limit: 2, count, logger });
    await admission.run(begin);
    const counting = admission.count();
    await admission.run(begin);
    counted(1);
    await counting;
    await expect(admission.run(begin)).rejects.toMatchObject({ code: 'OVERLOADED' });
  });

  it('forgets what failed: nothing has begun', async () => {
    const { admission } = admissionOf(1);
    const refuse = () => Promise.reject(conflict('TOO_LATE', 'It is too late.'));
    await expect(admission.run(refuse)).rejects.toMatchObject({ code: 'TOO_LATE' });
    expect(await admission.run(begin)).toBe('begun');
  });

  describe('from time to time', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    const countsInASecond = async (underWay: number): Promise<number> => {
      const { admission, work } = admissionOf(4);
      work.underWay = underWay;
      await admission.start();
      await jest.advanceTimersByTimeAsync(1_000);
      await admission.stop();
      return work.counts - 1;
    };

    it('counts rarely while there is much room', async () => {
      expect(await countsInASecond(1)).toBe(1);
    });

    it('counts often when there is little', async () => {
      expect(await countsInASecond(2)).toBe(4);
    });
  });

  it('asks nobody while there is nothing under way', async () => {
    const { admission, work } = admissionOf(1);
    for (let look = 0; look < 3; look += 1) await admission.count();
    expect(work.counts).toBe(1);
    await admission.run(begin);
    for (let look = 0; look < 3; look += 1) await admission.count();
    expect(work.counts).toBe(2);
  });
});

describe('a server whose limit of work is reached', () => {
  const answer = { success: { status: 200, body: z.object({}) }, handle: async () => ({}) };
  const routes = [
    defineRoute({
      method: 'post',
      path: '/api/work',
      summary: 'Begins',
      beginsWork: true,
      body: z.object({}),
      ...answer,
    }),
    defineRoute({ method: 'get', path: '/api/work', summary: 'Looks', ...answer }),
  ];
  const info = { title: 'work', version: '0' };

  it('refuses requests for more with 503 and Retry-After, and answers the others', async () => {
    const { admission } = admissionOf(1);
    const { app } = createWebServer({
      api: { info, routes, isUnavailable: () => false, admission },
      readiness: [],
      logger,
      metrics: createMetrics('work'),
    });
    await request(app).post('/api/work').send({}).expect(200);
    const refused = await request(app).post('/api/work').send({}).expect(503).expect('Retry-After', '1');
    expect(refused.body).toMatchObject({ status: 503, code: 'OVERLOADED' });
    await request(app).get('/api/work').expect(200);
    // At once: what is wrong with the request is no matter.
    await request(app).post('/api/work').set('Content-Type', 'application/json').send('{').expect(503);
  });

  it('says so in its document', () => {
    const document = openApiDocument(info, routes);
    expect(document).toHaveProperty(['paths', '/api/work', 'post', 'responses', '503']);
    expect(document).not.toHaveProperty(['paths', '/api/work', 'get', 'responses', '503']);
  });
});

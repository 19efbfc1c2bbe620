import supertest from 'supertest';
import { z } from 'zod';
import { defineRoute, openApiDocument } from '../../src/web';
import { createPantry } from './pantry';

const pantry = supertest(createPantry().server.app);

describe('The OpenAPI document', () => {
  it('describes every route by the schemas that validate it', async () => {
    const { body } = await pantry.get('/api/openapi.json').expect(200);
    expect(body.openapi).toBe('3.1.0');
    expect(body.info).toEqual({ title: 'Pantry', version: '1.0.0' });
    expect(Object.keys(body.paths)).toEqual(['/api/jars', '/api/jars/{jarID}', '/api/jars/{jarID}/open']);
    const post = body.paths['/api/jars'].post;
    expect(post.requestBody.content['application/json'].schema).toMatchObject({
      type: 'object',
      required: ['name', 'grams'],
      properties: { name: { type: 'string', minLength: 1 }, grams: { type: 'integer', minimum: 1 } },
    });
    expect(Object.keys(post.responses)).toEqual(['201', '400', '413', '415', '422', 'default']);
    expect(post.parameters).toEqual([expect.objectContaining({ name: 'Idempotency-Key', in: 'header' })]);
  });

  it('describes parameters', async () => {
    const { body } = await pantry.get('/api/openapi.json');
    expect(body.paths['/api/jars/{jarID}'].get.parameters).toEqual([
      {
        name: 'jarID',
        in: 'path',
        required: true,
        schema: expect.objectContaining({ type: 'string', format: 'uuid' }),
      },
    ]);
    expect(body.paths['/api/jars'].get.parameters).toMatchObject([
      { name: 'limit', in: 'query', required: false },
      { name: 'filter[words]', in: 'query', required: false },
    ]);
  });

  it('keeps named schemas among its components', () => {
    const Spice = z.object({ name: z.string() }).meta({ id: 'Spice' });
    const route = defineRoute({
      method: 'get',
      path: '/api/spices',
      summary: 'All spices.',
      success: { status: 200, body: z.object({ spices: z.array(Spice) }) },
      handle: async () => ({ spices: [] }),
    });
    const document = openApiDocument({ title: 'Spices', version: '1.0.0' }, [route]);
    expect(document).toMatchObject({ components: { schemas: { Spice: { type: 'object' } } } });
    expect(JSON.stringify(document)).toContain('"#/components/schemas/Spice"');
    expect(JSON.stringify(document)).not.toContain('$defs');
  });
});

describe('The page for people', () => {
  it('shows every route', async () => {
    const { text, headers } = await pantry.get('/api/docs').expect(200);
    expect(headers['content-type']).toContain('text/html');
    for (const path of ['/api/jars', '/api/jars/:jarID', '/api/jars/:jarID/open'])
      expect(text).toContain(path);
  });
});

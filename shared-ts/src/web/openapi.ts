import { z, type ZodType } from 'zod';
import { problemSchema } from './problem';
import type { Route } from './route';

/** What the API's document says of itself. */
export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

type Json = Record<string, unknown>;

const errorResponse = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const rejectionDescriptions: Readonly<Record<number, string>> = {
  404: 'It does not exist.',
  409: 'Its state does not allow this.',
  422: 'It can not be done.',
};

/** The OpenAPI 3.1 document of some routes, made from the schemas that validate them. */
export function openApiDocument(info: ApiInfo, routes: readonly Route[]): Json {
  const schemas: Json = { Problem: jsonSchema(problemSchema, {}) };
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([^/]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas) };
  }
  return { openapi: '3.1.0', info, paths, components: { schemas } };
}

function operation(route: Route, schemas: Json): Json {
  return {
    summary: route.summary,
    operationId: operationId(route),
    parameters: [
      ...parameters('path', route.params, schemas),
      ...parameters('query', route.query, schemas),
      ...(route.idempotent ? [idempotencyKey] : []),
    ],
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(route.body, schemas) } },
      },
    }),
    responses: responses(route, schemas),
  };
}

const operationId = ({ method, path }: Route): string =>
  `${method}-${path.replace(/[/:]+/g, '-').replace(/^-(api-)?/, '')}`;

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function responses(route: Route, schemas: Json): Json {
  // An idempotency key that comes again with another body is refused with 422.
  const statuses = new Set([...route.rejections, ...(route.idempotent ? [422] : [])]);
  const rejections = [...statuses].map((status): [string, Json] => [
    String(status),
    errorResponse(rejectionDescriptions[status] ?? 'Refused.'),
  ]);
  return {
    [String(route.success.status)]: {
      description: 'Done.',
      content: { 'application/json': { schema: jsonSchema(route.success.body, schemas) } },
    },
    400: errorResponse('The request is not valid.'),
    ...(route.body && {
      413: errorResponse('The body is over 100 kB.'),
      415: errorResponse('The body is not JSON.'),
    }),
    ...Object.fromEntries(rejections),
    ...(route.beginsWork && { 503: errorResponse('Too much is under way; try again after a while.') }),
    default: errorResponse('A fault.'),
  };
}

/** One parameter for each property of the schema. */
function parameters(place: 'path' | 'query', schema: ZodType | undefined, schemas: Json): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = parameterShape.parse(jsonSchema(schema, schemas));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

const parameterShape = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
});

/** The JSON schema of what goes over the wire; named definitions move to the document's components. */
function jsonSchema(schema: ZodType, schemas: Json): Json {
  const {
    $schema: _dialect,
    $defs,
    ...own
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs ?? {}))
    schemas[name] = withComponentReferences(definition);
  return withComponentReferences(own);
}

function withComponentReferences(schema: object): Json {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

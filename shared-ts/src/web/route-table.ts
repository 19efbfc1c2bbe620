import type { RequestHandler } from 'express';
import type { HttpMethod } from './route';
import { HttpError } from './problem';

interface RouteKey {
  readonly method: HttpMethod;
  readonly path: string;
}

/**
 * The methods that a path answers to, as `Allow` names them; empty for an unknown path.
 * HEAD goes with GET, and OPTIONS with everything.
 */
export function allowedMethods(routes: readonly RouteKey[], path: string): string[] {
  const methods = routes
    .filter((route) => matches(route.path, path))
    .map(({ method }) => method.toUpperCase());
  if (methods.length === 0) return [];
  return [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  return (
    expected.length === given.length &&
    expected.every((segment, index) =>
      segment.startsWith(':') ? given[index] !== '' : segment === given[index],
    )
  );
}

/** What no route took: OPTIONS, 405 with `Allow` for a known path, 404 for an unknown one. */
export function answerUnrouted(routes: readonly RouteKey[]): RequestHandler {
  return (request, response, next) => {
    const allowed = allowedMethods(routes, request.path);
    if (allowed.length === 0) return next(new HttpError(404, `There is no ${request.path} here.`));
    const headers = { Allow: allowed.join(', ') };
    if (request.method === 'OPTIONS') return void response.status(204).set(headers).end();
    next(
      new HttpError(405, `${request.method} is not allowed here, only ${allowed.join(', ')}.`, { headers }),
    );
  };
}

/** @throws when two routes have the same method and path: one of them would never be reached */
export function rejectDuplicates(routes: readonly RouteKey[]): void {
  const seen = new Set<string>();
  for (const { method, path } of routes) {
    const name = `${method.toUpperCase()} ${path.replace(/:[^/]+/g, ':')}`;
    if (seen.has(name)) throw new Error(`two routes for ${method.toUpperCase()} ${path}`);
    seen.add(name);
  }
}

import { z, type ZodType } from 'zod';
import type { ApiInfo } from './openapi';
import type { Route } from './route';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** A page for people: every route with its schemas. No scripts, and nothing that is fetched from elsewhere. */
export const docsPage = (info: ApiInfo, routes: readonly Route[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem; }
pre { background: #8881; padding: 0.75rem; overflow-x: auto; }
summary { cursor: pointer; }
</style>
</head>
<body>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>${escapeHtml(info.description ?? '')}</p>
<p>For programs: <a href="/api/openapi.json">OpenAPI 3.1</a>. Errors are <code>application/problem+json</code> (RFC 9457).</p>
${routes.map(routeSection).join('\n')}
</body>
</html>
`;

const routeSection = (route: Route): string => `<section>
<h2><code>${route.method.toUpperCase()} ${escapeHtml(route.path)}</code></h2>
<p>${escapeHtml(route.summary)}${route.idempotent ? ' Takes an <code>Idempotency-Key</code>.' : ''}</p>
${schemaBlock('Path', route.params)}${schemaBlock('Query', route.query)}${schemaBlock('Body', route.body)}
${schemaBlock(`Answer ${route.success.status}`, route.success.body)}
<p>Refusals: ${[400, ...route.rejections].join(', ')}</p>
</section>`;

function schemaBlock(title: string, schema: ZodType | undefined): string {
  if (schema === undefined) return '';
  const { $schema: _dialect, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `<details><summary>${title}</summary><pre>${escapeHtml(JSON.stringify(shape, null, 2))}</pre></details>\n`;
}

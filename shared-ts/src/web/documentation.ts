import { docsPage } from './docs-page';
import { openApiDocument, type ApiInfo } from './openapi';
import type { PlainRoute } from './operational-routes';
import type { Route } from './route';

/** The API's OpenAPI document and a page to read it; both are made when they are first asked for. */
export function documentationRoutes(info: ApiInfo, routes: readonly Route[]): PlainRoute[] {
  let document: Record<string, unknown> | undefined;
  let page: string | undefined;
  return [
    {
      method: 'get',
      path: '/api/openapi.json',
      handler: (_request, response) => {
        document ??= openApiDocument(info, routes);
        response.json(document);
      },
    },
    {
      method: 'get',
      path: '/api/docs',
      handler: (_request, response) => {
        page ??= docsPage(info, routes);
        response.type('html').send(page);
      },
    },
  ];
}

export type { IdempotencyClaim } from '../messaging/idempotency-store';
export { Admission, type AdmissionOptions } from './admission';
export { openApiDocument, type ApiInfo } from './openapi';
export { HttpError, Unavailable, problemSchema, type FieldError, type Problem } from './problem';
export type { ReadinessCheck, Readiness } from './readiness';
export { defineRoute, type HttpMethod, type Route, type RouteDefinition, type RouteRequest } from './route';
export { createWebServer, type Api, type WebServer, type WebServerOptions } from './web-server';

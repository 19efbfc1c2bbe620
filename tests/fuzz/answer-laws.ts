import { maxHeaderSize } from 'node:http';
import { z } from 'zod';
import { problemSchema, type Route } from '@ftgo/shared-ts';
import type { HttpCase } from './http-cases';
import type { Answer } from './wire';

/** Node.js reads a head of fewer than `maxHeaderSize` bytes; what a request of good headers has beside its target is shorter than this. */
const BESIDE_TARGET = 1_000;

/** What an answer breaks of the contract, in words; nothing when all is well. */
export function brokenLaws(route: Route, request: HttpCase, answer: Answer | undefined): string[] {
  if (answer === undefined) return ['there was no answer'];
  const { status, headers } = answer;
  const broken = status >= 400 ? brokenByProblem(request, answer) : brokenBySuccess(route, request, answer);
  if (!/^[\x21-\x7e]{1,128}$/.test(headers['x-request-id'] ?? '')) broken.push('X-Request-ID is missing');
  if (request.target.length >= maxHeaderSize && status !== 431) broken.push('the target is too long');
  const accepted = request.target.length < maxHeaderSize - BESIDE_TARGET ? request.accepted : undefined;
  if (accepted === false && status !== 400 && status !== 404 && status !== 413)
    broken.push('the schemas refuse the request');
  if (accepted === true && !expected(route).has(status)) broken.push('the schemas accept the request');
  return broken;
}

/** What a request that the schemas accept may be answered with; a `next` may be no cursor, and a key may come with another body. */
const expected = (route: Route): Set<number> =>
  new Set([
    route.success.status,
    ...route.rejections,
    ...(route.query === undefined ? [] : [400]),
    ...(route.idempotent ? [422] : []),
  ]);

function brokenByProblem({ method }: HttpCase, { status, headers, body }: Answer): string[] {
  const broken: string[] = [];
  if (status >= 500) broken.push('a fault of ours');
  if (status === 405 && headers['allow'] === undefined) broken.push('405 without Allow');
  if (!headers['content-type']?.startsWith('application/problem+json'))
    return [...broken, 'an error that is no problem'];
  if (method === 'HEAD') return broken;
  const problem = problemSchema.safeParse(json(body));
  if (!problem.success) return [...broken, `not a problem: ${z.prettifyError(problem.error)}`];
  if (problem.data.status !== status) broken.push('another status in the problem');
  if (problem.data.message !== problem.data.detail) broken.push('message does not repeat detail');
  for (const text of [problem.data.type, problem.data.title, problem.data.detail])
    if (text === '') broken.push('an empty member in the problem');
  return broken;
}

function brokenBySuccess(route: Route, request: HttpCase, { status, body }: Answer): string[] {
  if (request.accepted === undefined) return [];
  if (status !== route.success.status) return [`success is ${route.success.status}`];
  const answered = route.success.body.safeParse(json(body));
  return answered.success ? [] : [`another body than the route promises: ${z.prettifyError(answered.error)}`];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

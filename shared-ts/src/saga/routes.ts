import { z } from 'zod';
import { conflict, notFound } from '../domain';
import type { Transactor } from '../unit-of-work';
import { defineRoute, HttpError, type Route } from '../web';
import type { Advance } from './advance';
import type { SagaDefinition } from './definition';
import type { SagaMetrics } from './metrics';
import { compensateNow, directionOf, retryNow } from './operator';
import { keep } from './orchestrator';
import type { SagaInstance, SagaTransition } from './saga-store';

const Id = z.guid('must be a UUID').toLowerCase();
const Params = z.object({ sagaID: Id });
const State = z.enum(['RUNNING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED', 'STUCK']);
const Limit = z
  .string()
  .regex(/^\d{1,4}$/, 'must be an integer from 1 to 50')
  .transform(Number)
  .pipe(z.int().min(1, 'must be at least 1').max(50, 'must be at most 50'))
  .default(20)
  .meta({ type: 'integer', minimum: 1, maximum: 50, description: '20 if left out', pattern: undefined });

/** A saga as the list shows it. Times are RFC 3339. */
const Summary = z.object({
  saga_id: z.string(),
  name: z.string(),
  state: State,
  direction: z.enum(['forward', 'backward']),
  step: z.string().meta({ description: 'whose command is out, or was last' }),
  step_since: z.string(),
  started_at: z.string(),
  command_id: z.string().optional().meta({ description: 'of the command whose reply is awaited' }),
  sends: z.int().meta({ description: 'how often that command was sent' }),
  refusals: z.int().meta({ description: 'how often the step was refused where it may not fail' }),
  deadline: z.string().optional().meta({ description: 'when the command is sent again' }),
  failure: z.string().optional(),
  in_doubt: z
    .string()
    .optional()
    .meta({ description: 'id of the command that is undone without knowing whether it was carried out' }),
});

const Transition = z.object({
  at: z.string(),
  kind: z.string(),
  step: z.string().optional(),
  message: z.string().optional(),
  message_id: z.string().optional(),
  outcome: z.string().optional(),
  state: State,
});

const Details = Summary.extend({
  correlation_id: z.string(),
  data: z.unknown(),
  history: z.array(Transition),
});

const Page = z.object({ sagas: z.array(Summary), next: z.string() });
const Taken = z.object({ saga_id: z.string(), state: State });

type Decide = <Data>(
  definition: SagaDefinition<Data>,
  instance: SagaInstance<Data>,
  now: Date,
) => Advance<Data>;

/**
 * The operators' way into the sagas of a service: what is under way, what happened, and the two ways on that a person can choose. A saga whose definition is
 * gone can be looked at, but not taken on.
 */
export function sagaRoutes<Ports>(
  definitions: readonly SagaDefinition<unknown>[],
  transactor: Transactor<Ports>,
  metrics: SagaMetrics,
  now: () => Date = () => new Date(),
): Route[] {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const Query = z.object({
    state: State.optional(),
    name: z.enum([...byName.keys()], `must be one of ${[...byName.keys()].join(', ')}`).optional(),
    limit: Limit,
    next: z.string().default(''),
  });

  const summaryOf = (saga: SagaInstance): z.input<typeof Summary> => ({
    saga_id: saga.sagaId,
    name: saga.sagaName,
    state: saga.state,
    direction: directionOf(saga) === 'RUNNING' ? 'forward' : 'backward',
    step: byName.get(saga.sagaName)?.steps[saga.step]?.name ?? String(saga.step),
    step_since: saga.stepSince,
    started_at: saga.startedAt,
    command_id: saga.pendingCommandId,
    sends: saga.sends,
    refusals: saga.attempts,
    deadline: saga.deadline,
    failure: saga.failure,
    in_doubt: saga.inDoubt,
  });

  const takenOn = (verb: string, summary: string, decide: Decide): Route =>
    defineRoute({
      method: 'post',
      path: `/api/sagas/:sagaID/${verb}`,
      summary,
      params: Params,
      success: { status: 202, body: Taken },
      rejections: [404, 409],
      handle: ({ params: { sagaID }, context }) =>
        transactor.transaction(async ({ work }) => {
          const instance = await work.saga(sagaID);
          if (instance === undefined) throw notFound('saga', sagaID);
          const definition = byName.get(instance.sagaName);
          if (definition === undefined)
            throw conflict('SAGA_UNDEFINED', `There is no saga ${instance.sagaName} here any more.`);
          const advance = decide(definition, instance, now());
          // What follows belongs to the saga's story, caused by this request.
          const { correlationId } = instance;
          keep(work.scope({ ...context, correlationId }), metrics, instance, advance);
          return { saga_id: sagaID, state: advance.instance.state };
        }),
    });

  return [
    defineRoute({
      method: 'get',
      path: '/api/sagas',
      summary: 'List the sagas, newest first, page by page',
      query: Query,
      success: { status: 200, body: Page },
      handle: async ({ query: { state, name, limit, next } }) => {
        const before = placeOf(next);
        const sagas = await transactor.transaction(({ work }) =>
          work.stores.sagas.page({ state, name }, before, limit + 1),
        );
        const shown = sagas.slice(0, limit);
        const last = shown.at(-1);
        return {
          sagas: shown.map(summaryOf),
          next: last === undefined || sagas.length <= limit ? '' : cursorOf(last.sagaId),
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/sagas/:sagaID',
      summary: 'Look at a saga, its data and what happened to it',
      params: Params,
      success: { status: 200, body: Details },
      rejections: [404],
      handle: ({ params: { sagaID } }) =>
        transactor.transaction(async ({ work: { stores } }) => {
          const saga = await stores.sagas.find(sagaID);
          if (saga === undefined) throw notFound('saga', sagaID);
          const history = (await stores.sagas.history(sagaID)).map(transitionOf);
          return { ...summaryOf(saga), correlation_id: saga.correlationId, data: saga.data, history };
        }),
    }),
    takenOn(
      'retry',
      "Send a saga's command now, and take a STUCK saga on in the direction that it had",
      retryNow,
    ),
    takenOn('compensate', 'Turn a saga round that has not passed its point of no return', compensateNow),
  ];
}

const transitionOf = (transition: SagaTransition): z.input<typeof Transition> => ({
  at: transition.at,
  kind: transition.kind,
  step: transition.step === '' ? undefined : transition.step,
  message: transition.message,
  message_id: transition.messageId,
  outcome: transition.outcome,
  state: transition.state,
});

const cursorOf = (sagaId: string): string => Buffer.from(sagaId).toString('base64url');

/** @throws HttpError 400 when it is no cursor of ours; an empty one is that of the first page */
function placeOf(cursor: string): string | undefined {
  if (cursor === '') return undefined;
  const id = Id.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (id.success && cursorOf(id.data) === cursor) return id.data;
  const message = 'must be the next of an earlier page';
  throw new HttpError(400, `The request is not valid: next: ${message}`, {
    code: 'VALIDATION_FAILED',
    errors: [{ path: 'next', message }],
  });
}

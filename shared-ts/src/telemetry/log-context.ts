import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one request or message carries. */
export interface LogFields {
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly messageId?: string;
  readonly [field: string]: unknown;
}

const storage = new AsyncLocalStorage<LogFields>();

/** Carries fields to the log lines of everything that a function calls, waits for or starts. */
export const logContext = {
  /** Runs a function with these fields, beside those of the context that it is called in. */
  run<Result>(fields: LogFields, run: () => Result): Result {
    const outer = storage.getStore();
    return storage.run(outer ? { ...outer, ...fields } : fields, run);
  },

  /** The fields of the current context; empty outside any. */
  current(): LogFields {
    return storage.getStore() ?? {};
  },
};

/** The part of newman that the collection's spec uses; it brings no types of its own. */
declare module 'newman' {
  export interface Failure {
    readonly error: { readonly name: string; readonly message: string; readonly test?: string };
    readonly source?: { readonly name?: string };
  }

  export interface Execution {
    readonly item: { readonly name: string };
    readonly assertions?: readonly { readonly assertion: string; readonly error?: unknown }[];
  }

  export interface Summary {
    readonly run: {
      readonly failures: readonly Failure[];
      readonly executions: readonly Execution[];
      readonly stats: { readonly assertions: { readonly total: number } };
    };
  }

  export interface RunOptions {
    readonly collection: unknown;
    readonly envVar: readonly { readonly key: string; readonly value: string }[];
    readonly reporters: readonly string[];
  }

  export function run(options: RunOptions, done: (error: Error | null, summary: Summary) => void): void;
}

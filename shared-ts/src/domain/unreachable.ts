/** Ends an exhaustive switch: the compiler refuses a case that was forgotten, and data that is out of line is a fault. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}

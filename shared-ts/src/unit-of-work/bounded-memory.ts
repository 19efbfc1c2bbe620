/** Values by key, so many at most; what was kept longest ago is forgotten first. */
export class BoundedMemory<Value> {
  private readonly values = new Map<string, Value>();

  constructor(private readonly capacity: number) {}

  keep(key: string, value: Value): void {
    // Deleted first, so that the order is that of the last calls.
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size <= this.capacity) return;
    const [oldest = key] = this.values.keys();
    this.values.delete(oldest);
  }

  /** Gives a value away. */
  take(key: string): Value | undefined {
    const value = this.values.get(key);
    this.values.delete(key);
    return value;
  }
}

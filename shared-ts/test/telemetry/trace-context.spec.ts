import { childTraceparent, parseTraceparent } from '../../src/telemetry';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = `00-${traceId}-b7ad6b7169203331-01`;

describe('The trace context', () => {
  it('keeps the trace and makes a span of its own', () => {
    const child = childTraceparent(parent);
    expect(child).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(child).not.toBe(parent);
  });

  it('reads a later version by the fields of the first', () => {
    expect(parseTraceparent(`01-${traceId}-b7ad6b7169203331-00-more`)).toEqual({ traceId, flags: '00' });
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${traceId}-b7ad6b7169203331-01`,
    `00-${traceId}-b7ad6b7169203331-01-more`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    parent.toUpperCase(),
  ])('begins a new trace in place of %j', (invalid) => {
    const made = childTraceparent(invalid);
    expect(parseTraceparent(made)).not.toBeNull();
    expect(made).not.toContain(traceId);
  });
});

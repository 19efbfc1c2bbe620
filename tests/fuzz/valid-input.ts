import fc from 'fast-check';
import { z, type ZodType } from 'zod';

/** What exists already, so that some of the input is about it. */
export interface Known {
  readonly ids: readonly string[];
  readonly menuItemIds: readonly string[];
}

/** Values that a schema accepts, made from the schema alone. */
export const validInput = (schema: ZodType, known: Known): fc.Arbitrary<unknown> =>
  roughly(schema, known).filter((value) => schema.safeParse(value).success);

/** Values of the schema's shape; refinements and some checks may refuse a few of them. */
function roughly(schema: unknown, known: Known): fc.Arbitrary<unknown> {
  const inside = (part: unknown) => roughly(part, known);
  if (schema instanceof z.ZodObject) return members(schema, inside);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return inside(schema.unwrap());
  if (schema instanceof z.ZodPipe) return inside(readsByItself(schema.in) ? schema.in : schema.out);
  if (schema instanceof z.ZodArray) return fc.array(inside(schema.element), { maxLength: 4 });
  if (schema instanceof z.ZodRecord) {
    const key = inside(schema.keyType).map(String);
    return fc.dictionary(key, inside(schema.valueType), { minKeys: 1, maxKeys: 3 });
  }
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(inside));
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return integer(schema);
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat) return text(schema, known);
  throw new Error('no input is made for schemas of this type yet');
}

function members({ shape }: z.ZodObject, inside: (part: unknown) => fc.Arbitrary<unknown>) {
  const entries = Object.entries(shape);
  const requiredKeys = entries.filter(([, part]) => !isOptional(part)).map(([name]) => name);
  return fc.record(Object.fromEntries(entries.map(([name, part]) => [name, inside(part)])), { requiredKeys });
}

const isOptional = (part: unknown): boolean => part instanceof z.ZodOptional || part instanceof z.ZodDefault;

/** Of a pipe's two ends, the one that says what the input looks like. */
const readsByItself = (schema: unknown): boolean =>
  !(schema instanceof z.ZodCustom || schema instanceof z.ZodTransform);

const leafShape = z.object({
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().default(60),
  minimum: z.number().default(Number.MIN_SAFE_INTEGER),
  maximum: z.number().default(Number.MAX_SAFE_INTEGER),
});

const limitsOf = (schema: ZodType) => leafShape.parse(z.toJSONSchema(schema, { io: 'input' }));

function text(schema: ZodType, known: Known): fc.Arbitrary<string> {
  const { format, pattern, minLength, maxLength } = limitsOf(schema);
  const accepted = (texts: readonly string[]) =>
    texts.filter((each) => schema.safeParse(each).success).map((each) => fc.constant(each));
  if (format === 'date-time')
    return fc
      .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (format === 'uuid' || format === 'guid') return mostly(accepted(known.ids), fc.uuid());
  if (pattern !== undefined)
    return mostly(accepted(known.menuItemIds), fc.stringMatching(new RegExp(pattern)));
  const words = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) });
  return fc.oneof(
    words,
    fc.constantFrom('Ajanta', 'Chicken Vindaloo', 'Straße 7', 'x'.repeat(Math.min(maxLength, 200))),
  );
}

/** Schemas that accept anything accept what is known too, and then every text would be an id. */
const mostly = (known: readonly fc.Arbitrary<string>[], fresh: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  known.length === 0
    ? fresh
    : fc.oneof({ weight: 4, arbitrary: fc.oneof(...known) }, { weight: 1, arbitrary: fresh });

function integer(schema: ZodType): fc.Arbitrary<number> {
  const { minimum, maximum } = limitsOf(schema);
  return fc.oneof(
    fc.integer({ min: Math.max(minimum, -1_000), max: Math.min(maximum, 1_000) }),
    fc.constantFrom(minimum, maximum),
  );
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourcePositions } from '../../src/telemetry/source-positions';

describe('a stack trace', () => {
  // A letter that a pattern would read as something else.
  const folder = mkdtempSync(join(tmpdir(), 'ftgo (maps)+'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A program of three lines: the first from the third line of a source, from its fifth letter on; the second from a package; the third from nowhere. */
  const map = {
    version: 3,
    sources: ['../src/place.ts', '../node_modules/pg/index.js'],
    names: [],
    mappings: 'AAEI;ACFJ;A;',
  };

  const programWith = (content?: string): string => {
    const program = join(mkdtempSync(join(folder, 'dist-')), 'bundle.js');
    if (content !== undefined) writeFileSync(`${program}.map`, content);
    return program;
  };
  const traceOf = (program: string): string =>
    [
      'Error: no place',
      `    at place (${program}:1:1)`,
      `    at ${program}:1:7`,
      `    at async query (${program}:2:1)`,
      `    at wrapper (${program}:3:1)`,
      `    at other (${join(folder, 'other.js')}:1:1)`,
      '    at node:internal/process/task_queues:95:5',
    ].join('\n');

  it("names the sources' lines, of packages the file", () => {
    const program = programWith(JSON.stringify(map));
    expect(new SourcePositions(program).in(traceOf(program)).split('\n')).toEqual([
      'Error: no place',
      `    at place (${join(folder, 'src', 'place.ts')}:3:5)`,
      `    at ${join(folder, 'src', 'place.ts')}:3:5`,
      `    at async query (${join(folder, 'node_modules', 'pg', 'index.js')})`,
      `    at wrapper (${program}:3:1)`,
      `    at other (${join(folder, 'other.js')}:1:1)`,
      '    at node:internal/process/task_queues:95:5',
    ]);
  });

  it.each([
    ['there is no map', undefined],
    ['the map is none', 'no JSON'],
  ])('stays as it is where %s', (_, content) => {
    const program = programWith(content);
    expect(new SourcePositions(program).in(traceOf(program))).toBe(traceOf(program));
  });
});

import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapping, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';

/**
 * Stack traces by the lines of the sources. A process runs one file (scripts/run/bundle.mjs) with a map beside it, which is read when the first trace is asked for: Node.js's own
 * `--enable-source-maps` reads it at the start, and takes 5 MB of every process, whether anything fails or not.
 */
export class SourcePositions {
  private readonly positions: RegExp;
  private map: SourceMap | undefined;
  private isRead = false;

  /** @param program the file that runs, as stack traces name it */
  constructor(private readonly program: string) {
    const literally = program.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.positions = new RegExp(`${literally}:(\\d+):(\\d+)`, 'g');
  }

  /** The trace with each of the program's positions as one in a source; where there is no map, as it is. */
  in(stack: string): string {
    return stack.replace(this.positions, (position, line: string, column: string) => {
      const entry = this.read()?.findEntry(Number(line) - 1, Number(column) - 1) as SourceMapping | undefined;
      if (entry?.originalSource === undefined) return position;
      const source = resolve(dirname(this.program), entry.originalSource);
      // Of packages, the map tells the file at most.
      if (source.includes('node_modules')) return source;
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  }

  private read(): SourceMap | undefined {
    if (!this.isRead) {
      this.isRead = true;
      try {
        this.map = new SourceMap(JSON.parse(readFileSync(`${this.program}.map`, 'utf8')) as SourceMapPayload);
      } catch {
        // There is none that can be read: a trace that names the program is better than none.
      }
    }
    return this.map;
  }
}

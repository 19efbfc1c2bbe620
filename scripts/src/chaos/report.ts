import type { Result } from './audit/audit';
import type { FaultDone } from './storm';

/** What a run came to. */
export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  readonly orders: number;
  readonly stories: number;
  readonly messages: number;
  readonly faults: readonly FaultDone[];
  readonly results: readonly Result[];
}

/** How many findings of a check are shown in full. */
const SHOWN = 8;

export const findingsOf = ({ results }: ChaosReport): number =>
  results.reduce((sum, { findings }) => sum + findings.length, 0);

/** The run in tables: what was done to whom, and what was found. */
export function describeReport(report: ChaosReport): string {
  const { seed, seconds, orders, stories, messages, faults } = report;
  const found = findingsOf(report);
  return [
    faultTable(faults),
    '',
    resultTable(report.results),
    '',
    ...report.results.flatMap(describeFindings),
    `seed ${seed}: ${orders} orders in ${stories} stories, ${messages} messages, ${faults.length} faults, ` +
      `${clock(seconds)} minutes: ${found === 0 ? 'no finding' : `${found} findings`}`,
  ].join('\n');
}

/** Minutes and seconds. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

function faultTable(faults: readonly FaultDone[]): string {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  const rows = kinds.map((kind) => {
    const targets = new Map<string, number>();
    for (const fault of faults.filter((one) => one.kind === kind))
      targets.set(fault.target, (targets.get(fault.target) ?? 0) + 1);
    const count = [...targets.values()].reduce((sum, number) => sum + number, 0);
    const whom = [...targets].sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      kind,
      String(count),
      whom.map(([name, number]) => (number > 1 ? `${name} ${number}` : name)).join(', '),
    ];
  });
  return table([['fault', 'times', 'done to'], ...rows]);
}

function resultTable(results: readonly Result[]): string {
  const rows = results.map(({ check, examined, findings }) => [
    check,
    String(examined),
    String(findings.length),
  ]);
  return table([['what must be true', 'looked at', 'findings'], ...rows]);
}

function describeFindings({ check, findings }: Result): string[] {
  if (findings.length === 0) return [];
  const more = findings.length > SHOWN ? [`    ... and ${findings.length - SHOWN} more`] : [];
  return [`  not so: ${check}`, ...findings.slice(0, SHOWN).map((line) => `    ${line}`), ...more, ''];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
  return rows.map(line).join('\n');
}

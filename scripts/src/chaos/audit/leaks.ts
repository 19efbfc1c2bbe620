import { databases } from '../../infrastructure/databases';
import type { CuttableProxy } from '../cuttable-proxy';
import type { Check, Evidence } from './evidence';

/** As services and relays are configured by default: the service's two pools; the relay's pool, its leadership and its stream. */
const MOST_OF_A_SERVICE = 14;
const MOST_OF_A_RELAY = 5;

export const noLeakedConnections: Check = {
  name: 'no database connection leaked: as many as pools may have, none with an open transaction',
  run: async ({ fleet, sql }) => {
    const rows = await sql<{ role: string; database: string; count: number; forgotten: number }>(
      'postgres',
      `SELECT usename AS role, datname AS database, count(*)::int AS count,
              count(*) FILTER (WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s')::int
                AS forgotten
       FROM pg_stat_activity WHERE datname IS NOT NULL AND application_name <> 'chaos' AND backend_type IN ('client backend', 'walsender')
       GROUP BY 1, 2`,
    );
    const findings: string[] = [];
    for (const { role, database, count, forgotten } of rows) {
      const members = fleet.members.filter(({ definition }) => definition.role === role);
      const each = members[0]?.definition.kind === 'relay' ? MOST_OF_A_RELAY : MOST_OF_A_SERVICE;
      if (count > each * members.length)
        findings.push(`${role} has ${count} connections to ${database}, for ${members.length} processes`);
      if (forgotten > 0) findings.push(`${role} has left ${forgotten} transactions open in ${database}`);
    }
    return { examined: rows.reduce((sum, { count }) => sum + count, 0), findings };
  },
};

export const noLeakedSlots: Check = {
  name: 'there is one replication slot an outbox, each in use and on its place, and none besides',
  run: async ({ sql }) => {
    const expected = databases
      .filter(({ relay }) => relay !== undefined)
      .map(({ database }) => `${database}_outbox`);
    const slots = await sql<{ name: string; active: boolean; retained: number }>(
      'postgres',
      `SELECT slot_name AS name, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 AS retained
       FROM pg_replication_slots`,
    );
    const findings = slots
      .filter(({ name, active }) => !expected.includes(name) || !active)
      .map(
        ({ name, active }) =>
          `slot ${name}${expected.includes(name) ? '' : ' is nobody’s'}${active ? '' : ' is not in use'}`,
      );
    for (const name of expected)
      if (!slots.some((slot) => slot.name === name)) findings.push(`slot ${name} is missing`);
    return { examined: slots.length, findings };
  },
};

/** Each process has one connection to the broker. */
export const noLeakedBrokerConnections = (broker: CuttableProxy): Check => ({
  name: 'no broker connection leaked',
  run: async ({ fleet }: Evidence) => {
    const { connections } = broker;
    const expected = fleet.members.length;
    const findings =
      connections === expected ? [] : [`${connections} connections to the broker, for ${expected} processes`];
    return { examined: connections, findings };
  },
});

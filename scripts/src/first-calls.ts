import type { Fleet } from './fleet/fleet';

/** The table of who answers where, services with their relays. */
export function addressTable(fleet: Fleet): string {
  const rows = fleet.members.map(({ name, url, definition }) => [
    name,
    definition.kind === 'service' ? `${url}/api` : url,
    `${url}/metrics`,
    `${url}/ready`,
  ]);
  const table = [['process', 'address', 'metrics', 'readiness'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

/** Calls to paste into a POSIX shell: a consumer, a restaurant, an order, and a look at what became of it. */
export function firstCalls(fleet: Fleet, now: Date): string {
  const api = (service: string) => `${fleet.url(service)}/api`;
  const post = (url: string, body: string) => `curl -s ${url} -H 'content-type: application/json' -d ${body}`;
  const idOf = `| sed 's/.*"id":"\\([^"]*\\)".*/\\1/'`;
  const address = '{"street1":"1 High Street","city":"Oakland","state":"CA","zip":"94611"}';
  const menu = '{"menu_items":[{"id":"1","name":"Chicken Vindaloo","price":1234}]}';
  const restaurant = `{"name":"Ajanta","address":${address},"menu":${menu}}`;
  const deliveryTime = new Date(now.getTime() + 60 * 60 * 1000).toISOString();
  const order =
    `'{"consumer_id":"'$CONSUMER'","restaurant_id":"'$RESTAURANT'","delivery_time":"${deliveryTime}",` +
    `"delivery_address":${address},"line_items":{"1":2}}'`;
  return [
    `CONSUMER=$(${post(`${api('consumer-service')}/consumers`, `'{"name":"Ada Lovelace"}'`)} ${idOf})`,
    `RESTAURANT=$(${post(`${api('restaurant-service')}/restaurants`, `'${restaurant}'`)} ${idOf})`,
    `ORDER=$(${post(`${api('order-service')}/orders`, order)} ${idOf})`,
    `curl -s ${api('order-service')}/orders/$ORDER`,
    `curl -s "${api('order-history-service')}/orders?consumerID=$CONSUMER"`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}

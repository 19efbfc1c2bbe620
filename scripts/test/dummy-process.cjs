// Stands in for a service: answers /ready on WEB_HTTP_PORT and tells its environment on any other path. DUMMY_FAILS
// makes it say why and end instead.

const { createServer } = require('node:http');

if (process.env.DUMMY_FAILS) {
  console.error(`PG_CONN is wrong: ${process.env.DUMMY_FAILS}`);
  process.exit(1);
}

const server = createServer((request, response) => {
  const { SERVICE_ID, PG_CONN, NATS_URL, WEB_HTTP_PORT } = process.env;
  const body =
    request.url === '/ready' ? {} : { SERVICE_ID, PG_CONN, NATS_URL, WEB_HTTP_PORT, pid: process.pid };
  response.end(JSON.stringify(body));
});

server.listen(Number(process.env.WEB_HTTP_PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  console.log('told to end');
  process.exit(0);
});

// A container is healthy when its process is ready; the reasons of one that is not go to `docker inspect`.
const request = require('node:http').get(
  { host: '127.0.0.1', port: process.env.WEB_HTTP_PORT ?? 80, path: '/ready', timeout: 4000 },
  (response) => {
    response.pipe(process.stdout);
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  },
);
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});

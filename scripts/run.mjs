// What `npm start`, `npm test`, `npm run build`, `npm run reset`, `npm run dead-letters`, `npm run bench` and `npm run chaos` call: checks Node.js, installs
// what is missing, builds what has changed and hands over. Plain JavaScript without dependencies, since it runs before any of
// them is there, and without syntax that old versions cannot read, since it is what tells people that theirs is too old.

const leastMajor = 20;

if (Number(process.versions.node.split('.')[0]) < leastMajor) {
  console.error(
    `Node.js ${leastMajor} or later is needed; this is ${process.versions.node} (https://nodejs.org)`,
  );
  process.exit(1);
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

async function main() {
  process.env.FTGO_BEGUN_AT = String(Date.now());
  const [command, ...args] = process.argv.slice(2);
  const programs = {
    start: 'dist/start.js',
    reset: 'dist/reset.js',
    'dead-letters': 'dist/dead-letters.js',
    chaos: 'dist/chaos.js',
    bench: 'dist/bench.js',
  };
  const commands = [...Object.keys(programs), 'build', 'test'];
  if (!commands.includes(command))
    throw new Error(`usage: node scripts/run.mjs ${commands.join('|')} [options]`);
  const checkout = await import('./run/checkout.mjs');
  await checkout.prepare();
  if (command === 'build') return;
  if (command === 'test') process.exit(await checkout.runJest(args));
  await checkout.handOver(programs[command], args);
}

import { deadLetters } from './dead-letters/dead-letters';

void deadLetters(process.argv.slice(2), {
  environ: process.env,
  print: (text) => console.log(text),
  complain: (line) => console.error(line),
}).then((code) => {
  process.exitCode = code;
});

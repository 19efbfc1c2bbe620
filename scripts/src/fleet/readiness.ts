import { get } from 'node:http';

/** Whether a process says on `/ready` that it can do its work and, if not, what it says or why it says nothing. */
export interface Readiness {
  readonly ready: boolean;
  readonly answer: string;
}

/** Asks once; never rejects. */
export function askReadiness(url: string, timeoutMs = 3000): Promise<Readiness> {
  return new Promise((resolve) => {
    const request = get(`${url}/ready`, { agent: false, timeout: timeoutMs }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', (error) => resolve({ ready: false, answer: error.message }));
      response.on('end', () => {
        resolve({
          ready: response.statusCode === 200,
          answer: `${response.statusCode ?? 0} ${body.slice(0, 500)}`,
        });
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve({ ready: false, answer: error.message }));
  });
}

import { spawnSync } from 'node:child_process';

const connectTimeoutMs = 10_000;
const totalTimeoutMs = 180_000;

/**
 * The content behind an address, redirects followed. Behind a proxy (HTTPS_PROXY and its like, which Node's own fetch
 * does not know in all versions) it is curl that fetches.
 *
 * @throws Error in one line when there is no connection within 10 seconds or no success answer
 */
export async function download(url: string): Promise<Buffer> {
  const { env } = process;
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['ALL_PROXY'] ?? env['all_proxy'];
  return proxy ? downloadByCurl(url) : downloadByFetch(url);
}

async function downloadByFetch(url: string): Promise<Buffer> {
  const abort = new AbortController();
  const connecting = setTimeout(
    () => abort.abort(new Error('no answer within 10 seconds')),
    connectTimeoutMs,
  );
  const loading = setTimeout(() => abort.abort(new Error('not done within 3 minutes')), totalTimeoutMs);
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(connecting);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(connecting);
    clearTimeout(loading);
  }
}

/** fetch says only "fetch failed" and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function downloadByCurl(url: string): Buffer {
  const seconds = (milliseconds: number) => String(milliseconds / 1000);
  const limits = ['--connect-timeout', seconds(connectTimeoutMs), '--max-time', seconds(totalTimeoutMs)];
  const result = spawnSync('curl', ['--fail', '--silent', '--show-error', '--location', ...limits, url], {
    maxBuffer: 256 * 1024 * 1024,
    windowsHide: true,
  });
  if (result.status === 0) return result.stdout;
  throw new Error(`${url}: ${result.error?.message ?? result.stderr.toString('utf8').trim()}`);
}

/** Where the broker is, and who we are to it: what the client library takes. */
export interface NatsAddress {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** Answers come in below this; a user may listen below its own name only. */
  readonly inboxPrefix?: string;
}

/** Below this a user listens for answers. */
export const inboxOf = (user: string): string => `_INBOX.${user}`;

/**
 * Takes `nats://user:password@host:port` apart, or several of them, separated by commas; the first that names a user
 * speaks for all. A name without a password is a token. The client library ignores who is named in a URL, and takes
 * digits of a password for the port.
 */
export function natsAddress(urls: string): NatsAddress {
  const parsed = urls.split(',').map((url) => new URL(url.trim()));
  const servers = parsed.map(({ protocol, host }) => `${protocol}//${host}`);
  const { username = '', password = '' } = parsed.find((url) => url.username !== '') ?? {};
  const [name, pass] = [username, password].map(decodeURIComponent) as [string, string];
  if (name === '') return { servers };
  return pass === '' ? { servers, token: name } : { servers, user: name, pass, inboxPrefix: inboxOf(name) };
}

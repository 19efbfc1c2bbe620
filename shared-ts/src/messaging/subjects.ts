/** The stream that holds every message of the fleet. */
export const STREAM = 'FTGO';

/** All subjects begin with this; the channel follows. */
export const SUBJECT_PREFIX = 'ftgo.';

/** The subject on which a channel's messages travel. */
export const subjectOf = (channel: string): string => SUBJECT_PREFIX + channel;

/** The channel whose messages travel on a subject. */
export const channelOf = (subject: string): string =>
  subject.startsWith(SUBJECT_PREFIX) ? subject.slice(SUBJECT_PREFIX.length) : subject;

/** The name of the durable consumer by which a service listens to a channel, wildcards allowed. */
export const durableOf = (serviceId: string, channel: string): string =>
  `${serviceId}_${channel.replaceAll('.', '_').replaceAll('*', 'any')}`;

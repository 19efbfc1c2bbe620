import type { Rejection } from '@ftgo/shared-ts/domain';

/** For `toThrow`: a rejection of this kind, or with this code or text. */
export const rejection = (about: Partial<Pick<Rejection, 'kind' | 'code' | 'message'>>): Error =>
  expect.objectContaining(about) as Error;

import { z } from 'zod'
import { newId } from '@mytaek1/platform/ids.ts'

/** A new broadcast id: also a Kubernetes object's name and a part of Pod names, so a DNS label (RFC 1123). */
export function newBroadcastId(): string {
  return newId('b').replace('_', '-')
}

/**
 * An id in a request. Ids are lower case, and columns that compare without case or in another character set than the
 * request's would find the wrong row or fail.
 */
export const idShape = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[0-9a-z_-]*$/, 'is no id: lower-case letters, digits, - and _')

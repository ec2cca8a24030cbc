import { isDeepStrictEqual } from 'node:util'
import type { Assignment } from './assignment.ts'

const fields = {
  ladder: 'ladder',
  encoderPreset: 'encoderPreset',
  latency: 'latency',
  dvrWindowSeconds: 'dvrWindow',
} as const

/**
 * Names the fields of the spec that a process read once, when it began, and that say something else now. Its encoders and
 * playlists are made from them and cannot change under viewers.
 */
export function pendingSpec(begun: Assignment, current: Assignment): string[] {
  if (current.state !== 'open') return []
  return Object.entries(fields)
    .filter(([key]) => !isDeepStrictEqual(Reflect.get(begun, key), Reflect.get(current, key)))
    .map(([, name]) => `spec.${name}`)
}

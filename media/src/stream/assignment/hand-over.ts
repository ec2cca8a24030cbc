/**
 * How a Pod leaves (kubectl delete, eviction, a drained node) without a viewer noticing: it goes on until another Pod has
 * its broadcast. The operator sees the Pod leave and names a successor; that is the sign.
 */
import type { Logger } from '@mytaek1/platform/logger.ts'
import type { AssignmentSource } from './assignment.ts'

/**
 * Resolves once this Pod is of no use: at once if it has no broadcast or its broadcast has ended, else when another Pod
 * has it, `maxMs` at the latest.
 *
 * @returns false when the time was over first: whoever watches sees a pause until there is another Pod.
 */
export async function handOver(options: {
  assignments: Pick<AssignmentSource, 'current' | 'subscribe'>
  maxMs: number
  log: Logger
}): Promise<boolean> {
  const { assignments, maxMs, log } = options
  if (assignments.current?.state !== 'open') return true
  const { broadcast } = assignments.current
  const startedAt = performance.now()
  log.info('stream.leaving', { broadcast, maxMs })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), maxMs)
  assignments.subscribe(({ state }) => {
    if (state !== 'open') resolve(true)
  })
  const isHandedOver = await promise
  clearTimeout(timer)
  log.info('stream.left', { broadcast, isHandedOver, afterMs: Math.round(performance.now() - startedAt) })
  return isHandedOver
}

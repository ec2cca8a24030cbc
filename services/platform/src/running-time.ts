/** Deadlines in time that this process ran. */

const slices = 5

/**
 * Calls back after so many milliseconds in which this process ran; clear it as any timeout.
 *
 * A process that stood still, since its share of the processor was spent or its memory taken back, finds its timers due before
 * it has read what came meanwhile, and would take its own absence for others' silence. So the time passes in fifths, each begun
 * when the last is over: standing still, however long, costs one.
 */
export function afterRunning(ms: number, callback: () => void): NodeJS.Timeout {
  let left = slices
  const timer = setTimeout(() => {
    left -= 1
    if (left > 0) timer.refresh()
    else callback()
  }, ms / slices)
  return timer
}

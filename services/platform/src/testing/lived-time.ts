/** How long something took on a machine that stands still now and then: what a test may hold against a bound. */

const tickMs = 25
const mostPerTickMs = 50 // a tick that comes later tells of the machine, not of what is measured

/** Milliseconds since it was called in which this process ran; ask it as often as you like, and stop it. */
export function livedTime(): { ms(): number; stop(): void } {
  let lived = 0
  let last = performance.now()
  const count = () => {
    const now = performance.now()
    lived += Math.min(now - last, mostPerTickMs)
    last = now
  }
  const timer = setInterval(count, tickMs).unref() // what waits keeps the process alive, and not that it is measured
  return {
    ms: () => {
      count()
      return lived
    },
    stop: () => clearInterval(timer),
  }
}

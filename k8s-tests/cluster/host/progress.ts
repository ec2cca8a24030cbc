/** How often a step that is still running says so; long enough not to flood a CI log. */
const stillRunningMs = 15_000

/** Milliseconds as people read them: `0.4 s`, `12 s`, `3 min 05 s`. */
export function formatElapsed(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

/** Prints one line for people. Progress goes to stderr, so that stdout stays for what scripts read. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/**
 * Runs one named step and prints when it starts, that it still runs, and how long it took.
 *
 * @param name what happens, as a person would say it: `building kube`.
 * @param work receives `note`, which changes what the still-running line adds.
 */
export async function step<T>(name: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T> {
  const started = performance.now()
  let detail = ''
  say(`  … ${name}`)
  const timer = setInterval(() => {
    say(`    ${name}: ${formatElapsed(performance.now() - started)}${detail ? `, ${detail}` : ''}`)
  }, stillRunningMs)
  try {
    const result = await work((text) => {
      detail = text
    })
    say(`  ✓ ${name} (${formatElapsed(performance.now() - started)})`)
    return result
  } catch (error) {
    say(`  ✗ ${name} (${formatElapsed(performance.now() - started)})`)
    throw error
  } finally {
    clearInterval(timer)
  }
}

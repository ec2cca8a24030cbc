/**
 * Tries one thing after the other and says of each, in a line, how it went. The first failure ends it; whatever happens,
 * what was made is undone, the last first, and that is said in lines, too.
 */

/** What a trial works with. `signal`: somebody wants it to end now. */
export interface TrialDeps {
  write: (line: string) => void
  signal: AbortSignal
  /** For all steps together, and then for all of the cleaning up. */
  testSeconds: number
  cleanupSeconds: number
}

/** What a script tries by. */
export interface Trial {
  /** Does one thing within so many seconds; what it throws ends the trial. */
  step<T>(name: string, seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Has something undone at the end; call it as soon as there is something to undo. */
  undo(name: string, seconds: number, work: (signal: AbortSignal) => Promise<unknown>): void
  /** A word that no line may have. */
  hide(secret: string): void
  /** A line that is neither a success nor a failure. */
  note(line: string): void
}

/** Runs a script; answers whether all of it worked, its cleaning up included. */
export async function runTrial(deps: TrialDeps, script: (trial: Trial) => Promise<void>): Promise<boolean> {
  const secrets: string[] = []
  const undoing: { name: string; seconds: number; work: (signal: AbortSignal) => Promise<unknown> }[] = []
  const say = (line: string) => deps.write(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line))
  const testing = timeLimit(deps.testSeconds, 'the whole test')
  const within = AbortSignal.any([deps.signal, testing.signal])
  const trial: Trial = {
    step: (name, seconds, work) => attempt(say, { name, seconds, work, within }),
    undo: (name, seconds, work) => void undoing.push({ name, seconds, work }),
    hide: (secret) => void (secret !== '' && secrets.push(secret)),
    note: (line) => say(`     ${line}`),
  }
  let worked = await script(trial).then(yes, failed(say))
  testing.clear()
  const cleaning = timeLimit(deps.cleanupSeconds, 'cleaning up')
  for (const each of undoing.toReversed()) {
    const undone = await attempt(say, { ...each, within: cleaning.signal }).then(yes, failed(say))
    worked = worked && undone
  }
  cleaning.clear()
  return worked
}

/** Asks again until `probe` answers something, and, when the time is over, fails with what it saw last. */
export async function until<T>(
  { what, signal, everyMs = 300 }: { what: string; signal: AbortSignal; everyMs?: number },
  probe: () => Promise<T | NotYet>,
): Promise<T> {
  let seen = 'nothing'
  for (;;) {
    try {
      const answer = await probe()
      if (!(answer instanceof NotYet)) return answer
      seen = answer.seen
    } catch (error) {
      if (error instanceof GiveUp) throw error
      if (!signal.aborted) seen = why(error)
    }
    if (!signal.aborted) await pause(everyMs, signal)
    if (signal.aborted) throw new GiveUp(`${why(signal.reason)}: waited for ${what}; last seen: ${seen}`)
  }
}

/** What a probe saw in place of what was awaited. */
export class NotYet {
  readonly seen: string
  constructor(seen: string) {
    this.seen = seen
  }
}

/** Waiting longer is of no use. */
export class GiveUp extends Error {}

class StepFailed extends Error {}

interface Attempt<T> {
  name: string
  seconds: number
  work: (signal: AbortSignal) => Promise<T>
  within: AbortSignal
}

async function attempt<T>(say: (line: string) => void, { name, seconds, work, within }: Attempt<T>): Promise<T> {
  const began = performance.now()
  const own = timeLimit(seconds, 'this step')
  const signal = AbortSignal.any([within, own.signal])
  try {
    signal.throwIfAborted()
    const result = await work(signal)
    say(`ok   ${name} (${((performance.now() - began) / 1_000).toFixed(1)} s)`)
    return result
  } catch (error) {
    // what was cut short says by whom, and not that it was
    say(`FAIL ${name}: ${why(signal.aborted && !(error instanceof GiveUp) ? signal.reason : error)}`)
    throw new StepFailed(name)
  } finally {
    own.clear()
  }
}

const yes = () => true

// A step has said so itself; anything else is a fault of the script.
const failed = (say: (line: string) => void) => (error: unknown) => {
  if (!(error instanceof StepFailed)) say(`FAIL ${why(error)}`)
  return false
}

/** What is the matter, in one line. */
export function why(error: unknown): string {
  const text = error instanceof Error ? causes(error).join(': ') : String(error)
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 500)
}

// fetch says only "fetch failed" of itself, and the rest in its cause
function causes(error: Error): string[] {
  const { message, cause } = error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return [message === '' ? code : message, ...(cause instanceof Error ? causes(cause) : [])]
}

function timeLimit(seconds: number, what: string): { signal: AbortSignal; clear: () => void } {
  const over = new AbortController()
  const timer = setTimeout(() => over.abort(new Error(`${seconds} s for ${what} are over`)), seconds * 1_000)
  return { signal: over.signal, clear: () => clearTimeout(timer) }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

import { spawn } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'

/** How many lines of a failed command's output its error repeats. */
const shownLines = 25

/** A child program ended with another code than 0; the message ends with what it printed last. */
export class CommandFailedError extends Error {
  readonly code = 'command_failed'
  readonly exitCode: number | null

  constructor(command: string, exitCode: number | null, output: string) {
    const tail = output.trimEnd().split('\n').slice(-shownLines).join('\n    ')
    super(`\`${command}\` ended with ${exitCode === null ? 'a signal' : `code ${exitCode}`}:\n    ${tail}`)
    this.exitCode = exitCode
  }
}

/** What a command needs beside its arguments. */
export type RunOptions = {
  cwd?: string
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv
  /** Written to the child's standard input, which is closed after it. */
  input?: string
  /** Sees each chunk of output as it comes, for progress. */
  onOutput?: (chunk: string) => void
  signal?: AbortSignal
  /** Ends the child after so many milliseconds. */
  timeoutMs?: number
}

/**
 * Runs one program without a shell and gives back its standard output.
 *
 * @throws {CommandFailedError} it ended with another code than 0, or could not be started.
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const command = [program, ...args].join(' ').slice(0, 300)
  return new Promise((resolve, reject) => {
    const timeout = options.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)]
    const signal = AbortSignal.any([...timeout, ...(options.signal ? [options.signal] : [])])
    const child = atOrdinaryPriority(() =>
      spawn(program, args, {
        cwd: options.cwd,
        env: { ...process.env, ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
        signal,
      }),
    )
    let stdout = ''
    let output = ''
    const keep = (chunk: Buffer, isStdout: boolean): void => {
      const text = chunk.toString()
      if (isStdout) stdout += text
      // Bounded: a long build prints megabytes and only the end explains a failure.
      output = (output + text).slice(-64_000)
      options.onOutput?.(text)
    }
    child.stdout.on('data', (chunk: Buffer) => keep(chunk, true))
    child.stderr.on('data', (chunk: Buffer) => keep(chunk, false))
    child.on('error', (error) => reject(new CommandFailedError(command, null, `${output}\n${error.message}`)))
    child.on('close', (exitCode) => {
      if (exitCode === 0) resolve(stdout)
      else reject(new CommandFailedError(command, exitCode, output))
    })
    // A child that ends before it read its input breaks the pipe; its exit code tells more than EPIPE.
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/**
 * Starts a child as if this process had the usual priority: where a test has more, it is for its encoders and viewers
 * (`standApart`), and a kubectl or helm beside them would take the processor from the very Pods that are measured.
 */
function atOrdinaryPriority<T>(start: () => T): T {
  const own = getPriority()
  if (own >= 0) return start()
  setPriority(0)
  try {
    return start()
  } finally {
    setPriority(own)
  }
}

/** Like {@link run}, but answers `undefined` instead of throwing when the program fails. */
export async function tryRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  try {
    return await run(program, args, options)
  } catch (error) {
    if (error instanceof CommandFailedError) return undefined
    throw error
  }
}

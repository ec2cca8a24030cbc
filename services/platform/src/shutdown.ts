import type { Logger } from './logger.ts'

interface Step {
  name: string
  stop: (reason: string) => Promise<void> | void
}

/**
 * Ends a process in order. Steps run last-registered first, each awaited: a server registered after its database
 * stops before it. All steps together have `deadlineMs`; past it the process exits with 1.
 */
export class Shutdown {
  #steps: Step[] = []
  #log: Logger
  #deadlineMs: number
  #running: Promise<void> | undefined
  /** Aborted when shutdown begins: every loop and wait of the process takes it. */
  readonly #abort = new AbortController()

  constructor(options: { log: Logger; deadlineMs?: number }) {
    this.#log = options.log
    this.#deadlineMs = options.deadlineMs ?? 25_000
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Registers what is to be stopped; call it right after starting that thing. It is told the reason, e.g. "SIGTERM". */
  onStop(name: string, stop: Step['stop']): void {
    this.#steps.push({ name, stop })
  }

  /** Runs the steps once; a step that throws is logged and the next one runs. */
  run(reason: string): Promise<void> {
    this.#running ??= this.#runSteps(reason)
    return this.#running
  }

  /**
   * Listens for SIGTERM and SIGINT, and for bugs that reach the top: those end the process too, with 1. Should somebody turn
   * Node's diagnostic reports on, they are without the environment, in which secrets are.
   */
  listen(): void {
    process.report.excludeEnv = true
    const end = (reason: string, code: number) => {
      setTimeout(() => {
        this.#log.error('shutdown.deadline', { deadlineMs: this.#deadlineMs })
        process.exit(1)
      }, this.#deadlineMs).unref()
      void this.run(reason).then(() => process.exit(code)) // run() never rejects
    }
    process.once('SIGTERM', () => end('SIGTERM', 0))
    process.once('SIGINT', () => end('SIGINT', 0))
    process.on('uncaughtException', (error) => {
      this.#log.error('process.uncaught', { error })
      end('uncaught', 1)
    })
    process.on('unhandledRejection', (error) => {
      this.#log.error('process.unhandled_rejection', { error })
      end('unhandled', 1)
    })
  }

  async #runSteps(reason: string): Promise<void> {
    this.#log.info('shutdown.begin', { reason })
    this.#abort.abort(new Error(`shutting down: ${reason}`))
    for (const { name, stop } of this.#steps.toReversed()) {
      try {
        await stop(reason)
      } catch (error) {
        this.#log.error('shutdown.step_failed', { step: name, error })
      }
    }
    this.#log.info('shutdown.end')
  }
}

import type { Logger } from './logger.ts'

/**
 * Logs the failures of something that is tried again and again: the first as a warning, those that follow only as
 * debugging, and that it works again.
 */
export class RepeatedFailure {
  #log: Logger
  #event: string
  #failures = 0

  constructor(log: Logger, event: string) {
    this.#log = log
    this.#event = event
  }

  failed(error: unknown): void {
    this.#failures += 1
    if (this.#failures === 1) this.#log.warn(this.#event, { error })
    else this.#log.debug(this.#event, { error })
  }

  worked(): void {
    if (this.#failures > 0) this.#log.info(`${this.#event}.over`, { failures: this.#failures })
    this.#failures = 0
  }
}

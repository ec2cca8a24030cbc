/** Tells when the event loop runs late: then new work makes everybody's parts late. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20
const lookEveryMs = 500
const lateMs = 250

export class LoadGauge {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #timer: NodeJS.Timeout
  #late = false

  constructor() {
    this.#delay.enable()
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
  }

  /** Whether the loop was late by more than a quarter of a second for most of the last half. */
  readonly overloaded = (): boolean => this.#late

  stop(): void {
    clearInterval(this.#timer)
    this.#delay.disable()
  }

  #look(): void {
    this.#late = this.#delay.percentile(50) / 1e6 > lateMs
    this.#delay.reset()
  }
}

/** The certificate of RTMPS: two files that cert-manager, or a person, renews while the process runs. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import type { TlsOptions } from 'node:tls'
import type { Logger } from '@mytaek1/platform/logger.ts'

const lookEveryMs = 30_000

export class Certificate {
  readonly #certFile: string
  readonly #keyFile: string
  readonly #everyMs: number

  constructor(options: { certFile: string; keyFile: string; everyMs?: number }) {
    this.#certFile = options.certFile
    this.#keyFile = options.keyFile
    this.#everyMs = options.everyMs ?? lookEveryMs
  }

  /** @throws the file system's error: RTMPS was asked for and cannot be. */
  read(): TlsOptions {
    return { cert: readFileSync(this.#certFile), key: readFileSync(this.#keyFile), minVersion: 'TLSv1.2' }
  }

  /**
   * Tells of every change of either file. A pair that does not fit is logged, and the old one goes on: whoever writes
   * one file after the other is between the two.
   */
  onRenewed(renew: (tls: TlsOptions) => void, log: Logger): void {
    const look = () => {
      try {
        renew(this.read())
        log.info('ingest.certificate_renewed')
      } catch (error) {
        log.error('ingest.certificate_refused', { error })
      }
    }
    // Polled: a Secret's files are links that kubelet swaps, which inotify on the file does not see.
    for (const file of this.#files) watchFile(file, { interval: this.#everyMs, persistent: false }, look)
  }

  close(): void {
    for (const file of this.#files) unwatchFile(file)
  }

  get #files(): string[] {
    return [this.#certFile, this.#keyFile]
  }
}

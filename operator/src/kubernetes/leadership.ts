import { Elector, type ElectorOptions } from './elector.ts'

/** Whether this process may act: not before it stands for election, and not after it lost. */
export class Leadership {
  #elector: Elector | undefined

  /** Stands for election; once. */
  begin(options: ElectorOptions): void {
    this.#elector = new Elector(options)
  }

  isLeading(): boolean {
    return this.#elector?.isLeading() ?? false
  }

  /** Goes before every write. @throws {Error} another process may lead by now. */
  fence(): void {
    if (!this.isLeading()) throw new Error('this process does not lead')
  }

  async stop(): Promise<void> {
    await this.#elector?.stop()
  }
}

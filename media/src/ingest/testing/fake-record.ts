/** A publisher record kept in memory: the apiserver's compare-and-swap and its watch, without an apiserver. */
import type { Broadcast, BroadcastStatus } from '@mytaek1/contracts/broadcast-resource.ts'
import type { PublisherRecord } from '../publisher-record.ts'

export class FakeRecord implements PublisherRecord {
  readonly objects = new Map<string, Broadcast>()
  readonly released: string[] = []
  onChange: (broadcast: Broadcast) => void = () => {}
  onRelease: () => void = () => {}
  #version = 10

  /** Writes a status as the operator would, and shows it to the watch. */
  write(broadcast: Broadcast, status: BroadcastStatus): Broadcast {
    this.#version += 1
    const metadata = { ...broadcast.metadata, resourceVersion: String(this.#version) }
    const written = { ...broadcast, metadata, status: { ...broadcast.status, ...status } }
    this.objects.set(metadata.name, written)
    this.onChange(written)
    return written
  }

  /** The newest state of a Broadcast. */
  get(name: string): Broadcast {
    const found = this.objects.get(name)
    if (found === undefined) throw new Error(`no broadcast ${name}`)
    return found
  }

  claim(...[seen, publisher, accepts]: Parameters<PublisherRecord['claim']>): Promise<Broadcast | null> {
    const current = this.get(seen.metadata.name)
    return Promise.resolve(accepts(current) ? this.write(current, { publisher }) : null)
  }

  release(...[seen, sessionId, disconnectedAt]: Parameters<PublisherRecord['release']>): Promise<void> {
    const current = this.get(seen.metadata.name)
    const publisher = current.status?.publisher
    if (publisher?.sessionId === sessionId) this.write(current, { publisher: { ...publisher, disconnectedAt } })
    this.released.push(sessionId)
    this.onRelease()
    return Promise.resolve()
  }
}

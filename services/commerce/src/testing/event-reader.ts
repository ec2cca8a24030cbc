import { aliveEventType } from '@mytaek1/contracts/alive-event.ts'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

const deadlineMs = 60_000

/** An event as a viewer got it. */
export interface ReadEvent {
  type: string
  id: string | undefined
  data: any // oxlint-disable-line typescript/no-explicit-any -- a test asserts on whatever came
}

/** Reads a broadcast's events as a browser's EventSource does, without its reconnecting. */
export class EventReader implements AsyncDisposable {
  #response: IncomingMessage
  #events: ReadEvent[] = []
  #arrived = Promise.withResolvers<void>()
  #rest = ''

  /** Connects; answers once the headers came. */
  static async open(url: string, broadcastId: string, lastEventId?: string): Promise<EventReader> {
    const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    return await EventReader.openAt(url, `/broadcasts/${broadcastId}/events`, headers)
  }

  /** The same of any stream, with the headers that a browser sends, e.g. its cookie. */
  static async openAt(url: string, path: string, headers: Record<string, string>): Promise<EventReader> {
    const call = request(`${url}/api/commerce/v1${path}`, { headers, agent: false }).end()
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`events answered ${response.statusCode}`)
    return new EventReader(response)
  }

  constructor(response: IncomingMessage) {
    this.#response = response
    response.setEncoding('utf8')
    response.on('error', () => undefined) // the server cut it: `closed` tells
    response.on('data', (text: string) => this.#take(text))
  }

  /** Everything that came and was not taken yet. */
  get events(): readonly ReadEvent[] {
    return this.#events
  }

  get closed(): Promise<unknown> {
    return this.#response.closed ? Promise.resolve() : once(this.#response, 'close')
  }

  /** The next event of a type; those before it are dropped. */
  async next(type: string): Promise<ReadEvent> {
    const timer = setTimeout(
      () => this.#arrived.reject(new Error(`No ${type} event within ${deadlineMs} ms`)),
      deadlineMs,
    )
    try {
      for (;;) {
        for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
          if (event.type === type) return event
        }
        this.#arrived = Promise.withResolvers()
        await this.#arrived.promise
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** The same, of the log: what the rows told before the log came here has no id. */
  async nextOfLog(type: string): Promise<ReadEvent> {
    let event = await this.next(type)
    while (event.id === undefined) event = await this.next(type)
    return event
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#response.destroy()
    await this.closed
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const type = field('event')
      if (type === undefined || type === aliveEventType) continue
      this.#events.push({ type, id: field('id'), data: JSON.parse(field('data') ?? 'null') })
    }
    this.#arrived.resolve()
  }
}

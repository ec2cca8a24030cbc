import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

/** A viewer's event stream, read with as little work as possible: a thousand of them share the bench's processor. */
export class EventListener {
  #heardAt: { version: number; at: number }[] = []
  /** Texts of the chat, repetitions included. */
  readonly texts: string[] = []
  /** How often a version came that was not newer than the one before, on one connection. */
  backwards = 0
  #url: string
  #broadcastId: string
  #lastId: string | undefined
  #response: IncomingMessage | undefined

  constructor(url: string, broadcastId: string) {
    this.#url = url
    this.#broadcastId = broadcastId
  }

  /** Connects, with the last id when there is one. */
  async connect(): Promise<void> {
    const headers = this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId }
    const path = `/api/commerce/v1/broadcasts/${this.#broadcastId}/events`
    const call = request(this.#url + path, { headers, agent: false }).end()
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    if (response.statusCode !== 200) throw new Error(`events answered ${response.statusCode}`)
    this.#response = response
    let version = -1
    let rest = ''
    response.setEncoding('utf8')
    response.on('error', () => undefined) // cut by `close`
    response.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      const now = performance.now()
      for (const block of blocks) {
        const id = /^id: (.+)$/m.exec(block)?.[1]
        if (id !== undefined) this.#lastId = id
        const stock = /"version":(\d+)/.exec(block)?.[1]
        if (stock !== undefined) {
          if (Number(stock) <= version) this.backwards += 1
          version = Number(stock)
          this.#heardAt.push({ version, at: now })
        }
        const text = /^event: chat$/m.test(block) ? /"text":"([^"]*)"/.exec(block)?.[1] : undefined
        if (text !== undefined) this.texts.push(text)
      }
    })
  }

  /** When this version of the stock, or a newer one, was heard first, as `performance.now()`; else infinity. */
  knewAt(version: number): number {
    return this.#heardAt.find((heard) => heard.version >= version)?.at ?? Number.POSITIVE_INFINITY
  }

  close(): void {
    this.#response?.destroy()
  }
}

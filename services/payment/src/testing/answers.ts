import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { listen } from '@mytaek1/platform/health.ts'

/** A request that came. `body`: JSON is parsed, a form is its fields. */
export interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}

/** What is answered to one request; `drop`: nothing, the connection is cut. */
export type Answer = [status: number, body: unknown] | 'drop'

/** How long a gateway waits for them, ms: long, so that a slow machine is not taken for silence; where silence is what is tried, it is not sat through. */
export const patienceMs = (answers: readonly Answer[]) => (answers.includes('drop') ? 2_000 : 60_000)

/** A server that gives one prepared answer after the other, the last one again and again, and keeps what it was asked. */
export async function answering(t: TestContext, answers: Answer[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const { method = '', url = '', headers } = request
      const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
      const body = sent === '' ? undefined : isForm ? Object.fromEntries(new URLSearchParams(sent)) : JSON.parse(sent)
      asked.push({ method, path: url, headers, body })
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'drop'
      if (answer === 'drop') return void request.destroy()
      const [status, content] = answer
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof content === 'string' ? content : JSON.stringify(content))
    })
  })
  await listen(server, 0, '127.0.0.1')
  t.after(() => server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

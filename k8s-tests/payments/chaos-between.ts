/**
 * What stands between payment and those it calls in a chaos run: one delivery in ten to commerce comes twice, and a guard may
 * be taken out.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { callHttp, type HttpAnswer } from '@mytaek1/platform/http-call.ts'
import { listen } from '@mytaek1/platform/health.ts'
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const duplicateShare = 0.1
const answerWithinMs = 10_000

/** Guards that are taken out here; `inboxRow` is one of commerce's schema. */
export type Mutation = 'none' | 'inboxRow' | 'gatewayKey' | 'claim' | 'refundKey'

/** Somebody whom payment calls. */
export interface Called {
  url: string
  serviceToken: string
}

interface Call {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

/** Doors in front of those whom payment calls; closed by `stop`. */
export class Between {
  readonly #mutation: Mutation
  readonly #stops: (() => void)[] = []
  #sent = 0

  constructor(mutation: Mutation) {
    this.#mutation = mutation
  }

  /** @returns the address that leads to it from now on. */
  async before(called: Called): Promise<string> {
    const server = createServer((request, response) => void this.#pass(called, request, response))
    await listen(server, 0, '127.0.0.1')
    this.#stops.push(() => server.close().closeAllConnections())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }

  async #pass(called: Called, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { host: _host, connection: _connection, 'content-length': _length, ...kept } = request.headers
      const headers = Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, String(value)]))
      const { method = 'GET', url: path = '/' } = request
      const call: Call = { method, path, headers, body: await text(request) }
      if (path.includes('/internal/event') && Math.random() < duplicateShare) {
        await send(called, call).catch(() => undefined) // the second one tells
      }
      const answer = await (this.#mutated(called, call) ?? send(called, call))
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text)
    } catch {
      request.destroy() // whoever is behind it did not answer
    }
  }

  #mutated(called: Called, call: Call): Promise<HttpAnswer> | undefined {
    const { path, body, headers } = call
    // every try is another charge for the network
    if (this.#mutation === 'gatewayKey' && path.endsWith('/v1/payments/key-in')) {
      const said = JSON.parse(body) as { orderId: string }
      const orderId = `${said.orderId}-${(this.#sent += 1)}`
      const changed = {
        headers: { ...headers, 'idempotency-key': orderId },
        body: JSON.stringify({ ...said, orderId }),
      }
      return send(called, { ...call, ...changed })
    }
    // every try is another refund
    if (this.#mutation === 'refundKey' && path.endsWith('/cancel')) {
      return send(called, { ...call, headers: { ...headers, 'idempotency-key': `any-${(this.#sent += 1)}` } })
    }
    // the order is read as it was before there were claims
    if (this.#mutation === 'claim' && path.endsWith('/internal/claims')) {
      const { claims } = JSON.parse(body) as { claims: { orderId: string }[] }
      const ids = claims.map(({ orderId }) => orderId)
      return readOrders(called, ids)
    }
    return undefined
  }
}

const send = ({ url }: Called, { method, path, headers, body }: Call) =>
  callHttp({
    method,
    url: `${url}${path}`,
    headers,
    ...(method !== 'GET' && { body }),
    timeoutMs: answerWithinMs,
  })

async function readOrders({ url, serviceToken }: Called, orderIds: readonly string[]): Promise<HttpAnswer> {
  const answers = await Promise.all(
    orderIds.map(async (id) => {
      const order = await signedFetch({
        serviceToken,
        method: 'GET',
        url: `${url}/internal/orders/${id}`,
        timeoutMs: 3_000,
      })
      return { claim: 'CLAIMED', order: await order.json() }
    }),
  )
  const said = JSON.stringify({ answers })
  return { status: 200, ok: true, text: said, json: async () => JSON.parse(said) as unknown }
}

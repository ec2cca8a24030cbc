/**
 * Loaded first by each process of payment in a chaos run: one delivery in ten to commerce comes twice, and `MUTATION` names
 * a guard that is taken out.
 */
import { signedFetch } from '@mytaek1/platform/service-signature.ts'

const duplicateShare = 0.1
const send = globalThis.fetch
const mutation = process.env.MUTATION ?? 'none'
let sent = 0

interface Call {
  url: string
  init: Omit<RequestInit, 'headers' | 'body'> & { headers: Record<string, string>; body: string }
}

const mutants: Readonly<Record<string, (call: Call) => Promise<Response> | undefined>> = {
  // every try is another charge for the network
  gatewayKey: ({ url, init }) => {
    if (!url.endsWith('/v1/payments/key-in')) return undefined
    const body = JSON.parse(init.body) as { orderId: string }
    const orderId = `${body.orderId}-${(sent += 1)}`
    const headers = { ...init.headers, 'idempotency-key': orderId }
    return send(url, { ...init, headers, body: JSON.stringify({ ...body, orderId }) })
  },
  // every try is another refund
  refundKey: ({ url, init }) => {
    if (!url.endsWith('/cancel')) return undefined
    return send(url, { ...init, headers: { ...init.headers, 'idempotency-key': `any-${(sent += 1)}-${process.pid}` } })
  },
  // the order is read as it was before there were claims
  claim: ({ url, init }) => {
    if (!url.endsWith('/internal/claims')) return undefined
    const { claims } = JSON.parse(init.body) as { claims: { orderId: string }[] }
    return readOrders(
      url,
      claims.map(({ orderId }) => orderId),
    )
  },
}

globalThis.fetch = async (input, init) => {
  const call = { url: input instanceof Request ? input.url : String(input), init } as Call
  if (call.url.includes('/internal/event') && Math.random() < duplicateShare) {
    await send(input, init).then(
      (answer) => answer.body?.cancel(),
      () => undefined, // the second one tells
    )
  }
  return await (mutants[mutation]?.(call) ?? send(input, init))
}

async function readOrders(claimsUrl: string, orderIds: readonly string[]): Promise<Response> {
  const serviceToken = process.env.SERVICE_TOKEN ?? ''
  const answers = await Promise.all(
    orderIds.map(async (id) => {
      const url = new URL(`orders/${id}`, claimsUrl).href
      const answer = await signedFetch({ serviceToken, method: 'GET', url, timeoutMs: 3_000 })
      return { claim: 'CLAIMED', order: await answer.json() }
    }),
  )
  return Response.json({ answers })
}

import { z } from 'zod'
import { GatewayUnclearError, type AuthorizationStatus, type CardGateway } from './card-gateway.ts'

const answerShape = z.discriminatedUnion('status', [
  z.object({
    status: z.enum(['AUTHORIZED', 'CAPTURED', 'VOIDED']),
    reference: z.string(),
    refundedAmount: z.number().int(),
  }),
  z.object({ status: z.literal('DECLINED'), reason: z.string() }),
  z.object({ status: z.literal('NOT_FOUND') }),
])

/** Speaks to the simulated card network (simulator/). Any status but 200, and any delay past `timeoutMs`, is unclear. */
export function simulatorGateway(options: { url: string; timeoutMs: number }): CardGateway {
  const call = async (
    operation: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<AuthorizationStatus> => {
    try {
      const response = await fetch(new URL(path, options.url), {
        method,
        signal: AbortSignal.timeout(options.timeoutMs),
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      return answerShape.parse(await response.json())
    } catch (error) {
      // The cause is kept without its message: a validation error may quote what was sent.
      throw new GatewayUnclearError(operation, { cause: error instanceof Error ? error.name : 'unknown' })
    }
  }
  const of = (key: string) => `/v1/authorizations/${encodeURIComponent(key)}`
  return {
    name: 'simulator',
    authorize: ({ key, amount, card }) => call('authorize', 'PUT', of(key), { amount, card }),
    find: (key) => call('find', 'GET', of(key)),
    abandon: (key) => call('abandon', 'POST', `${of(key)}/abandon`),
    capture: (key) => call('capture', 'POST', `${of(key)}/capture`),
    void: (key) => call('void', 'POST', `${of(key)}/void`),
    refund: ({ key, refundKey, amount }) =>
      call('refund', 'PUT', `${of(key)}/refunds/${encodeURIComponent(refundKey)}`, { amount }),
  }
}

import { z } from 'zod'
import { GatewayUnclearError, type CardGateway } from './card-gateway.ts'

const authorizationShape = z.discriminatedUnion('status', [
  z.object({
    status: z.enum(['AUTHORIZED', 'CAPTURED', 'VOIDED']),
    reference: z.string(),
    amount: z.number().int(),
    refundedAmount: z.number().int(),
  }),
  z.object({ status: z.literal('DECLINED'), reason: z.string() }),
  z.object({ status: z.literal('NOT_FOUND') }),
])

const refundShape = z.discriminatedUnion('status', [
  z.object({ status: z.literal('REFUNDED'), amount: z.number().int() }),
  z.object({ status: z.literal('REFUSED'), reason: z.string() }),
])

/** Speaks to the simulated card network (simulator/). Any status but 200, and any delay past `timeoutMs`, is unclear. */
export function simulatorGateway(options: { url: string; timeoutMs: number }): CardGateway {
  const call = async <T>(
    operation: string,
    shape: z.ZodType<T>,
    [method, path]: [method: string, path: string],
    body?: unknown,
  ): Promise<T> => {
    try {
      const response = await fetch(new URL(path, options.url), {
        method,
        signal: AbortSignal.timeout(options.timeoutMs),
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      if (response.status !== 200) throw new Error(`status ${response.status}`)
      return shape.parse(await response.json())
    } catch (error) {
      // The cause is kept without its message: a validation error may quote what was sent.
      throw new GatewayUnclearError(operation, { cause: error instanceof Error ? error.name : 'unknown' })
    }
  }
  const of = (key: string) => `/v1/authorizations/${encodeURIComponent(key)}`
  return {
    name: 'simulator',
    authorize: ({ key, amount, card }) => call('authorize', authorizationShape, ['PUT', of(key)], { amount, card }),
    find: (key) => call('find', authorizationShape, ['GET', of(key)]),
    abandon: (key) => call('abandon', authorizationShape, ['POST', `${of(key)}/abandon`]),
    capture: (key) => call('capture', authorizationShape, ['POST', `${of(key)}/capture`]),
    void: (key) => call('void', authorizationShape, ['POST', `${of(key)}/void`]),
    refund: ({ key, refundKey, amount }) =>
      call('refund', refundShape, ['PUT', `${of(key)}/refunds/${encodeURIComponent(refundKey)}`], { amount }),
  }
}

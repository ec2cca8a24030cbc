import { z } from 'zod'
import { endpoint, type Endpoint } from '@mytaek1/platform/openapi.ts'
import { TossRefusal, type Ledger } from './ledger.ts'

const params = z.object({ paymentKey: z.string().regex(/^[\w-]{1,128}$/) })

/** The payment window, as a page: the buyer authenticates or leaves, and the browser goes back to the shop. */
export function windowPage(ledger: Ledger): Endpoint[] {
  const leaveWith = (verb: 'paid' | 'left') =>
    endpoint({
      method: 'post',
      path: `/window/{paymentKey}/${verb}`,
      summary: `The buyer ${verb === 'paid' ? 'authenticated' : 'left the window'}`,
      access: 'public',
      params,
      responses: {
        303: { description: 'Back to the shop' },
        410: { description: 'The time to authenticate is over', contentType: 'text/html', schema: z.string() },
      },
      async handle(input, ctx) {
        try {
          const location = await ledger.authenticate(input.params.paymentKey, verb === 'paid')
          return { status: 303, headers: { location } }
        } catch (error) {
          if (!(error instanceof TossRefusal)) throw error
          ctx.type = 'text/html'
          return {
            status: 410,
            body: `<!doctype html><meta charset="utf-8"><title>Expired</title><p>${error.code}</p>`,
          }
        }
      },
    })
  return [
    endpoint({
      method: 'get',
      path: '/window/{paymentKey}',
      summary: 'The payment window',
      access: 'public',
      params,
      responses: { 200: { description: 'A page', contentType: 'text/html', schema: z.string() } },
      async handle(input, ctx) {
        const payment = await ledger.byKey(input.params.paymentKey)
        ctx.type = 'text/html'
        return { status: 200, body: pageOf(payment) }
      },
    }),
    leaveWith('paid'),
    leaveWith('left'),
  ]
}

function pageOf(payment: { paymentKey: string; orderId: string; totalAmount: number; currency: string }): string {
  const button = (verb: string, text: string) =>
    `<form method="post" action="${payment.paymentKey}/${verb}"><button data-testid="${verb}">${text}</button></form>`
  return `<!doctype html><meta charset="utf-8"><title>Simulated payment window</title>
<h1>${payment.totalAmount} ${payment.currency}</h1><p>${payment.orderId}: no real money moves here.</p>
${button('paid', 'Pay')}${button('left', 'Leave')}`
}

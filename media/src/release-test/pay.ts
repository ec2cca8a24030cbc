import { z } from 'zod'
import type { Api } from './api.ts'
import type { Person } from './people.ts'
import { GiveUp, NotYet, until, type Trial } from './trial.ts'

const paySeconds = 40
const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2040, cvc: '737' } // the simulated network's good one
const tokenShape = z.object({ token: z.string() })
const paymentShape = z.object({ id: z.string(), state: z.string(), failureReason: z.string().nullable() })
const orderShape = z.object({ state: z.string() })

/** Pays an order with a card of the simulated network, and waits until the shop says that it is paid for. */
export async function payByCard(
  trial: Trial,
  { shop, payment, buyer, orderId }: { shop: Api; payment: Api; buyer: Person; orderId: string },
): Promise<void> {
  await trial.step('the buyer pays by a simulated card, and the order is PAID', paySeconds, async (signal) => {
    const { token } = buyer
    const sealed = await payment('POST', '/card-tokens', { signal, token, body: card, answer: tokenShape })
    trial.hide(sealed.token)
    const body = { orderId, cardToken: sealed.token }
    const { id } = await payment('POST', '/payments', { signal, token, body, answer: paymentShape })
    await until({ what: 'the order to be PAID', signal }, async () => {
      const { state } = await shop('GET', `/orders/${orderId}`, { signal, token, answer: orderShape })
      if (state === 'PAID') return true
      const paid = await payment('GET', `/payments/${id}`, { signal, token, answer: paymentShape })
      if (paid.failureReason !== null) throw new GiveUp(`the payment failed: ${paid.failureReason}`)
      return new NotYet(`order ${state}, payment ${paid.state}`)
    })
  })
}

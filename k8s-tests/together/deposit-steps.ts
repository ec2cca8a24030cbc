/** What tests of virtual accounts do: an order whose buyer was told an account, and money that comes in there. */
import assert from 'node:assert/strict'
import type { TestAccount } from '../../services/commerce/src/testing/factories.ts'
import type { startShop } from './shop.ts'

type Shop = Awaited<ReturnType<typeof startShop>>

/** Gateways of an installation that takes cards in a window, and virtual accounts. */
export const depositGateways = '[{"name":"simulator","keyIn":false,"methods":["card","virtual_account"]}]'

/** @param people who sells, who buys, and anybody */
export function depositSteps(shop: Shop, people: { seller: TestAccount; buyer: TestAccount; stranger: TestAccount }) {
  const { seller, buyer, stranger } = people
  const anOrder = async () => {
    const product = await shop.product(seller, { stock: 1, amount: 10_000 })
    return { productId: product.id as string, order: await shop.order(buyer, product.id) }
  }
  /** The gateway says something of a payment. */
  const told = async (id: string): Promise<void> => {
    const hint = { createdAt: '', orderId: id, status: 'DONE', secret: 'x', transactionKey: 't' }
    assert.equal((await shop.pays(stranger, 'POST', '/webhooks/simulator', hint, '')).status, 204)
  }
  return {
    anOrder,
    told,
    /** An order whose buyer was told an account. */
    issued: async () => {
      const { order, productId } = await anOrder()
      const body = { orderId: order.id, method: 'virtual_account' }
      const made = await shop.pays(buyer, 'POST', '/payments', body)
      assert.deepEqual([made.status, made.body.next.kind], [202, 'nothing'], JSON.stringify(made.body))
      const { deposit } = await shop.paymentIs(buyer, made.body.id, 'WAITING_DEPOSIT')
      return { id: made.body.id as string, order, productId, deposit }
    },
    /** Money comes in to an account; the gateway then tells payment, as it would. */
    deposit: async (id: string, accountNumber: string, amount: number, afterExpiry = false): Promise<void> => {
      const answer = await fetch(`${shop.simulatorUrl}/v1/deposits`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ accountNumber, amount, afterExpiry }),
      })
      assert.equal(answer.status, 200, await answer.text())
      await told(id)
    },
    /** The account's time is over. */
    expire: async (id: string): Promise<void> => {
      const expires_at = new Date(Date.now() - 1)
      await shop.simulatorDb('ledger_payments').where({ order_id: id }).update({ expires_at })
    },
    faults: async (faults: object): Promise<void> => {
      await fetch(`${shop.simulatorUrl}/v1/faults`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(faults),
      })
    },
    /** What the network gave back of a payment, amount by amount. */
    givenBack: async (id: string): Promise<number[]> => {
      const cancels = shop
        .simulatorDb('ledger_cancels AS c')
        .join('ledger_payments AS p', 'p.payment_key', 'c.payment_key')
      return (await cancels.where('p.order_id', id).select('c.amount')).map(({ amount }) => Number(amount))
    },
  }
}

/**
 * A rehearsal from end to end, as a seller and a buyer do it and by the same doors: open, go live, watch, order, pay. The show
 * is in no list. Its product is on sale for as long as the order takes, so lists may have it for some tenths of a second.
 */
import { z } from 'zod'
import { apiAt, type Api } from './api.ts'
import type { ReleaseTestConfig } from './config.ts'
import { goLive } from './go-live.ts'
import { payByCard } from './pay.ts'
import { signUp, type Person } from './people.ts'
import { NotYet, until, type Trial } from './trial.ts'
import { watch } from './watch.ts'

const units = 2
const usualSeconds = 20
const anything = z.unknown()
const idShape = z.object({ id: z.string() })
const orderShape = z.object({ id: z.string(), state: z.string() })
const stockShape = z.object({ stock: z.number() })
const pageShape = z.object({ items: z.array(z.object({ id: z.string() })) })

/** Plays the show, and leaves the shop as it was but for rows that nobody is shown. */
export async function playShow(trial: Trial, config: ReleaseTestConfig): Promise<void> {
  const shop = apiAt(`${config.COMMERCE_URL}/api/commerce/v1`)
  const seller = await signUp(trial, shop, 'seller')
  nothingIsShown(trial, shop, seller)
  const buyer = await signUp(trial, shop, 'buyer')
  const productId = await draftProduct(trial, shop, seller, config.SIMULATED_CURRENCY ?? 'KRW')
  const broadcastId = await openBroadcast(trial, shop, seller)
  await goLive(trial, { shop, seller, broadcastId, config })
  await watch(trial, `${config.EDGE_URL}/hls/${broadcastId}/index.m3u8`)
  const orderId = await order(trial, shop, { seller, buyer, productId, broadcastId })
  if (config.SIMULATED_CURRENCY === undefined) await giveBack(trial, shop, { buyer, productId, orderId })
  else await payByCard(trial, { shop, payment: apiAt(`${config.PAYMENT_URL}/api/payment/v1`), buyer, orderId })
  trial.note(`stays, shown to nobody: order ${orderId}, its product and show, two accounts without a name`)
}

async function draftProduct(trial: Trial, shop: Api, { token }: Person, currency: string): Promise<string> {
  return await trial.step('a product of two units is made, as a draft', usualSeconds, async (signal) => {
    const price = { amount: 1, currency }
    const body = { name: 'Release test', price, stock: units, requiresShipping: false, draft: true }
    return (await shop('POST', '/products', { signal, token, body, answer: idShape })).id
  })
}

async function openBroadcast(trial: Trial, shop: Api, { token }: Person): Promise<string> {
  return await trial.step('a show opens, in no list', usualSeconds, async (signal) => {
    const body = { title: 'Release test', listed: false }
    const { id } = await shop('POST', '/broadcasts', { signal, token, body, answer: idShape })
    trial.undo('the show is ended', usualSeconds, (within) =>
      shop('POST', `/broadcasts/${id}/end`, { signal: within, token, answer: anything }),
    )
    return id
  })
}

// A draft is not sold: it is published, shown in the tray, ordered, and taken off sale again.
async function order(
  trial: Trial,
  shop: Api,
  { seller, buyer, productId, broadcastId }: { seller: Person; buyer: Person; productId: string; broadcastId: string },
): Promise<string> {
  return await trial.step('the buyer orders what the show sells', usualSeconds, async (signal) => {
    const { token } = seller
    const list = async (listed: boolean, within: AbortSignal) =>
      await shop('PATCH', `/products/${productId}`, { signal: within, token, body: { listed }, answer: anything })
    trial.undo('the product is off sale', usualSeconds, (within) => list(false, within))
    await list(true, signal)
    const tray = { items: [{ productId }] }
    await shop('PUT', `/broadcasts/${broadcastId}/products`, { signal, token, body: tray, answer: anything })
    const body = { productId, quantity: 1, broadcastId }
    const made = await shop('POST', '/orders', { signal, token: buyer.token, body, answer: orderShape })
    trial.undo('no unit is held', usualSeconds, (within) => release(shop, buyer, made.id, within))
    await list(false, signal)
    await stockIs(shop, { productId, stock: units - 1 }, signal)
    return made.id
  })
}

async function giveBack(
  trial: Trial,
  shop: Api,
  { buyer, productId, orderId }: { buyer: Person; productId: string; orderId: string },
): Promise<void> {
  await trial.step('the buyer cancels, and the unit is back', usualSeconds, async (signal) => {
    await release(shop, buyer, orderId, signal)
    await stockIs(shop, { productId, stock: units }, signal)
  })
}

/** Gives a reservation back; of one that is paid for there is none. */
async function release(shop: Api, { token }: Person, orderId: string, signal: AbortSignal): Promise<void> {
  const { state } = await shop('GET', `/orders/${orderId}`, { signal, token, answer: orderShape })
  if (state === 'RESERVED') await shop('POST', `/orders/${orderId}/cancel`, { signal, token, answer: anything })
}

async function stockIs(
  shop: Api,
  { productId, stock }: { productId: string; stock: number },
  signal: AbortSignal,
): Promise<void> {
  await until({ what: `${stock} units in stock`, signal }, async () => {
    const seen = await shop('GET', `/products/${productId}`, { signal, answer: stockShape })
    return seen.stock === stock ? true : new NotYet(`${seen.stock} units`)
  })
}

// Looked at when all else is undone, and before the seller is gone: lists may be a second behind.
function nothingIsShown(trial: Trial, shop: Api, { id }: Person): void {
  trial.undo('the shop shows nothing of it', usualSeconds, (signal) =>
    until({ what: 'no product and no show of the seller in lists', signal }, async () => {
      const lists = await Promise.all(
        ['products', 'broadcasts'].map((what) => shop('GET', `/${what}?seller=${id}`, { signal, answer: pageShape })),
      )
      const shown = lists.flatMap(({ items }) => items.map((item) => item.id))
      return shown.length === 0 ? true : new NotYet(shown.join(', '))
    }),
  )
}

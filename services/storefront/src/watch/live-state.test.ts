import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEvent, applySnapshot, chatUntil, emptyLiveState, lacksProducts, trayOf } from './live-state.ts'
import type { Broadcast } from '../api/model.ts'

const stock = (version: number, units: number) =>
  ({ type: 'stock', data: { productId: 'p-1', stock: units, version } }) as const
const chat = (id: string) =>
  ({ type: 'chat', data: { id, displayName: 'Bo', text: 'hi', at: '2026-01-01T00:00:00Z' } }) as const

test('beside a recording the chat says what had been said by then', () => {
  const said = ['00', '10', '20'].map((second) => ({ ...chat(second).data, at: `2026-01-01T00:00:${second}Z` }))
  const idsAt = (atMs: number | undefined) => chatUntil(said, atMs).map(({ id }) => id)
  assert.deepEqual(idsAt(Date.parse('2026-01-01T00:00:10Z')), ['00', '10'])
  assert.deepEqual(idsAt(0), [])
  assert.deepEqual(idsAt(undefined), ['00', '10', '20'])
})

test('events that arrive out of order never bring old stock back', () => {
  const live = [stock(3, 7), stock(1, 9), stock(2, 8)].reduce(applyEvent, emptyLiveState)
  assert.deepEqual(live.stock.get('p-1'), { stock: 7, version: 3 })
})

const deal = (id: string, revision: number, remaining: number) => {
  const about = { units: 5, unitsPerBuyer: null, startsAt: '', endsAt: '2026-01-01T00:10:00.000Z' }
  return { id, productId: 'p-1', off: { amount: 300, currency: 'KRW' }, remaining, revision, ...about }
}

test('of deals the newest word of the latest one counts, by whatever way it came', () => {
  const told = [deal('deal_1', 2, 4), deal('deal_1', 1, 5), deal('deal_2', 1, 3), deal('deal_1', 9, 0)]
  const live = told.map((data) => ({ type: 'deal', data }) as const).reduce(applyEvent, emptyLiveState)
  assert.deepEqual(live.deals.get('p-1'), deal('deal_2', 1, 3))
  const product = { id: 'p-1', stock: 9, version: 4, price: { amount: 1, currency: 'KRW' }, revision: 1 }
  const read = (of: object | null) =>
    ({ products: [{ ...product, deal: of }], pinnedProductIds: [], hearts: 0, viewers: 3, state: 'live' }) as unknown
  assert.equal(applySnapshot(live, read(deal('deal_2', 3, 1)) as Broadcast).deals.get('p-1')?.remaining, 1)
  for (const older of [deal('deal_1', 9, 0), null]) {
    assert.equal(applySnapshot(live, read(older) as Broadcast).deals.get('p-1')?.remaining, 3)
  }
})

test('the same version twice changes nothing, not even the object', () => {
  const live = applyEvent(emptyLiveState, stock(3, 7))
  assert.equal(applyEvent(live, stock(3, 1)).stock, live.stock)
})

test('a snapshot that was read before an event does not undo it', () => {
  const live = applyEvent(emptyLiveState, stock(5, 2))
  const product = { id: 'p-1', stock: 9, version: 4, price: { amount: 1, currency: 'KRW' }, revision: 1 }
  const broadcast = { products: [product], pinnedProductIds: ['p-1'], hearts: 0, viewers: 3, state: 'live' }
  const merged = applySnapshot(live, broadcast as unknown as Broadcast)
  assert.deepEqual(merged.stock.get('p-1'), { stock: 2, version: 5 })
  assert.deepEqual(merged.pinnedProductIds, ['p-1'])
  assert.equal(merged.state, 'live')
})

test('a repeated chat message shows once, and only the newest 200 are kept', () => {
  let live = applyEvent(emptyLiveState, chat('0'))
  live = applyEvent(live, chat('0'))
  assert.equal(live.chat.length, 1)
  for (let id = 1; id <= 250; id++) live = applyEvent(live, chat(String(id)))
  assert.equal(live.chat.length, 200)
  assert.equal(live.chat.at(-1)?.id, '250')
})

test('after the end a late state event does not open the broadcast again', () => {
  const ended = applyEvent(emptyLiveState, { type: 'state', data: { state: 'ended' } })
  assert.equal(applyEvent(ended, { type: 'state', data: { state: 'live' } }).state, 'ended')
})

test('a message that the seller took away leaves the screen', () => {
  const live = ['1', '2'].map(chat).reduce(applyEvent, emptyLiveState)
  const without = applyEvent(live, { type: 'chat_hidden', data: { id: '1' } })
  assert.deepEqual(
    without.chat.map(({ id }) => id),
    ['2'],
  )
})

test('all that a banned author said leaves the screen, and their own page shows none of it again', () => {
  const by = (id: string, author: string) =>
    ({ type: 'chat', data: { ...chat(id).data, author: { id: author, role: 'viewer' } } }) as const
  let live = [by('1', 'u-2'), by('2', 'u-3'), by('3', 'u-2')].reduce(applyEvent, emptyLiveState)
  live = applyEvent(live, { type: 'chat_hidden', data: { id: '3', authorId: 'u-2' } })
  live = applyEvent(live, by('3', 'u-2')) // the answer to it comes after its removal
  assert.deepEqual(
    live.chat.map(({ id }) => id),
    ['2'],
  )
  assert.deepEqual(live.hidden.toSorted(), ['1', '3', '3'])
})

test('how the chat is set goes by its revision, in whatever order it is told', () => {
  const set = (revision: number, slowSeconds: number) =>
    ({ type: 'chat_settings', data: { revision, frozen: false, slowSeconds, notice: null } }) as const
  const live = [set(2, 30), set(1, 5)].reduce(applyEvent, emptyLiveState)
  assert.equal(live.chatSettings.slowSeconds, 30)
})

test('a tray that was told moves and takes away what was read, until a newer one is read; what is new has to be read', () => {
  const products = ['a', 'b', 'c'].map((id) => ({ id }))
  const read = (trayRevision: number) => ({ products, trayRevision }) as unknown as Broadcast
  const tray = (revision: number, productIds: string[]) => ({ type: 'tray', data: { revision, productIds } }) as const
  const idsOf = (live: typeof emptyLiveState, trayRevision: number) =>
    trayOf(live, read(trayRevision)).map(({ id }) => id)
  const live = [tray(2, ['c', 'a']), tray(1, ['b'])].reduce(applyEvent, emptyLiveState)
  assert.deepEqual(idsOf(emptyLiveState, 0), ['a', 'b', 'c'])
  assert.deepEqual(idsOf(live, 1), ['c', 'a'])
  assert.deepEqual(idsOf(live, 2), ['a', 'b', 'c'])
  assert.equal(lacksProducts(live, read(1)), false)
  const more = applyEvent(live, tray(3, ['d', 'a']))
  assert.equal(lacksProducts(more, read(2)), true)
  assert.deepEqual(idsOf(more, 2), ['a'])
})

test('hearts only grow, however events and snapshots cross', () => {
  const hearts = (sum: number) => ({ type: 'hearts', data: { hearts: sum } }) as const
  const live = [hearts(12), hearts(9)].reduce(applyEvent, emptyLiveState)
  const read = { products: [], pinnedProductIds: [], viewers: 3, hearts: 10, state: 'live' }
  assert.equal(applySnapshot(live, read as unknown as Broadcast).hearts, 12)
})

test('one pin or several: a server that knows one pin is understood, too', () => {
  const pin = (productIds?: string[]) => ({ type: 'pin', data: { productId: 'a', productIds, at: '' } }) as const
  assert.deepEqual(applyEvent(emptyLiveState, pin()).pinnedProductIds, ['a'])
  assert.deepEqual(applyEvent(emptyLiveState, pin(['a', 'b'])).pinnedProductIds, ['a', 'b'])
})

test('one price, the newest, however events and snapshots cross', () => {
  const price = (revision: number, amount: number) =>
    ({ type: 'price', data: { productId: 'p-1', price: { amount, currency: 'KRW' }, revision } }) as const
  const live = [price(3, 19_900), price(2, 15_900)].reduce(applyEvent, emptyLiveState)
  const product = { id: 'p-1', stock: 9, version: 4, price: { amount: 12_900, currency: 'KRW' }, revision: 1 }
  const broadcast = { products: [product], pinnedProductIds: [], hearts: 0, viewers: 3, state: 'live' }
  const merged = applySnapshot(live, broadcast as unknown as Broadcast)
  assert.deepEqual(merged.prices.get('p-1'), { price: { amount: 19_900, currency: 'KRW' }, revision: 3 })
})

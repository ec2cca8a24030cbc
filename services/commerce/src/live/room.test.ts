import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'
import { frameOf } from './frame.ts'
import { Room, type Listener } from './room.ts'

const gatherMs = 50
const nothingSet = { trayRevision: 0, hearts: 0, chat: { revision: 0, frozen: false, slowSeconds: 0, notice: null } }

/** A room with one product and a clock that stands still. */
function aRoom(t: TestContext): Room {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const levels = new Map([['p', { stock: 9, version: 1 }]])
  return new Room(['p'], { state: 'open', pin: undefined, ...nothingSet, levels, prices: new Map() })
}

/** A listener that keeps what it was written, and how often. */
function aListener(): Listener & { texts: string[]; take(): string[] } {
  const texts: string[] = []
  return {
    texts,
    write: (bytes) => void texts.push(bytes.toString()),
    take: () => texts.splice(0).flatMap((text) => text.split('\n\n').filter((block) => block !== '')),
  }
}

const chat = (text: string): LiveEvent => ({ type: 'chat', data: { id: text, displayName: 'A', text, at: '' } })
const chatsOf = (blocks: string[]) => blocks.flatMap((block) => /"text":"([^"]*)"/.exec(block)?.[1] ?? [])

test('a newcomer is told state, viewers and stock, without ids', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  assert.deepEqual(listener.take(), [
    'event: state\ndata: {"state":"open"}',
    'event: viewers\ndata: {"viewers":0}',
    'event: stock\ndata: {"productId":"p","stock":9,"version":1}',
  ])
})

test('the first event goes out at once, those after it together, of stock only the newest', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  for (let version = 2; version <= 40; version += 1) room.takeStock('p', { stock: 40 - version, version })
  assert.deepEqual(listener.take(), ['event: stock\ndata: {"productId":"p","stock":38,"version":2}'])
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.texts.length, 1)
  assert.deepEqual(listener.take(), ['event: stock\ndata: {"productId":"p","stock":0,"version":40}'])
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [])
})

test('stock never goes back: an older version is dropped', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.takeStock('p', { stock: 3, version: 7 })
  room.join(listener, [])
  listener.take()
  room.takeStock('p', { stock: 5, version: 6 })
  const older = { levels: new Map([['p', { stock: 5, version: 5 }]]), prices: new Map() }
  room.takeSnapshot({ state: 'open', pin: undefined, ...nothingSet, ...older }, 0)
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [])
})

test('an event of the log that comes again, or late, is not told again', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  for (const id of ['5-0', '5-0', '4-0', '6-0']) room.take(chat(id), id)
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(chatsOf(listener.take()), ['5-0', '6-0'])
})

test('what was read from the log is not repeated when it still comes to the room, and nothing between is lost', (t) => {
  const room = aRoom(t)
  room.take(chat('1'), '1-0')
  room.take(chat('2'), '2-0')
  room.take(chat('3'), '3-0') // came here, but after the listener's read of the log
  const listener = aListener()
  const read = [frameOf(chat('1'), '1-0'), frameOf(chat('2'), '2-0')]
  room.join(listener, read, '0-1')
  assert.deepEqual(chatsOf(listener.take()), ['1', '2', '3'])
  t.mock.timers.tick(gatherMs) // 2 and 3 were still to be written to everybody
  room.take(chat('4'), '4-0')
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(chatsOf(listener.take()), ['4'])
})

test('the rows win over what the room believes, once', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  const rows = {
    state: 'live' as const,
    ...nothingSet,
    pin: { productId: 'p', productIds: ['p'], at: '2026-01-01T00:00:00.000Z' },
    levels: new Map(),
    prices: new Map(),
  }
  room.takeSnapshot(rows, room.stateChanges)
  room.takeSnapshot(rows, room.stateChanges)
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(
    listener.take().map((block) => /^event: (\w+)/.exec(block)?.[1]),
    ['state', 'pin'],
  )
})

test('rows that were read before the log told of a change do not take it back', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  const before = room.stateChanges
  room.take({ type: 'state', data: { state: 'interrupted' } }, '7-0')
  room.takeSnapshot({ state: 'live', pin: undefined, ...nothingSet, levels: new Map(), prices: new Map() }, before)
  t.mock.timers.tick(gatherMs)
  const states = listener.take().filter((block) => block.includes('event: state'))
  assert.deepEqual(
    states.map((block) => /"state":"(\w+)"/.exec(block)?.[1]),
    ['interrupted'],
  )
})

test('who left is told nothing more', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  room.leave(listener)
  room.take(chat('1'), '1-0')
  assert.deepEqual(listener.take(), [])
  assert.equal(room.size, 0)
})

test('of a variant’s stock listeners are told the newest, by its own name; newcomers read it where they choose', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  const change = { productId: 'p', variantId: 'v', stock: 3, version: 2 }
  room.takeVariantStock(change)
  assert.deepEqual(listener.take(), [`event: variant_stock\ndata: ${JSON.stringify(change)}`])
  room.takeVariantStock({ ...change, stock: 4, version: 1 })
  room.takeVariantStock({ ...change, stock: 2, version: 3 })
  room.takeVariantStock({ ...change, stock: 1, version: 4 })
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [
    `event: variant_stock\ndata: ${JSON.stringify({ ...change, stock: 1, version: 4 })}`,
  ])
  const newcomer = aListener()
  room.join(newcomer, [])
  assert.equal(
    newcomer.take().some((block) => block.includes('variant_stock')),
    false,
  )
})

test('what was taken away is not told to who comes later, not even for a moment', (t) => {
  const room = aRoom(t)
  const by = (text: string, author: string): LiveEvent => ({
    type: 'chat',
    data: { id: text, displayName: 'A', text, at: '', author: { id: author, role: 'viewer' } },
  })
  room.take(by('spam', 'u-1'), '1-0')
  room.take(by('fine', 'u-2'), '2-0')
  room.take(by('more spam', 'u-1'), '3-0')
  room.take({ type: 'chat_hidden', data: { id: 'more spam', authorId: 'u-1' } }, '4-0')
  const listener = aListener()
  room.join(listener, [], '0-0')
  assert.deepEqual(chatsOf(listener.take()), ['fine'])
})

test('newcomers are told nothing of a product that was hidden or taken from the tray', (t) => {
  const room = aRoom(t)
  const prices = new Map([['p', { price: { amount: 1_000, currency: 'KRW' }, revision: 1 }]])
  const levels = new Map([['p', { stock: 9, version: 2 }]])
  room.takeTray({ revision: 1, productIds: ['p'] }, { levels, prices })
  room.takeTray({ revision: 2, productIds: [] }, { levels: new Map(), prices: new Map() })
  const dearer = { productId: 'p', price: { amount: 2_000, currency: 'KRW' }, revision: 2 }
  room.take({ type: 'price', data: dearer }, '7-0')
  const late = aListener()
  room.join(late, [])
  assert.doesNotMatch(late.take().join('\n'), /"productId":"p"/)
  room.takeTray({ revision: 3, productIds: ['p'] }, { levels, prices })
  const later = aListener()
  room.join(later, [])
  assert.match(later.take().join('\n'), /"productId":"p","stock":9/)
})

test('of a deal only the newest word is told, of an older deal none, and who comes later is told of it', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  const deal = (id: string, revision: number, remaining: number) => {
    const about = {
      units: 20,
      unitsPerBuyer: null,
      startsAt: '2026-01-01T00:00:00.000Z',
      endsAt: '2100-01-01T00:00:00.000Z',
    }
    return { id, productId: 'p', off: { amount: 300, currency: 'KRW' }, remaining, revision, ...about }
  }
  const said = (...args: Parameters<typeof deal>) => `event: deal\ndata: ${JSON.stringify(deal(...args))}`
  assert.equal(room.hasDeal('p'), false)
  room.take({ type: 'deal', data: deal('deal_1', 1, 20) }, '1-0')
  assert.deepEqual(listener.take(), [`id: 1-0\n${said('deal_1', 1, 20)}`])
  assert.equal(room.hasDeal('p'), true)
  for (let left = 19; left >= 5; left -= 1) room.takeDeal(deal('deal_1', 21 - left, left))
  room.takeDeal(deal('deal_1', 3, 18))
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [said('deal_1', 16, 5)])
  room.take({ type: 'deal', data: deal('deal_2', 1, 20) }, '2-0')
  room.takeDeal(deal('deal_1', 17, 4))
  room.take({ type: 'deal', data: { ...deal('deal_2', 2, 20), productId: 'q' } }, '3-0')
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [`id: 2-0\n${said('deal_2', 1, 20)}`])
  const later = aListener()
  room.join(later, [])
  assert.ok(later.take().includes(said('deal_2', 1, 20)))
})

test('another tray is told with what is left of its products, and an older one is not', (t) => {
  const room = aRoom(t)
  const listener = aListener()
  room.join(listener, [])
  listener.take()
  const facts = { levels: new Map([['q', { stock: 4, version: 1 }]]), prices: new Map() }
  room.takeTray({ revision: 2, productIds: ['q', 'p'] }, facts)
  room.takeTray({ revision: 1, productIds: ['p'] }, facts)
  t.mock.timers.tick(gatherMs)
  assert.deepEqual(listener.take(), [
    'event: tray\ndata: {"revision":2,"productIds":["q","p"]}',
    'event: stock\ndata: {"productId":"q","stock":4,"version":1}',
  ])
  assert.deepEqual(room.productIds, ['q', 'p'])
  const late = aListener()
  room.join(late, [])
  assert.ok(late.take().includes('event: tray\ndata: {"revision":2,"productIds":["q","p"]}'))
})

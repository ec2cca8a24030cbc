import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { MediaStore } from './media-store.ts'

async function storeIn(t: { after: (clean: () => Promise<void>) => void }, memoryMs: number, directory?: string) {
  const root = await mkdtemp(join(tmpdir(), 'mytaek1-store-'))
  const errors: unknown[] = []
  const clock = { ms: 0 }
  const store = new MediaStore({
    directory: directory ?? join(root, 'source'),
    memoryMs,
    now: () => clock.ms,
    onError: (error) => errors.push(error),
  })
  t.after(async () => {
    await store.close()
    await rm(root, { recursive: true, force: true })
  })
  return { store, errors, clock, directory: join(root, 'source') }
}

const bytes = (segment: number, part: number) => Buffer.from(`s${segment}p${part}`)

test('old segments come from disk, byte for byte; their parts are gone from memory', async (t) => {
  const { store, clock } = await storeIn(t, 4000)
  for (let segment = 0; segment < 6; segment += 1) {
    for (let part = 0; part < 3; part += 1) store.putPart(segment, bytes(segment, part))
    clock.ms += 2000
    store.endSegment(segment)
  }
  while (store.part({ mediaSequenceNumber: 3, part: 0 }) !== undefined) await new Promise(setImmediate)
  for (let segment = 0; segment < 6; segment += 1) {
    assert.equal(String(await store.segment(segment)), `s${segment}p0s${segment}p1s${segment}p2`)
  }
  while (store.part({ mediaSequenceNumber: 0, part: 1 }) !== undefined) await new Promise(setImmediate)
  assert.equal(String(store.part({ mediaSequenceNumber: 5, part: 1 })), 's5p1')
})

test('a dropped segment leaves neither memory nor a file', async (t) => {
  const { store, directory } = await storeIn(t, 0)
  for (let segment = 0; segment < 3; segment += 1) {
    store.putPart(segment, bytes(segment, 0))
    store.endSegment(segment)
  }
  const files = () => readdir(directory).catch((): string[] => [])
  while (!(await files()).includes('seg-0.m4s')) await new Promise(setImmediate)
  store.drop(0)
  assert.equal(await store.segment(0), undefined)
  while ((await files()).includes('seg-0.m4s')) await new Promise(setImmediate)
})

test('a disk that takes nothing costs memory, not the stream', async (t) => {
  const { store, errors } = await storeIn(t, 0, join(import.meta.filename, 'below-a-file'))
  for (let segment = 0; segment < 4; segment += 1) {
    store.putPart(segment, bytes(segment, 0))
    store.endSegment(segment)
  }
  while (errors.length < 4) await new Promise(setImmediate)
  assert.equal(String(await store.segment(0)), 's0p0')
})

test('segments that only gaps follow leave memory too', async (t) => {
  const { store, clock } = await storeIn(t, 4000)
  for (let segment = 0; segment < 4; segment += 1) {
    store.putPart(segment, segment === 0 ? bytes(0, 0) : Buffer.alloc(0))
    clock.ms += 2000
    store.endSegment(segment)
  }
  await left(() => store.part({ mediaSequenceNumber: 0, part: 0 }))
})

test('a segment is there when it is whole, and never when it is lost', async (t) => {
  const { store } = await storeIn(t, 4000)
  store.putPart(0, bytes(0, 0))
  assert.equal(await store.segment(0), undefined)
  store.putPart(0, bytes(0, 1))
  store.endSegment(0)
  assert.equal(String(await store.segment(0)), 's0p0s0p1')
  store.putPart(1, Buffer.alloc(0))
  store.endSegment(1)
  assert.equal(await store.segment(1), undefined)
})

test('a folder that could not be made once is tried again with the next segment', async (t) => {
  const { store, errors, directory, clock } = await storeIn(t, 0)
  await writeFile(directory, 'a file where the folder is to be')
  store.putPart(0, bytes(0, 0))
  store.endSegment(0)
  while (errors.length === 0) await new Promise(setImmediate)
  await rm(directory)
  clock.ms += 2000
  store.putPart(1, bytes(1, 0))
  store.endSegment(1)
  await left(() => store.part({ mediaSequenceNumber: 1, part: 0 }))
  assert.equal(errors.length, 1)
})

/** Resolves once a part has left memory: it does when its file is written. */
async function left(part: () => Buffer | undefined): Promise<void> {
  const deadline = performance.now() + 60_000
  while (part() !== undefined) {
    assert.ok(performance.now() < deadline, 'still in memory')
    await new Promise(setImmediate)
  }
}

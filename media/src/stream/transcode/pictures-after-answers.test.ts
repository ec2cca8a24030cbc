import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { VideoSample } from '../remux/fragment.ts'
import { PicturesAfterAnswers } from './pictures-after-answers.ts'

const picture = (dts: number): VideoSample => ({
  dts,
  pts: dts,
  duration: 3_000,
  keyFrame: false,
  data: Buffer.alloc(1),
})

test('pictures are encoded after what the turn of the event loop that brought them has to do, in order and once', async () => {
  const events: unknown[] = []
  const pictures = new PicturesAfterAnswers((sample) => events.push(sample))
  const [first, second, third] = [picture(1), picture(2), picture(3)]
  pictures.add(first)
  pictures.add(second)
  events.push('answered')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(events, ['answered', first, second])
  pictures.add(third)
  pictures.flush()
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(events.slice(3), [third])
})

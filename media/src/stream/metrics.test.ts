import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { registerStreamMetrics, type MeasuredStream } from './metrics.ts'
import { StreamMeter } from './stream-meter.ts'

/** What a scrape sees of a stream. */
function scraped() {
  const meter = new StreamMeter()
  const stream: MeasuredStream & { broadcast: string | undefined } = {
    broadcast: undefined,
    pipeline: { meter, runningRungs: ['source'], publish: { waiting: 3 }, transcoderRestarts: 1 },
    recorder: { stored: 7, waiting: 2, lost: 4 },
  }
  const registry = new Registry()
  registerStreamMetrics(registry, stream)
  const lines = async () => (await registry.metrics()).split('\n')
  return { stream, meter, lines }
}

test('a warm Pod names no broadcast; one that streams names its own, so that its other series can be joined to it', async () => {
  const { stream, lines } = scraped()
  const info = async () => (await lines()).filter((line) => line.startsWith('media_stream_info'))
  assert.deepEqual(await info(), [])
  stream.broadcast = 'b-1'
  for (let scrape = 0; scrape < 2; scrape += 1) assert.deepEqual(await info(), ['media_stream_info{broadcast="b-1"} 1'])
})

test('what only grows is a counter and named like one, however often it is scraped', async () => {
  const { meter, lines } = scraped()
  meter.droppedFrames = 5
  await lines()
  const values = (await lines()).filter((line) => /^[^#].*_total /.test(line))
  assert.deepEqual(values, [
    'media_source_dropped_frames_total 5',
    'media_recording_segments_stored_total 7',
    'media_recording_segments_lost_total 4',
    'media_transcoder_restarts_total 1',
  ])
  const types = (await lines()).filter((line) => /^# TYPE .*_total /.test(line))
  assert.ok(types.length === 4 && types.every((line) => line.endsWith(' counter')))
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { connectRtmpPublisher, RtmpRefusedError } from '../../rtmp/client.ts'
import { publishRejected } from '../../rtmp/status-code.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import { audioConfig, metadata, videoConfig, videoFrame } from '../testing/flv-messages.ts'
import { startStream } from '../testing/stream-fixture.ts'

const announced = metadata({ videocodecid: 7 })

async function streamOf(t: TestContext) {
  const fixture = await startStream()
  t.after(() => fixture.close())
  const { stream, key } = fixture
  const { pipeline } = stream
  assert.ok(pipeline)
  const options = { host: '127.0.0.1', port: stream.rtmpPort, app: 'live', streamName: key, deadlineMs: 60_000 }
  return {
    pipeline,
    publish: () => connectRtmpPublisher({ ...options, signal: t.signal }),
    /** Sends a picture a turn until there is something to play. */
    play: async (publisher: Awaited<ReturnType<typeof connectRtmpPublisher>>, data?: Buffer) => {
      const timer = setInterval(() => {
        for (let frame = 0; frame < 30; frame += 1) {
          publisher.write(videoFrame(frame * 33, { key: frame === 0, data: frame === 0 ? data : undefined }))
        }
      }, 50)
      try {
        const playable = () => pipeline.output('source')?.rendition.last
        assert.ok(await pipeline.publish.until(playable, { timeoutMs: 60_000, signal: t.signal }), 'nothing to play')
      } finally {
        clearInterval(timer)
      }
    },
  }
}

test('an encoder that cannot be played is refused, and one that can is accepted at once with the same key', async (t) => {
  const { publish, play } = await streamOf(t)
  const badAac = Buffer.from('1690', 'hex') // AAC-LC, frequency index 13, which is reserved
  const refused: MediaMessage[][] = [[audioConfig(badAac)], [announced, videoConfig(Buffer.from('01', 'hex'))]]
  for (const messages of refused) {
    const publisher = await publish()
    const closed = once(publisher, 'close')
    for (const message of messages) publisher.write(message)
    const [error] = await closed
    assert.ok(error instanceof RtmpRefusedError)
    assert.equal(error.code, publishRejected)
  }
  const clean = await publish()
  clean.write(announced)
  clean.write(audioConfig())
  clean.write(videoConfig())
  await play(clean)
})

test('an encoder with its parameter sets in the samples is played', async (t) => {
  const { pipeline, publish, play } = await streamOf(t)
  const publisher = await publish()
  publisher.write(announced)
  publisher.write(audioConfig())
  publisher.write(videoConfig(Buffer.from('0142c01fffe000', 'hex'))) // a record without any
  const sets = '000000176742c01fda014016ec0440000003004000000f03c60ca80000000468ce0fc8'
  await play(publisher, Buffer.from(`${sets}000000026588`, 'hex'))
  assert.equal(pipeline.tracks.video?.codec, 'avc1.42c01f')
})

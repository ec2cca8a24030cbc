import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { boxesOf, findBox } from './testing/mp4-boxes.ts'
import { attributes } from './testing/parse-playlist.ts'
import { pushWithFfmpeg, startStream, type PushOptions } from './testing/stream-fixture.ts'

const run = promisify(execFile)
const rung = { height: 144, bitrateBps: 200_000 }

/** What a source of this shape is served as: declared sizes, what ffprobe sees, the boxes' sizes, the thumbnail's. */
async function served(t: TestContext, push: Partial<PushOptions>) {
  const stream = await startStream({ ladder: [rung], thumbnailSeconds: 1 })
  t.after(() => stream.close())
  const encoder = pushWithFfmpeg({ url: stream.rtmpUrl, seconds: 60, gop: 30, audio: false, ...push })
  t.after(() => encoder.kill('SIGKILL'))
  const until = async (path: string) => {
    for (;;) {
      const response = await fetch(stream.baseUrl + path, { signal: AbortSignal.timeout(30_000) })
      if (response.status === 200) return Buffer.from(await response.arrayBuffer())
      await wait(100, undefined, { signal: t.signal })
    }
  }
  await until('/144p/media.m3u8')
  const index = String(await until('/index.m3u8'))
  const declared = [...index.matchAll(/#EXT-X-STREAM-INF:(.*)\n/g)].map(
    ([, list = '']) => attributes(list)['RESOLUTION'],
  )
  await until('/thumbnail.jpg')
  const probe = async (path: string, entries: string) => {
    const url = stream.baseUrl + path
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      `stream=${entries}`,
      '-of',
      'csv=p=0',
      url,
    ])
    return stdout.trim().replace(/,$/, '').split('\n')[0]
  }
  const name = /URI="(init-[^"]+)"/.exec(String(await until('/source/media.m3u8')))?.[1]
  const init = await until(`/source/${name}`)
  const entries = 'width,height,sample_aspect_ratio'
  const rendition = {
    source: await probe('/source/media.m3u8', entries),
    rung: await probe('/144p/media.m3u8', entries),
    thumbnail: await probe('/thumbnail.jpg', 'width,height'),
  }
  return { declared, ...rendition, ...boxSizes(init) }
}

/** What tkhd and pasp of an init segment say. */
function boxSizes(init: Buffer) {
  const trak = findBox(findBox(init, 'moov').payload, 'trak').payload
  const tkhd = findBox(trak, 'tkhd').payload
  const stbl = ['mdia', 'minf', 'stbl', 'stsd'].reduce((bytes, type) => findBox(bytes, type).payload, trak)
  const pasp = boxesOf(findBox(stbl.subarray(8), 'avc1').payload.subarray(78)).find(
    ({ type }) => type === 'pasp',
  )?.payload
  return {
    tkhd: `${tkhd.readUInt32BE(76) / 65_536}x${tkhd.readUInt32BE(80) / 65_536}`,
    pasp: pasp && `${pasp.readUInt32BE(0)}:${pasp.readUInt32BE(4)}`,
  }
}

test('pixels that are not square: everything says the size to show, and rungs have square ones', async (t) => {
  assert.deepEqual(await served(t, { size: '720x576', filter: ',setsar=16/11' }), {
    declared: ['1047x576', '262x144'],
    source: '720,576,16:11',
    rung: '262,144,1:1',
    thumbnail: '640,352',
    tkhd: '1047x576',
    pasp: '16:11',
  })
})

test('an upright phone has its rungs by the short side', async (t) => {
  assert.deepEqual(await served(t, { size: '360x640' }), {
    declared: ['360x640', '144x256'],
    source: '360,640,1:1',
    rung: '144,256,1:1',
    thumbnail: '360,640',
    tkhd: '360x640',
    pasp: undefined,
  })
})

test('an interlaced source has rungs of whole pictures', async (t) => {
  const seen = await served(t, {
    size: '720x576',
    rate: 25,
    filter: ',setsar=12/11,interlace',
    extra: ['-flags', '+ildct+ilme', '-x264-params', 'tff=1'],
  })
  assert.equal(seen.rung, '196,144,1:1')
  assert.deepEqual(seen.declared, ['785x576', '196x144'])
})

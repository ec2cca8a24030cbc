import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { readVideoTag } from '../rtmp/flv-tag.ts'
import { FlvPipeReader, flvVideoHeader, flvVideoTag } from './transcode/flv-pipe.ts'
import { HeldPictures } from './remux/held-picture.ts'

const run = promisify(execFile)
const [width, height] = [176, 144]

/** Twenty pictures of a moving test pattern: the sequence header, then each picture's data with its composition offset. */
async function encoded(options: string) {
  const source = `-v error -f lavfi -i testsrc2=size=${width}x${height}:rate=25:duration=0.8`
  const { stdout } = await run('ffmpeg', [...source.split(' '), ...options.split(' '), '-f', 'flv', 'pipe:1'], {
    encoding: 'buffer',
  })
  const tags = new FlvPipeReader().push(stdout).filter(({ type }) => type === 'video')
  let record: Buffer = Buffer.alloc(0)
  const pictures = tags.flatMap(({ body }) => {
    const { role, payloadAt, compositionTimeMs } = readVideoTag(body)
    if (role === 'header') record = body.subarray(payloadAt)
    return role === 'key' || role === 'frame'
      ? [{ keyFrame: role === 'key', compositionTimeMs, data: body.subarray(payloadAt) }]
      : []
  })
  return { record, pictures }
}

/** What ffmpeg shows of pictures given to it one after the other, and what it says. */
async function decoded(record: Buffer, pictures: { keyFrame: boolean; compositionTimeMs: number; data: Buffer }[]) {
  const child = spawn(
    'ffmpeg',
    '-v warning -f flv -i pipe:0 -fps_mode passthrough -enc_time_base 1/1000 -f rawvideo -pix_fmt yuv420p pipe:1'.split(
      ' ',
    ),
  )
  const said = buffer(child.stderr)
  const shown = buffer(child.stdout)
  child.stdin.write(flvVideoHeader)
  child.stdin.write(
    flvVideoTag({ packet: 'config', keyFrame: true, timestampMs: 0, compositionTimeMs: 0, data: record }),
  )
  for (const [index, picture] of pictures.entries())
    child.stdin.write(flvVideoTag({ packet: 'frame', timestampMs: 40 * index, ...picture }))
  child.stdin.end()
  const bytes = await shown
  const size = (width * height * 3) / 2
  const frames = Array.from({ length: bytes.length / size }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
  return { frames, said: String(await said) }
}

const encoders = {
  'CAVLC, order counts of type 2': '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 100',
  'CABAC, weighted pictures, two slices': '-c:v libx264 -preset fast -bf 0 -slices 2 -pix_fmt yuv420p -g 100',
  'intra refresh': '-c:v libx264 -preset veryfast -bf 0 -pix_fmt yuv420p -x264-params keyint=infinite:intra-refresh=1',
  'one reference, constrained baseline': '-c:v libx264 -profile:v baseline -refs 1 -pix_fmt yuv420p -g 100',
}

for (const [name, options] of Object.entries(encoders)) {
  test(
    `a held picture is the last one again, and nothing after it changes (${name})`,
    { timeout: 300_000 },
    async () => {
      const { record, pictures } = await encoded(options)
      const held = new HeldPictures({ record })
      const mixed: typeof pictures = []
      for (const [index, picture] of pictures.entries()) {
        held.saw(picture.data)
        mixed.push(picture)
        for (let times = index === 0 || index === 9 ? 3 : index === 15 ? 1 : 0; times > 0; times -= 1) {
          const data = held.next()
          assert.ok(data !== undefined && data.length < 60)
          mixed.push({ keyFrame: false, compositionTimeMs: picture.compositionTimeMs, data })
        }
      }
      const plain = await decoded(record, pictures)
      const { frames, said } = await decoded(record, mixed)
      assert.equal(said, '')
      const expected = plain.frames.flatMap((frame, index) =>
        Array.from({ length: 1 + (index === 0 || index === 9 ? 3 : index === 15 ? 1 : 0) }, () => frame),
      )
      assert.equal(frames.length, expected.length)
      for (const [index, frame] of frames.entries())
        assert.ok(frame.equals(expected[index] ?? Buffer.alloc(0)), `${index}`)
    },
  )
}

test(
  'with B pictures, what comes after held ones is decoded as if they were not there',
  { timeout: 300_000 },
  async () => {
    const { record, pictures } = await encoded('-c:v libx264 -preset medium -bf 3 -pix_fmt yuv420p -g 100')
    const held = new HeldPictures({ record })
    const mixed: typeof pictures = []
    let latestMs = 0
    for (const [index, picture] of pictures.entries()) {
      held.saw(picture.data)
      latestMs = Math.max(latestMs, 40 * mixed.length + picture.compositionTimeMs)
      mixed.push(picture)
      const data = held.next()
      const compositionTimeMs = latestMs + 20 - 40 * mixed.length // shown after all that came
      // between two mini-GOPs, where everything that is shown before has come
      const isComplete = 40 * index + 80 === latestMs
      if (index > 8 && isComplete && mixed.length === index + 1 && data !== undefined)
        mixed.push({ keyFrame: false, compositionTimeMs, data })
    }
    const plain = await decoded(record, pictures)
    const { frames, said } = await decoded(record, mixed)
    assert.equal(said, '')
    assert.equal(frames.length, plain.frames.length + 1)
    const shown = new Set(frames.map((frame) => frame.toString('base64')))
    for (const frame of plain.frames) assert.ok(shown.has(frame.toString('base64')))
  },
)

test('where no picture was seen, or pictures are of fields, there is none to hold', { timeout: 300_000 }, async () => {
  const { record, pictures } = await encoded('-c:v libx264 -preset fast -flags +ilme+ildct -x264-params tff=1 -g 100')
  const held = new HeldPictures({ record })
  assert.equal(held.next(), undefined)
  for (const { data } of pictures) held.saw(data)
  assert.equal(held.next(), undefined)
  assert.equal(new HeldPictures({ record: Buffer.from([1]) }).next(), undefined)
})

/** Other inputs of the kinds that cases.test.ts has: whatever an encoder does, what came is served, whole and in time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFlvTag } from '../rtmp/flv-tag.ts'
import type { MediaMessage } from '../rtmp/media-message.ts'
import { joinByLength, nalType, nalTypes, splitByLength } from '../rtmp/nal-units.ts'
import { avcRecordOf, readAvcRecord, type ParameterSets } from './remux/avc-record.ts'
import { makeClip } from './testing/clip.ts'
import { feedPipeline, lipsApartMs, longestHole, neverServed, payloads, silentSeconds } from './testing/fed-pipeline.ts'

const clips = new Map<string, Promise<MediaMessage[]>>()
const clip = (line: string) => {
  const known = clips.get(line) ?? makeClip(line)
  clips.set(line, known)
  return known
}
const pictures = (rate: number | string = 30, size = '320x180') => `-f lavfi -i testsrc2=size=${size}:rate=${rate}`
/** Noise: every unit of sound is another one. */
const noise = (seed = 7) => `-f lavfi -i anoisesrc=r=48000:a=0.05:seed=${seed}`
const x264 = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -b:v 300k -sc_threshold 0'
const bPictures = '-c:v libx264 -preset veryfast -bf 3 -b_strategy 0 -pix_fmt yuv420p -b:v 300k'
const aac = (rate = 48_000, channels = 2) => `-c:a aac -ar ${rate} -ac ${channels}`
const both = (options: { rate?: number | string; gop?: number; seconds?: number; size?: string; seed?: number } = {}) =>
  clip(
    `${pictures(options.rate, options.size)} ${noise(options.seed)} ${x264} -g ${options.gop ?? 60} ${aac()} -t ${options.seconds ?? 8}`,
  )

const isHead = (message: MediaMessage) => message.type === 'metadata' || readFlvTag(message).role === 'header'
const isPicture = (message: MediaMessage) => message.type === 'video' && !isHead(message)
const isSound = (message: MediaMessage) => message.type === 'audio' && !isHead(message)
const moved = (messages: readonly MediaMessage[], byMs: number | ((message: MediaMessage) => number)) =>
  messages.map((message) => ({
    ...message,
    timestampMs: (message.timestampMs + (typeof byMs === 'number' ? byMs : byMs(message))) >>> 0,
  }))
const inOrder = (messages: readonly MediaMessage[]) => messages.toSorted((a, b) => a.timestampMs - b.timestampMs)
const between = ({ timestampMs }: MediaMessage, fromMs: number, toMs: number) =>
  timestampMs >= fromMs && timestampMs < toMs
const withNals = (message: MediaMessage, change: (nals: Buffer[]) => Buffer[]): MediaMessage => {
  const nals = change(splitByLength(message.body.subarray(5), 4) ?? [])
  return { ...message, body: Buffer.concat([message.body.subarray(0, 5), joinByLength(nals, 4) ?? Buffer.alloc(0)]) }
}
const eachPicture = (messages: readonly MediaMessage[], change: (nals: Buffer[]) => Buffer[]) =>
  messages.map((message) => (isPicture(message) ? withNals(message, change) : message))
/** The clip, its parameter sets, and where its key frames are. */
async function taken() {
  const messages = await both({ gop: 30 })
  const header = messages.find((message) => message.type === 'video' && isHead(message))
  const sets = header && readAvcRecord(header.body.subarray(5))
  assert.ok(header && sets)
  const atKeys = (give: (key: MediaMessage, index: number) => MediaMessage[]) => {
    let keys = 0
    return messages.flatMap((message) => (readFlvTag(message).role === 'key' ? give(message, keys++) : [message]))
  }
  return { messages, header, sets, atKeys }
}
const sampleOf = (nals: readonly Buffer[], { timestampMs }: MediaMessage): MediaMessage => ({
  type: 'video',
  timestampMs,
  body: Buffer.concat([Buffer.from('1701000000', 'hex'), joinByLength(nals, 4) ?? Buffer.alloc(0)]),
})

interface Odd {
  messages: MediaMessage[]
  sentAtMs?: number[] // unless it is what they are stamped
  arrivesAt?: (ms: number) => number
  /** What may be lost of it: what lies beyond the last picture, or before the first key frame. */
  lost?: { pictures?: number; units?: number }
  silence?: number // seconds, at most
  discontinuities?: number
  seconds?: number // of the playlist, unless it is as long as it took
  apartMs?: number // of lips
}

const rate = async (perSecond: number | string, gop: number, slack: Partial<Odd> = {}): Promise<Odd> => ({
  messages: await both({ rate: perSecond, gop }),
  ...slack,
})
const sound = async (codec: string): Promise<Odd> => ({
  messages: await clip(`${pictures()} ${noise()} ${x264} -g 60 ${codec} -t 8`),
  apartMs: 80,
})
const stalled = async (stallMs: number, gop = 60): Promise<Odd> => ({
  messages: await both({ gop }),
  arrivesAt: (ms) => (ms > 4100 && ms < 4100 + stallMs ? 4100 + stallMs : ms),
  silence: stallMs / 1000 + 0.3,
  seconds: 8 + stallMs / 1000,
})
const soundFrom = async (ms: number): Promise<Odd> => ({
  messages: (await both()).filter((message) => !isSound(message) || message.timestampMs >= ms),
  silence: ms / 1000 + 0.1,
})
const picturesLater = async (ms: number): Promise<Odd> => {
  const messages = await both()
  const pictures = moved(messages.filter(isPicture), ms)
  return {
    messages: [...messages.filter(isHead), ...inOrder([...messages.filter(isSound), ...pictures])],
    lost: { units: Math.ceil((ms + 300) / 21) },
    silence: ms / 1000 + 0.3,
    seconds: 8,
  }
}
const jumped = async (byMs: number, slack: Partial<Odd> = {}): Promise<Odd> => {
  const messages = await both()
  const sentAtMs = messages.map(({ timestampMs }) => timestampMs)
  return { messages: moved(messages, (message) => (message.timestampMs < 4000 ? 0 : byMs)), sentAtMs, ...slack }
}

const odd: Readonly<Record<string, () => Promise<Odd>>> = {
  'film, 23.976 pictures a second': () => rate('24000/1001', 48),
  '59.94 pictures a second': () => rate('60000/1001', 120),
  '120 pictures a second': () => rate(120, 240),
  '15 pictures a second': () => rate(15, 30),
  '7 pictures a second': () => rate(7, 14, { lost: { units: 8 } }),
  'a screen share of 5 pictures a second': () => rate(5, 10, { lost: { units: 12 } }),
  'two pictures a second': () => rate(2, 4, { lost: { units: 26 }, silence: 0.6, apartMs: 90 }),
  'pictures when something moves': async () => ({
    messages: await clip(
      `${pictures(60)} ${noise()} -vf select='gt(random(1),0.55)' -fps_mode vfr ${x264} -g 60 ${aac()} -t 8`,
    ),
  }),
  'a rate that falls to a sixth and comes back': async () => ({
    messages: await clip(
      `${pictures()} ${noise()} -vf select='lt(t,3)+gt(t,6)+not(mod(n,6))' -fps_mode vfr ${x264} -g 60 ${aac()} -t 8`,
    ),
    apartMs: 150, // while the slower rate is new
  }),
  'sound of 8 kHz': () => sound(aac(8000, 1)),
  'sound of 22.05 kHz': () => sound(aac(22_050)),
  'sound of six channels': () => sound(`${aac(48_000, 6)} -b:a 256k`),
  'sound of 96 kHz': () => sound(aac(96_000)),
  'sound 0.7 s after the picture, announced': () => soundFrom(700),
  'sound 3 s after the picture, announced': () => soundFrom(3000),
  'a header of sound, and sound 6 s later': () => soundFrom(6000),
  'pictures 0.7 s after the sound': () => picturesLater(700),
  'pictures 4.9 s after the sound': () => picturesLater(4900),
  'timestamps that pass 2^31': async () => ({ messages: moved(await both(), 2 ** 31 - 4000) }),
  'timestamps that pass 2^32': async () => ({ messages: moved(await both(), 2 ** 32 - 4000) }),
  'a clock that leaps an hour ahead': () => jumped(3_600_000),
  'a clock that leaps half of all there is': () => jumped(2 ** 31 - 5),
  'a clock that is set back by 0.8 s': () => jumped(-800, { silence: 1, apartMs: 1000 }),
  'a clock that is set back by 3 s': () => jumped(-3000, { apartMs: 1e9 }), // the same stamps twice: nothing to compare
  'pictures stamped up to 10 ms late': async () => {
    let index = 0
    return { messages: moved(await both(), (message) => (isPicture(message) ? (index++ * 7919) % 11 : 0)) }
  },
  'four units of sound with one timestamp': async () => {
    let [index, stamp] = [0, 0]
    const messages = (await both()).map((message) => {
      if (!isSound(message)) return message
      if (index++ % 4 === 0) stamp = message.timestampMs
      return { ...message, timestampMs: stamp }
    })
    return { messages, apartMs: 110 }
  },
  'sound stamped 0.4 s ahead of its pictures': async () => ({
    messages: moved(await both(), (message) => (isSound(message) ? 400 : 0)),
    lost: { units: 26 },
    silence: 0.5,
  }),
  'sound that is sent a second after its pictures': async () => {
    const messages = await both()
    const when = (message: MediaMessage) => message.timestampMs + (isSound(message) ? 1000 : 0)
    const media = messages.filter((message) => !isHead(message)).toSorted((a, b) => when(a) - when(b))
    return { messages: [...messages.filter(isHead), ...media], lost: { units: 56 } } // the last second's
  },
  'B pictures': async () => ({ messages: await clip(`${pictures()} ${noise()} ${bPictures} -g 60 ${aac()} -t 8`) }),
  'B pictures, and a phone in the background': async () => {
    const messages = await clip(`${pictures()} ${noise()} ${bPictures} -g 60 ${aac()} -t 10`)
    return { messages: messages.filter((message) => !isPicture(message) || !between(message, 4000, 7000)) }
  },
  'offsets of two seconds from decoding to showing': async () => ({
    messages: (await both()).map((message) => {
      const body = Buffer.from(message.body)
      if (isPicture(message)) body.writeIntBE(2000, 2, 3)
      return { ...message, body }
    }),
    apartMs: 80,
  }),
  'an uplink that stops for 0.3 s': () => stalled(300),
  'an uplink that stops for 1 s': () => stalled(1000),
  'an uplink that stops for 3.5 s, key frames far apart': () => stalled(3500, 250),
  'an uplink that carries 90 %': async () => ({
    messages: await both(),
    arrivesAt: (ms) => ms * 1.1,
    silence: 2,
    seconds: 8.5,
  }),
  'bursts of a second': async () => ({
    messages: await both(),
    arrivesAt: (ms) => Math.ceil(ms / 1000) * 1000,
    silence: 2.5,
    seconds: 8.5,
  }),
  'another size with a key frame': async () => {
    const other = await both({ size: '640x360', seconds: 4, seed: 9 })
    return { messages: [...(await both({ seconds: 4 })), ...moved(other, 4000)], discontinuities: 1 }
  },
  'parameter sets with each key frame, and no header': async () => {
    const { sets, atKeys } = await taken()
    const messages = atKeys((key) => [withNals(key, (nals) => [...sets.sequence, ...sets.picture, ...nals])])
    return {
      messages: messages.filter((message) => message.type !== 'video' || !isHead(message)),
      lost: { pictures: 8 },
    }
  },
  'parameter sets as a sample of their own before each key frame': async () => {
    const { sets, atKeys } = await taken()
    const messages = atKeys((key) => [sampleOf([...sets.sequence, ...sets.picture], key), key])
    return {
      messages: messages.filter((message) => message.type !== 'video' || !isHead(message)),
      lost: { pictures: 8 },
    }
  },
  'a header before each key frame, every other with a set twice': async () => {
    const { header, sets, atKeys } = await taken()
    const twice: ParameterSets = { ...sets, picture: [...sets.picture, ...sets.picture] }
    const other = Buffer.concat([header.body.subarray(0, 5), avcRecordOf(twice) ?? Buffer.alloc(0)])
    const headerAt = ({ timestampMs }: MediaMessage, body: Buffer): MediaMessage => ({ ...header, timestampMs, body })
    return { messages: atKeys((key, index) => [headerAt(key, index % 2 === 0 ? other : header.body), key]) }
  },
  'delimiters, filler and ends of sequence': async () => ({
    messages: eachPicture(await both(), (nals) => [
      Buffer.from('09f0', 'hex'),
      ...nals,
      Buffer.concat([Buffer.from([12]), Buffer.alloc(500, 255), Buffer.from([128])]),
      ...(nals.some((nal) => nalType(nal) === nalTypes.idr) ? [] : [Buffer.from([10])]),
    ]),
  }),
  'samples of SEI alone, and empty ones': async () => {
    const sei = Buffer.concat([Buffer.from('2701000000', 'hex'), Buffer.from('000000050605010a80', 'hex')])
    const messages = (await both()).flatMap((message): MediaMessage[] =>
      isPicture(message)
        ? [{ ...message, body: sei }, { ...message, body: Buffer.from('2701000000', 'hex') }, message]
        : isSound(message)
          ? [{ ...message, body: Buffer.from('af01', 'hex') }, message]
          : [message],
    )
    return { messages, lost: { pictures: 241 } } // the SEI
  },
  'key frames that nothing calls so': async () => ({
    messages: (await both()).map((message) =>
      readFlvTag(message).role === 'key'
        ? { ...message, body: Buffer.concat([Buffer.from([0x27]), message.body.subarray(1)]) }
        : message,
    ),
  }),
  'a sequence end in the middle': async () => {
    const messages = await both()
    const end: MediaMessage = { type: 'video', timestampMs: 4000, body: Buffer.from('1702000000', 'hex') }
    return { messages: inOrder([...messages, end]) }
  },
  'nothing but key frames': () => rate(30, 1),
  'a key frame every 2.5 s': () => rate(30, 75),
  'odd sides': async () => ({ messages: await both({ size: '322x182' }) }),
  'open GOPs': async () => ({
    messages: await clip(`${pictures()} ${noise()} ${bPictures} -g 60 -x264-params open-gop=1 ${aac()} -t 8`),
  }),
  'fields, and an app in the background: the key frame is repeated, and all begins anew': async () => {
    const fields = '-flags +ildct+ilme -x264-params tff=1'
    const messages = await clip(`${pictures(25, '320x192')} ${noise()} ${x264} ${fields} -g 50 ${aac()} -t 10`)
    return {
      messages: messages.filter((message) => !isPicture(message) || !between(message, 4000, 6000)),
      discontinuities: 1,
      lost: { units: 110 },
      silence: 2.6,
    }
  },
}

for (const [name, make] of Object.entries(odd)) {
  test(name, { timeout: 300_000 }, async (t) => {
    const { messages, sentAtMs, arrivesAt, lost, silence, discontinuities, seconds, apartMs } = await make()
    for (const latency of ['Low', 'Ultra'] as const) {
      await t.test(latency, async (t) => {
        const { send, served } = await feedPipeline(t, latency)
        const firstMs = messages[0]?.timestampMs ?? 0
        const startedMs = Date.now()
        let latestMs = 0
        for (const [index, message] of messages.entries()) {
          latestMs = Math.max(latestMs, sentAtMs?.[index] ?? (message.timestampMs - firstMs) | 0)
          const dueMs = (arrivesAt ?? ((ms: number) => ms))(latestMs) - (Date.now() - startedMs)
          send([message], () => Math.max(0, dueMs))
        }
        const tookSeconds = (Date.now() - startedMs) / 1000
        const result = await served()
        assert.deepEqual(result.violations, [])
        assert.deepEqual(
          [result.discontinuities, result.gaps, result.partsWithout],
          [discontinuities ?? 0, 0, { picture: 0, sound: 0 }],
        )
        const isOneRun = (discontinuities ?? 0) === 0
        if (isOneRun) assert.ok(longestHole(result.video, 90_000) <= 0.001, 'pictures follow one another')
        if (isOneRun) assert.ok(longestHole(result.audio, result.sampleRate) <= 0.001, 'so does the sound')
        const media = result.video.reduce((sum, { duration }) => sum + duration, 0) / 90_000
        assert.ok(Math.abs(media - result.seconds) < 0.01, `${media} s of pictures in ${result.seconds} s listed`)
        const lostPictures = neverServed(payloads(messages, 'video'), result.video)
        assert.ok(lostPictures <= (lost?.pictures ?? 0), `${lostPictures} pictures lost`)
        const lostUnits = neverServed(payloads(messages, 'audio'), result.audio)
        assert.ok(lostUnits <= (lost?.units ?? 6), `${lostUnits} units of sound lost`)
        assert.ok(silentSeconds(result.audio) <= (silence ?? 0.3), `${silentSeconds(result.audio)} s silent`)
        const expected = seconds ?? tookSeconds
        assert.ok(Math.abs(result.seconds - expected) < 0.8, `${result.seconds} s listed, not ${expected}`)
        const apart = lipsApartMs(messages, result)
        assert.ok(apart <= (apartMs ?? 60), `${apart} ms between lips and sound`)
        const shown = new Set(result.video.map(({ time, compositionOffset }) => time + compositionOffset))
        assert.equal(shown.size, result.video.length, 'no two pictures are shown at once')
      })
    }
  })
}

for (const [format, what] of [
  ['yuv422p', '4:2:2 colours'],
  ['yuv444p', '4:4:4 colours'],
  ['yuv420p10le', '10 bits a sample'],
] as const) {
  test(`H.264 with ${what} is refused by name: no browser plays it`, { timeout: 300_000 }, async (t) => {
    const { pipeline, send } = await feedPipeline(t)
    send(await clip(`${pictures()} ${x264.replace('yuv420p', format)} -t 1`))
    assert.equal(pipeline.unsupportedCodec, `H.264 with ${what}`)
  })
}

for (const latency of ['Low', 'Ultra'] as const) {
  test(`stalls in a row: what they cost is bounded, and nothing is lost that viewers could have seen (${latency})`, async (t) => {
    const messages = await both({ gop: 250, seconds: 40 })
    const { send, served } = await feedPipeline(t, latency)
    send(messages, (ms) => (ms > 4000 && ms % 4000 < 1200 ? ms - (ms % 4000) + 1200 : ms))
    const result = await served()
    assert.deepEqual([result.discontinuities, result.gaps], [0, 0])
    assert.equal(neverServed(payloads(messages, 'video'), result.video), 0)
    assert.ok(result.seconds < 40 + 9 * 1.2, `${result.seconds}`)
  })

  test(`an uplink that stops for 30 s: half a minute of old pictures is nobody's (${latency})`, async (t) => {
    const messages = await both({ gop: 250, seconds: 40 })
    const { send, served } = await feedPipeline(t, latency)
    send(messages, (ms) => (ms > 4100 && ms < 34_100 ? 34_100 : ms))
    const result = await served()
    assert.deepEqual([result.discontinuities, result.gaps, result.partsWithout], [0, 0, { picture: 0, sound: 0 }])
    assert.ok(result.seconds < 40 + 9.5, `${result.seconds}: eight seconds of it, and what is passed over`)
    assert.equal(neverServed(payloads(messages, 'video'), result.video), 0, 'all are decoded')
    const late = messages.filter((message) => message.timestampMs > 27_000)
    assert.ok(neverServed(payloads(late, 'audio'), result.audio) <= 6, 'the newest eight seconds are heard')
    assert.ok(lipsApartMs(late, result) < 60)
    assert.ok(longestHole(result.audio, 48_000) <= 0.001 && longestHole(result.video, 90_000) <= 0.001)
  })
}

test(
  'whoever joins while pictures are held finds one to begin with, six seconds back at most',
  { timeout: 300_000 },
  async (t) => {
    const messages = (await both({ seconds: 40 })).filter(
      (message) => !isPicture(message) || !between(message, 4000, 35_000),
    )
    const { pipeline, send, served } = await feedPipeline(t)
    send(messages)
    const parts = pipeline.output('source')?.rendition.segments.flatMap(({ parts }) => parts) ?? []
    let [since, longest] = [0, 0]
    for (const { independent, durationSeconds } of parts) {
      since = independent ? 0 : since + durationSeconds
      longest = Math.max(longest, since)
    }
    assert.ok(longest <= 8.1, `${longest} s without a part to begin with`) // a segment's beginning after six seconds
    const result = await served()
    assert.deepEqual([result.discontinuities, result.gaps, result.violations], [0, 0, []])
    assert.ok(longestHole(result.video, 90_000) <= 0.001)
  },
)

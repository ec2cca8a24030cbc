/** What an encoder's messages become, from its timestamps to the parts of a playlist. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fragment } from '../remux/fragment.ts'
import { SourceStream } from '../remux/source-stream.ts'
import { TrackFiller, type FilledSample } from '../remux/track-filler.ts'
import { aacRecords, audioConfig, audioFrame, avcRecords, metadata } from '../testing/flv-messages.ts'
import { videoConfig, videoFrame } from '../testing/flv-messages.ts'
import type { MediaMessage } from '../../rtmp/media-message.ts'
import type { CutEvent, CutPart } from './cut-event.ts'
import type { LatencyProfile } from './part-target.ts'
import { Segmenter } from './segmenter.ts'

interface Encoder {
  latency?: LatencyProfile
  rate?: number // frames per second; 0: sound only
  announcedRate?: number
  gopFrames?: number
  record?: Buffer // AudioSpecificConfig
  /** When the sound of `ms` is sent, on the encoder's clock; undefined: never. */
  sentAt?: (ms: number) => number | undefined
}

/** AAC-LC, 48 kHz, whose channels a program config element tells: no silence is known for it. */
const unknownLayout = Buffer.from('1180', 'hex')
/** A frame of 59.94 fps lasts 1501.5 ticks: a part's end is told a tick away from where the next one then begins. */
const roundedTicks = 1

/** An encoder in front of a segmenter, in real time: what it sends is stamped in whole milliseconds, as RTMP does. */
function broadcast(encoder: Encoder) {
  const { latency = 'Low', rate = 30, announcedRate = rate, gopFrames = 2 * rate } = encoder
  const { record = aacRecords.stereo48, sentAt = (ms) => ms } = encoder
  const source = new SourceStream()
  const segmenter = new Segmenter({
    latency,
    targetDurationSeconds: 2,
    firstNumbers: () => ({ mediaSequenceNumber: 1, discontinuitySequence: 0, lostSegments: 0 }),
  })
  const events: CutEvent[] = []
  let filler: TrackFiller | undefined
  let nowMs = Date.UTC(2026, 0, 1)
  let frames = 0
  let units = 0
  let lastKey = 0
  const push = (message: MediaMessage) => {
    const closeEpoch = () => {
      events.push(...segmenter.closeEpoch(nowMs))
      return segmenter.endTicks
    }
    for (const event of source.push(message, closeEpoch)) {
      if (event.type === 'epoch') {
        events.push(...segmenter.beginEpoch({ ...event, nowMs }))
        filler = new TrackFiller({ tracks: event.tracks, startTicks: segmenter.endTicks, hasSound: event.has.audio })
      } else if (event.type === 'video') take(filler?.video(event.sample, event.frameTicks))
      else if (event.type === 'audio') take(filler?.audio(event.sample))
    }
  }
  const take = (filled: readonly FilledSample[] = []) => {
    for (const event of filled) {
      if (event.type === 'video') events.push(...segmenter.video(event.sample, event.frameTicks, nowMs))
      else events.push(...segmenter.audio(event.sample, nowMs))
    }
  }
  const sendSoundUntil = (atMs: number) => {
    for (; ; units += 1) {
      const ms = (units * 1024) / 48
      const sentMs = sentAt(ms)
      if ((sentMs ?? ms) > atMs) return
      if (sentMs !== undefined) push(audioFrame(Math.round(ms)))
    }
  }
  const connect = () => {
    source.newConnection()
    frames = 0
    units = 0
    lastKey = 0
    push(metadata(rate > 0 ? { framerate: announcedRate, videocodecid: 7, audiocodecid: 10 } : { audiocodecid: 10 }))
    if (rate > 0) push(videoConfig())
    push(audioConfig(record))
  }
  connect()
  return {
    connect,
    targetTicks: () => segmenter.partTargetTicks ?? 0,
    parts: () => events.flatMap((event) => (event.type === 'part' ? [event.part] : [])),
    /** How far the timeline's end lies ahead of the wall clock, in ms. */
    aheadMs() {
      const start = events.findLast((event) => event.type === 'segment-start')
      assert.ok(start)
      const parts = this.parts().filter((part) => part.mediaSequenceNumber === start.mediaSequenceNumber)
      return start.programDateTimeMs + parts.reduce((sum, part) => sum + part.durationTicks / 90, 0) - nowMs
    },
    send(seconds: number) {
      const until = frames + Math.round(seconds * (rate || 50))
      for (; frames < until; frames += 1) {
        const atMs = (frames * 1000) / (rate || 50)
        sendSoundUntil(atMs)
        if (rate > 0) push(videoFrame(Math.round(atMs), { key: (frames - lastKey) % gopFrames === 0 }))
        nowMs += 1000 / (rate || 50)
      }
    },
    /** The encoder goes on with another picture size. */
    changeSize() {
      lastKey = frames
      push(videoConfig(avcRecords.sd25))
    },
    pause(ms: number) {
      nowMs += ms
    },
    drop(slates: number) {
      source.restart()
      for (let index = 0; index < slates; index += 1) {
        nowMs += (segmenter.partTargetTicks ?? 0) / 90
        events.push(...segmenter.slate(nowMs))
      }
    },
    end: () => events.push(...segmenter.end()),
  }
}

/** What every list of parts keeps to (draft-pantos-hls-rfc8216bis 4.4.4.9), and what fMP4 can say of them. */
function checkParts(parts: readonly CutPart[], targetTicks: number, what: string): void {
  for (const [index, part] of parts.entries()) {
    const where = `${what}: part ${part.mediaSequenceNumber}.${part.partIndex} of ${part.durationTicks} ticks`
    const next = parts[index + 1]
    fragment({ sequenceNumber: index, video: part.video, audio: part.audio })
    assert.ok(Number.isInteger(part.startTicks) && Number.isInteger(part.durationTicks), where)
    assert.ok(part.durationTicks > 0 && part.durationTicks <= targetTicks, where)
    const hole = next === undefined ? 0 : next.startTicks - part.startTicks - part.durationTicks
    assert.ok(Math.abs(hole) <= roundedTicks, `${where}, then ${hole} ticks of nothing`)
    const isLast = next === undefined || next.mediaSequenceNumber !== part.mediaSequenceNumber
    assert.ok(isLast || part.independent || part.durationTicks >= 0.85 * targetTicks, where)
  }
}

/** @returns whether each unit of sound was made up; fails if one overlaps another. */
function soundOf(parts: readonly CutPart[]): boolean[] {
  const units = parts.flatMap(({ audio }) => audio)
  for (const [index, { time, duration }] of units.entries()) {
    const next = units[index + 1]
    assert.ok(next === undefined || next.time >= time + duration, `unit ${index} at ${time}`)
  }
  return units.map(({ data }) => data.length > 2)
}

const kinds = (parts: readonly CutPart[]) => parts.map(({ kind }) => kind)

test('parts of every rate keep the rules over a loss of the encoder: whole ticks, no holes, no more than the target', () => {
  for (const rate of [15, 23.976, 25, 29.97, 30, 48, 50, 59.94, 60])
    for (const gopFrames of [Math.round(rate), Math.round(2 * rate), 50, 59, 90])
      for (const latency of ['Low', 'Ultra'] as const)
        for (const seconds of [5, 5.3]) {
          const stream = broadcast({ latency, rate, gopFrames })
          for (let life = 0; life < 2; life += 1) {
            if (life > 0) stream.connect()
            stream.send(seconds)
            stream.drop(20)
          }
          stream.end()
          const parts = stream.parts()
          assert.ok(parts.filter(({ kind }) => kind === 'slate').length >= 38, 'most of the slates repeat a key frame')
          checkParts(parts, stream.targetTicks(), `${rate} fps, GOP ${gopFrames}, ${latency}`)
        }
})

test('no part of a slide show lasts longer than the target, whatever rate it announces', () => {
  for (const rate of [0.5, 1, 2, 3, 5])
    for (const announcedRate of [rate, 1, 30])
      for (const latency of ['Low', 'Ultra'] as const) {
        const stream = broadcast({ latency, rate, announcedRate, gopFrames: 1 })
        stream.send(20)
        stream.end()
        const parts = stream.parts()
        const target = stream.targetTicks()
        assert.ok(parts.length > 5 && target < 60_000, `${target}`)
        for (const part of parts) {
          const pictures = part.video.reduce((sum, { duration }) => sum + duration, 0)
          assert.ok(part.durationTicks <= target && pictures <= part.durationTicks, `${rate} as ${announcedRate} fps`)
        }
      }
})

test('a change of the picture size is no absence: no slate takes its place, and the timeline stays on the wall clock', () => {
  for (const seconds of [0.3, 2, 2.2, 2.4, 2.5]) {
    const stream = broadcast({})
    stream.send(seconds)
    stream.changeSize()
    stream.send(4)
    const slates = stream.parts().filter(({ kind }) => kind === 'slate')
    // Between two parts of one segment the one that was hinted at has to come: a unit of sound.
    assert.deepEqual(
      slates.map(({ durationTicks }) => durationTicks),
      seconds === 2.5 ? [1920] : [],
    )
    assert.ok(Math.abs(stream.aheadMs()) <= 22, `${stream.aheadMs()} ms ahead after ${seconds} s`)
  }
})

test('an encoder that is back before the first slate is due leaves no hole in time: its last picture lasts until then', () => {
  for (const seconds of [2.2, 2.3, 4.2]) {
    const stream = broadcast({})
    stream.send(seconds)
    stream.pause(150)
    stream.connect()
    stream.send(4)
    const parts = stream.parts()
    assert.ok(parts.every(({ kind }) => kind === 'media'))
    checkParts(parts, stream.targetTicks(), `${seconds} s`)
    assert.ok(Math.abs(stream.aheadMs()) <= 12, `${stream.aheadMs()} ms ahead after ${seconds} s`)
  }
})

test('sound that is declared and does not come is made up: late, or never, or of a microphone that was muted', () => {
  const sources: [string, (ms: number) => number | undefined][] = [
    ['starts late', (ms) => (ms >= 3000 ? ms : undefined)],
    ['never comes', () => undefined],
    ['is muted', (ms) => (ms < 2000 || ms >= 5000 ? ms : undefined)],
  ]
  for (const latency of ['Low', 'Ultra'] as const)
    for (const [what, sentAt] of sources) {
      const stream = broadcast({ latency, sentAt })
      stream.send(10)
      const parts = stream.parts()
      const made = soundOf(parts)
      const settled = parts.filter(
        ({ startTicks }) => startTicks > 90_000 && !(startTicks > 170_000 && startTicks < 235_000),
      )
      assert.ok(
        settled.every(({ audio }) => audio.length > 0),
        `${latency}: a part without sound that ${what}`,
      )
      assert.ok(made.includes(true) && made.at(-1) === (what === 'never comes'), what)
    }
})

test('sound that comes a second after its pictures is left its place, once it comes', () => {
  const stream = broadcast({ sentAt: (ms) => ms + 1000 })
  stream.send(10)
  const made = soundOf(stream.parts())
  assert.ok(made.length > 400 && made.lastIndexOf(true) * 1024 < 48_000 * 1.1, `${made.lastIndexOf(true)}`)
})

test('where no silence can be made, parts without the encoder are gaps, also of sound alone: the playlist goes on', () => {
  for (const rate of [30, 0]) {
    const stream = broadcast({ rate, record: unknownLayout })
    stream.send(2.2)
    const before = stream.parts().length
    stream.drop(6)
    const after = stream.parts().slice(before)
    assert.deepEqual(kinds(after), ['media', 'gap', 'gap', 'gap', 'gap', 'gap'])
    assert.ok(
      after.slice(1).every(({ video, audio, independent }) => video.length + audio.length === 0 && !independent),
    )
    stream.connect()
    stream.send(2)
    stream.end()
    const parts = stream.parts()
    assert.equal(parts.at(-1)?.kind, 'media')
    assert.ok(parts.every((part, index) => index === 0 || part.startTicks > (parts[index - 1]?.startTicks ?? 0)))
  }
})

/** Endless RTMP messages that are nearly right: a seeded generator, so that a failure can be repeated. */

/** A pseudo-random generator (mulberry32). @returns whole numbers from 0 up to below `limit`. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

const text = (value: string) =>
  Buffer.concat([Buffer.from([2, value.length >> 8, value.length & 255]), Buffer.from(value)])
const number = (value: number) => {
  const bytes = Buffer.alloc(9)
  bytes.writeDoubleBE(value, 1)
  return bytes
}
const nothing = Buffer.from([5])
const property = (name: string, value: Buffer) => Buffer.concat([text(name).subarray(1), value])
const object = (...properties: Buffer[]) => Buffer.concat([Buffer.from([3]), ...properties, Buffer.from([0, 0, 9])])

/** What a good encoder says, one message each: after its handshake it connects, creates a stream and publishes "good". */
export const goodEncoder = Object.freeze({
  connect: message(20, Buffer.concat([text('connect'), number(1), object(property('app', text('live')))]), 0),
  createStream: message(20, Buffer.concat([text('createStream'), number(2), nothing]), 0),
  publish: message(20, Buffer.concat([text('publish'), number(3), nothing, text('good'), text('live')]), 1),
})

/** Valid bodies by message type: what encoders say, and what they had better not. */
const seeds: readonly { readonly type: number; readonly body: Buffer }[] = [
  {
    type: 20,
    body: Buffer.concat([
      text('connect'),
      number(1),
      object(property('app', text('live')), property('tcUrl', text('rtmp://x/live'))),
    ]),
  },
  { type: 20, body: Buffer.concat([text('releaseStream'), number(2), nothing, text('good')]) },
  { type: 20, body: Buffer.concat([text('FCPublish'), number(3), nothing, text('good')]) },
  { type: 20, body: Buffer.concat([text('createStream'), number(4), nothing]) },
  { type: 20, body: Buffer.concat([text('publish'), number(5), nothing, text('good'), text('live')]) },
  { type: 20, body: Buffer.concat([text('play'), number(5), nothing, text('good')]) },
  { type: 20, body: Buffer.concat([text('deleteStream'), number(6), nothing, number(1)]) },
  { type: 17, body: Buffer.concat([Buffer.from([0]), text('createStream'), number(4), nothing]) },
  {
    type: 18,
    body: Buffer.concat([
      text('@setDataFrame'),
      text('onMetaData'),
      object(property('width', number(1280)), property('a', object(property('b', nothing)))),
    ]),
  },
  { type: 15, body: Buffer.concat([Buffer.from([0]), text('onMetaData'), object()]) },
  { type: 8, body: Buffer.from('af001210', 'hex') },
  { type: 8, body: Buffer.from('af01aabbccdd', 'hex') },
  { type: 9, body: Buffer.from('17000000000142c01effe1000467', 'hex') },
  { type: 9, body: Buffer.from('170100000000000004656565', 'hex') },
  { type: 9, body: Buffer.from('9068766331aabb', 'hex') },
  { type: 1, body: Buffer.from('00001000', 'hex') },
  { type: 2, body: Buffer.from('00000004', 'hex') },
  { type: 3, body: Buffer.from('00001000', 'hex') },
  { type: 4, body: Buffer.from('000600000001', 'hex') },
  { type: 5, body: Buffer.from('002625a0', 'hex') },
  { type: 6, body: Buffer.from('002625a002', 'hex') },
  { type: 22, body: Buffer.from('0900000400000000000000001701000000', 'hex') },
]

/** One message with its chunk header, changed somewhere; now and then it is only noise. */
export function mutatedMessage(random: (limit: number) => number): Buffer {
  const { type, body } = seeds[random(seeds.length)] ?? { type: 20, body: nothing }
  const payload = random(3) === 0 ? Buffer.from(body) : mutated(body, random)
  const fmt = random(8) === 0 ? random(4) : 0
  const header = Buffer.alloc(12)
  header[0] = (fmt << 6) | (random(16) === 0 ? random(64) : 3 + random(4))
  header.writeUIntBE(random(8) === 0 ? 0xffffff : random(5_000), 1, 3)
  header.writeUIntBE(random(10) === 0 ? random(0x1000000) : payload.length, 4, 3)
  header[7] = random(12) === 0 ? random(256) : type
  header.writeUInt32LE(random(3), 8)
  const size = [12, 8, 4, 1][fmt] ?? 12
  const extended =
    header.readUIntBE(1, 3) === 0xffffff && random(3) > 0 ? Buffer.from([random(256), 0, 0, 1]) : Buffer.alloc(0)
  const message = Buffer.concat([header.subarray(0, size), extended, payload])
  return random(40) === 0 ? mutated(message, random) : message
}

/** Bits flipped, bytes cut out, repeated, or set to what breaks parsers. */
function mutated(bytes: Buffer, random: (limit: number) => number): Buffer {
  let changed = Buffer.from(bytes)
  for (let left = 1 + random(4); left > 0 && changed.length > 0; left--) {
    const at = random(changed.length)
    const to = Math.min(changed.length, at + 1 + random(8))
    const kind = random(6)
    if (kind === 0) changed[at] = (changed[at] ?? 0) ^ (1 << random(8))
    else if (kind === 1) changed[at] = [0, 255, 127, 128, 3, 8, 10][random(7)] ?? 0
    else if (kind === 2) changed = Buffer.concat([changed.subarray(0, at), changed.subarray(to)])
    else if (kind === 3) changed = Buffer.concat([changed.subarray(0, to), changed.subarray(at)])
    else if (kind === 4)
      changed = Buffer.concat([
        changed.subarray(0, at),
        Buffer.alloc(random(200), changed.subarray(at, to)),
        changed.subarray(at),
      ])
    else changed = changed.subarray(0, at)
  }
  return changed
}

function message(type: number, body: Buffer, streamId: number): Buffer {
  const header = Buffer.alloc(12)
  header[0] = 3
  header.writeUIntBE(body.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  return Buffer.concat([header, body])
}

/**
 * A clip whose every picture carries its number, twice: as a bar code in the picture (for a browser to read off the screen)
 * and as a SEI NAL unit in the coded data (for a reader of served parts).
 */
import { spawn } from 'node:child_process'
import type { MediaMessage } from '../../src/rtmp/media-message.ts'
import { FlvPipeReader } from '../../src/stream/transcode/flv-pipe.ts'

/** Bars of the code: the number's bits, most significant first, after one white and one black bar. */
export const barBits = 12

export interface ClipOptions {
  width: number
  height: number
  frameRate: number
  seconds: number
  bitrateBps: number
  gopPictures?: number
}

export interface StampedClip extends ClipOptions {
  headers: MediaMessage[]
  /** Audio and video in the order in which they are sent. `picture` is the number on a video message. */
  messages: { message: MediaMessage; picture: number | undefined }[]
  pictures: number
}

/** Marks our SEI: user_data_unregistered with this uuid (ITU-T H.264 D.1.7). */
const uuid = Buffer.from('6d797461656b31206c6174656e637921', 'hex')

/** Encodes the clip with ffmpeg; key frames every 2 s unless told. */
export async function makeStampedClip(options: ClipOptions): Promise<StampedClip> {
  const { width, height, frameRate, seconds, bitrateBps } = options
  const pictures = frameRate * seconds
  const gop = options.gopPictures ?? 2 * frameRate
  const commandLine =
    `-v error -f rawvideo -pix_fmt gray -s ${width}x${height} -r ${frameRate} -i pipe:0 ` +
    `-f lavfi -i sine=frequency=440:sample_rate=48000:duration=${seconds} ` +
    `-c:v libx264 -preset veryfast -tune zerolatency -profile:v main -pix_fmt yuv420p -g ${gop} -keyint_min ${gop} -sc_threshold 0 ` +
    `-b:v ${bitrateBps} -maxrate ${bitrateBps} -bufsize ${bitrateBps / 2} -c:a aac -ac 2 -b:a 128k -f flv pipe:1`
  const child = spawn('ffmpeg', commandLine.split(' '), { stdio: ['pipe', 'pipe', 'inherit'] })
  const reader = new FlvPipeReader()
  const tags: { type: string; timestampMs: number; body: Buffer }[] = []
  child.stdout.on('data', (chunk: Buffer) => tags.push(...reader.push(chunk)))
  const closed = new Promise((resolve) => child.once('close', resolve))
  for (let picture = 0; picture < pictures; picture += 1) {
    if (!child.stdin.write(drawPicture(options, picture)))
      await new Promise((resolve) => child.stdin.once('drain', resolve))
  }
  child.stdin.end()
  await closed
  return assemble(options, tags, pictures)
}

function assemble(
  options: ClipOptions,
  tags: { type: string; timestampMs: number; body: Buffer }[],
  pictures: number,
): StampedClip {
  const headers: MediaMessage[] = []
  const messages: StampedClip['messages'] = []
  let picture = 0
  for (const { type, timestampMs, body } of tags) {
    if (type === 'script') headers.push({ type: 'metadata', timestampMs: 0, body: Buffer.from(body) })
    else if (body[1] === 0)
      headers.push({ type: type === 'video' ? 'video' : 'audio', timestampMs: 0, body: Buffer.from(body) })
    else if (type === 'video' && body[1] !== 1) continue // the end of the sequence, which a loop has not
    else if (type === 'video') {
      messages.push({ message: { type: 'video', timestampMs, body: Buffer.from(body) }, picture })
      picture += 1
    } else messages.push({ message: { type: 'audio', timestampMs, body: Buffer.from(body) }, picture: undefined })
  }
  return {
    ...options,
    headers,
    messages: messages.toSorted((a, b) => a.message.timestampMs - b.message.timestampMs),
    pictures,
  }
}

/** Puts `serial` in front of a coded picture. */
export function withSerial(message: MediaMessage, serial: number): MediaMessage {
  // Digits, not bytes: a payload without zeros needs no emulation prevention.
  const payload = Buffer.concat([uuid, Buffer.from(serial.toString(10).padStart(10, '0'))])
  const nal = Buffer.concat([Buffer.from([0x06, 5, payload.length]), payload, Buffer.from([0x80])])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(nal.length)
  return { ...message, body: Buffer.concat([message.body.subarray(0, 5), length, nal, message.body.subarray(5)]) }
}

/** The serials of all pictures in a part, in order. */
export function serialsIn(media: Buffer): number[] {
  const serials: number[] = []
  for (let at = media.indexOf(uuid); at !== -1; at = media.indexOf(uuid, at + 1)) {
    serials.push(Number(media.toString('latin1', at + uuid.length, at + uuid.length + 10)))
  }
  return serials
}

/** Gray picture: the code on top, something that moves below. */
function drawPicture({ width, height }: ClipOptions, picture: number): Buffer {
  const pixels = Buffer.alloc(width * height, 0x60)
  const barWidth = Math.floor(width / (barBits + 2))
  const bits = [1, 0, ...Array.from({ length: barBits }, (_, bit) => (picture >> (barBits - 1 - bit)) & 1)]
  for (let y = 0; y < height / 8; y += 1) {
    for (const [bar, bit] of bits.entries())
      pixels.fill(bit === 1 ? 0xe8 : 0x18, y * width + bar * barWidth, y * width + (bar + 1) * barWidth)
  }
  const size = Math.floor(height / 4)
  const left = (picture * 7) % (width - size)
  for (let y = Math.floor(height / 2); y < height / 2 + size; y += 1) {
    for (let x = 0; x < size; x += 1) pixels[y * width + left + x] = (x * y + picture * 3) & 0xff
  }
  return pixels
}

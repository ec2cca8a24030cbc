/** RTMP messages as an encoder would send them, for tests that need no encoder. */
import type { MediaMessage } from '../../rtmp/media-message.ts'

/** AVCDecoderConfigurationRecords that x264 made. */
export const avcRecords = Object.freeze({
  hd30: Buffer.from('0142c01fffe100176742c01fda014016ec0440000003004000000f03c60ca801000468ce0fc8', 'hex'), // 1280x720, 30 fps
  fullHd2997: Buffer.from(
    '01640028ffe1001967640028acd940780227e5c04400000fa40003a9803c60c65801000468ef8fcbfdf8f800',
    'hex',
  ), // 1920x1080 (cropped from 1088), 29.97 fps
  sd25: Buffer.from(
    '0164001effe1001a6764001eacd940d83de6f011000003000100000300320f162d9601000468ef8fcbfdf8f800',
    'hex',
  ), // 854x480 (cropped from 864), 25 fps
})

/** AAC-LC, 48 kHz, stereo; and 44.1 kHz, mono. */
export const aacRecords = Object.freeze({ stereo48: Buffer.from('1190', 'hex'), mono44: Buffer.from('1208', 'hex') })

export function videoConfig(record: Buffer = avcRecords.hd30): MediaMessage {
  return { type: 'video', timestampMs: 0, body: Buffer.concat([Buffer.from('1700000000', 'hex'), record]) }
}

export function audioConfig(record: Buffer = aacRecords.stereo48): MediaMessage {
  return { type: 'audio', timestampMs: 0, body: Buffer.concat([Buffer.from('af00', 'hex'), record]) }
}

export function videoFrame(
  timestampMs: number,
  options: { key?: boolean; compositionMs?: number; data?: Buffer } = {},
): MediaMessage {
  const header = Buffer.alloc(5)
  header[0] = options.key === true ? 0x17 : 0x27
  header[1] = 1
  header.writeIntBE(options.compositionMs ?? 0, 2, 3)
  const data = options.data ?? Buffer.from([0, 0, 0, 2, options.key === true ? 0x65 : 0x41, 0])
  return { type: 'video', timestampMs: timestampMs >>> 0, body: Buffer.concat([header, data]) }
}

export function audioFrame(timestampMs: number): MediaMessage {
  return { type: 'audio', timestampMs: timestampMs >>> 0, body: Buffer.from('af01aabb', 'hex') }
}

/** onMetaData with the given numbers, as AMF0. */
export function metadata(values: Record<string, number>): MediaMessage {
  const name = Buffer.from('\x02\x00\x0aonMetaData\x03', 'latin1')
  const properties = Object.entries(values).map(([key, value]) => {
    const property = Buffer.alloc(2 + key.length + 9)
    property.writeUInt16BE(key.length)
    property.write(key, 2, 'latin1')
    property.writeDoubleBE(value, 3 + key.length)
    return property
  })
  return { type: 'metadata', timestampMs: 0, body: Buffer.concat([name, ...properties, Buffer.from([0, 0, 9])]) }
}

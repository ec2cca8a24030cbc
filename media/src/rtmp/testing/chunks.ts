/** Writes chunks as an encoder may: any format, chunk size and habit. */

export interface ChunkedInput {
  readonly format?: 0 | 1 | 2 | 3
  readonly id?: number // chunk stream
  readonly time?: number // or delta, ms
  readonly type?: number
  readonly body: Buffer
  readonly chunkSize?: number
  /** What type 3 chunks carry of an extended timestamp; absent: nothing. */
  readonly repeated?: number
}

/** One message, cut into its chunks. */
export function chunksOf(input: ChunkedInput): Buffer[] {
  const { format = 0, id = 4, time = 0, type = 9, body, chunkSize = 128, repeated } = input
  const extended = time >= 0xffffff
  const fields = Buffer.alloc([11, 7, 3, 0][format] ?? 0)
  if (format <= 2) fields.writeUIntBE(extended ? 0xffffff : time, 0, 3)
  if (format <= 1) {
    fields.writeUIntBE(body.length, 3, 3)
    fields[6] = type
  }
  if (format === 0) fields.writeUInt32LE(1, 7)
  const ofType3 = repeated === undefined ? Buffer.alloc(0) : uint32(repeated)
  const first = format === 3 ? ofType3 : extended ? uint32(time) : Buffer.alloc(0)
  const chunks = [Buffer.concat([basicHeader(format, id), fields, first, body.subarray(0, chunkSize)])]
  for (let at = chunkSize; at < body.length; at += chunkSize) {
    chunks.push(Buffer.concat([basicHeader(3, id), ofType3, body.subarray(at, at + chunkSize)]))
  }
  return chunks
}

function basicHeader(format: number, id: number): Buffer {
  if (id < 64) return Buffer.from([(format << 6) | id])
  if (id < 320) return Buffer.from([format << 6, id - 64])
  return Buffer.from([(format << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

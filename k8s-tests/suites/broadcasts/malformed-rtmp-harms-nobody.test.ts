import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { publish } from '../../framework/broadcaster.ts'
import { waitForCondition } from '../../framework/broadcast-status.ts'
import { createProduct, endBroadcast, openBroadcast, signUp } from '../../framework/people.ts'
import { doors, kubectlJson } from '../../framework/platform-under-test.ts'

const { hostname, port } = new URL(doors.rtmp)

/** Sends bytes to the RTMP door and resolves when the other side closed, or after `quietMs` of silence. */
async function throwAt(bytes: Buffer, quietMs = 3_000): Promise<void> {
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined) // a reset is an answer too
  await once(socket, 'connect')
  socket.setTimeout(quietMs, () => socket.destroy())
  socket.resume()
  socket.write(bytes)
  await once(socket, 'close')
}

const handshake = Buffer.concat([Buffer.from([3]), randomBytes(1536), randomBytes(1536)])
/** How often each ingest container was restarted. Pods may come and go meanwhile: the autoscaler does not wait for tests. */
async function restarts(): Promise<Map<string, number>> {
  const found = (await kubectlJson(['get', 'pods', '-l', 'app.kubernetes.io/component=ingest'])) as {
    items: { metadata: { name: string }; status: { containerStatuses?: { restartCount: number }[] } }[]
  }
  return new Map(
    found.items.map(({ metadata, status }) => [metadata.name, status.containerStatuses?.[0]?.restartCount ?? 0]),
  )
}

test(
  'malformed RTMP ends its own connection only: ingest stays up and a good stream plays on',
  { timeout: 600_000 },
  async (t) => {
    const seller = await signUp('seller')
    const productId = await createProduct(seller, { name: 'lamp', price: 9_900, stock: 5 })
    const broadcast = await openBroadcast(seller, 'malformed', [productId])
    t.after(() => endBroadcast(seller, broadcast.id))
    const encoder = publish(t, seller.streamKey)
    await waitForCondition(broadcast.id, 'Playable', 'True')
    const before = await restarts()
    const chunk = (type: number, payload: Buffer, length = payload.length) => {
      const header = Buffer.alloc(12)
      header[0] = 3
      header.writeUIntBE(length, 4, 3)
      header[7] = type
      return Buffer.concat([handshake, header, payload])
    }
    const malformed: Record<string, Buffer> = {
      'an HTTP request': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      'half a handshake': handshake.subarray(0, 700),
      'random bytes after the handshake': Buffer.concat([handshake, randomBytes(20_000)]),
      'a message announced with 16 MiB': chunk(20, Buffer.alloc(128), 0xff_ff_ff),
      'a command that is no AMF': chunk(20, Buffer.from([0xff, 0xff, 0xff])),
      'a connect without a command object': chunk(
        20,
        Buffer.from([2, 0, 7, ...Buffer.from('connect'), 0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
      ),
      'AMF objects nested 10,000 deep': chunk(
        20,
        Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([3, 0, 1, 97]))).subarray(0, 128),
        40_000,
      ),
      'a publish before any connect': chunk(
        20,
        Buffer.from([2, 0, 7, ...Buffer.from('publish'), 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]),
      ),
    }
    for (const [name, bytes] of Object.entries(malformed)) await t.test(name, () => throwAt(bytes))
    await t.test('all of them at once, ten times', async () => {
      await Promise.all(
        Array.from({ length: 10 }, () => Object.values(malformed))
          .flat()
          .map((bytes) => throwAt(bytes)),
      )
    })
    const after = await restarts()
    for (const [pod, count] of after) assert.equal(count, before.get(pod) ?? 0, `${pod} was restarted`)
    assert.ok(after.size > 0)
    assert.equal(encoder.running(), true, encoder.words())
    await waitForCondition(broadcast.id, 'Publishing', 'True')
  },
)

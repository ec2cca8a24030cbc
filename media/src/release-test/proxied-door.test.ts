import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { readProxyHeader } from '../rtmp/proxy-protocol.ts'
import { openProxiedDoor } from './proxied-door.ts'

for (const source of ['10.1.2.3', '2001:db8::7']) {
  test(`who comes in by the door comes to ingest as ${source}, and both hear each other`, async (t) => {
    const ingest = createServer().listen(0, '127.0.0.1')
    await once(ingest, 'listening')
    const { port } = ingest.address() as AddressInfo
    const door = await openProxiedDoor({ host: '127.0.0.1', port }, source)
    t.after(() => {
      door.close()
      ingest.close()
    })
    const arrived = once(ingest, 'connection', { signal: t.signal }) as Promise<[Socket]>
    const encoder = connect(door.port, '127.0.0.1')
    encoder.write('C0')
    const [connection] = await arrived
    let bytes = Buffer.alloc(0)
    let header
    while (header === undefined || bytes.length < header.bytes + 2) {
      const [more] = (await once(connection, 'data', { signal: t.signal })) as [Buffer]
      bytes = Buffer.concat([bytes, more])
      header ??= readProxyHeader(bytes)
    }
    assert.equal(header.source, source)
    assert.equal(bytes.subarray(header.bytes).toString(), 'C0')
    connection.write('S0')
    const [answer] = (await once(encoder, 'data', { signal: t.signal })) as [Buffer]
    assert.equal(answer.toString(), 'S0')
  })
}

/** Encoders behind a load balancer that speaks the PROXY protocol: their own address is what counts. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { type TestContext, suite, test } from 'node:test'
import { blockListOf } from '@mytaek1/platform/address-blocks.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { listening, type Listening } from './testing/listening.ts'
import { proxyHeaderV2 } from './testing/proxy-header.ts'
import { RawPeer } from './testing/raw-peer.ts'
import { selfSigned } from './testing/self-signed.ts'

const trustedProxies = blockListOf(['127.0.0.0/8'])
const line = (address: string) => Buffer.from(`PROXY TCP4 ${address} 198.51.100.1 56324 1935\r\n`)
const binary = (address: string) => proxyHeaderV2({ source: Buffer.from(address.split('.').map(Number)) })

/** A connection as the load balancer makes it: `header` first, in as many pieces as are given, the first of them at once. */
async function peerBehind(t: TestContext, { server }: Listening, pieces: readonly Buffer[]): Promise<RawPeer> {
  const peer = new RawPeer(server.port)
  t.after(() => peer.socket.destroy())
  const connected = once(peer.socket, 'connect')
  peer.socket.setNoDelay(true)
  for (const piece of pieces) await new Promise((written) => peer.socket.write(piece, written))
  await connected
  return peer
}

async function publish(peer: RawPeer): Promise<void> {
  await peer.shakeHands()
  await peer.connectTo('live')
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
}

/** A load balancer: it says whose a connection is, and passes it on. */
async function loadBalancer(t: TestContext, to: number, header: Buffer): Promise<number> {
  const balancer = createServer((client) => {
    const server = connect(to, '127.0.0.1')
    server.write(header)
    client.pipe(server).pipe(client)
    for (const socket of [client, server]) socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(balancer, 'listening')
  t.after(() => balancer.close())
  const address = balancer.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

suite('the address of the header is the encoder’s', () => {
  const ways: [what: string, pieces: Buffer[], address: string][] = [
    ['version 1', [line('192.0.2.7')], '192.0.2.7'],
    ['version 2', [binary('192.0.2.8')], '192.0.2.8'],
    ['version 1, byte by byte', [...line('192.0.2.9')].map((byte) => Buffer.from([byte])), '192.0.2.9'],
    ['version 2, byte by byte', [...binary('192.0.2.10')].map((byte) => Buffer.from([byte])), '192.0.2.10'],
    ['LOCAL: the load balancer itself', [proxyHeaderV2({ command: 0, family: 0 })], '127.0.0.1'],
  ]
  for (const [what, pieces, address] of ways)
    test(what, async (t) => {
      const server = await listening(t, { trustedProxies })
      await publish(await peerBehind(t, server, pieces))
      assert.deepEqual(
        server.requests.map(({ remoteAddress }) => remoteAddress),
        [address],
      )
    })

  for (const protocol of ['rtmp', 'rtmps'])
    test(`ffmpeg through a load balancer, by ${protocol}`, async (t) => {
      const server = await listening(t, { trustedProxies, ...(protocol === 'rtmps' ? { tls: selfSigned() } : {}) })
      const port = await loadBalancer(t, server.server.port, binary('192.0.2.7'))
      const input = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10', '-t', '1', '-c:v', 'libx264', '-f', 'flv']
      const encoder = spawn('ffmpeg', ['-v', 'error', ...input, `${protocol}://127.0.0.1:${port}/live/good`])
      t.after(() => encoder.kill('SIGKILL'))
      assert.deepEqual(await once(encoder, 'exit'), [0, null])
      await server.until(() => server.ends.length === 1)
      assert.equal(server.requests[0]?.remoteAddress, '192.0.2.7')
      assert.ok(server.messages.length > 5)
    })
})

test('limits count the encoders’ addresses, not the load balancer’s', async (t) => {
  const server = await listening(t, { trustedProxies, limits: { maxSessionsPerAddress: 1 } })
  const one = await peerBehind(t, server, [binary('192.0.2.1')])
  await publish(one)
  const other = await peerBehind(t, server, [line('192.0.2.2')])
  await publish(other)
  assert.equal(server.server.publishers, 2)
  // the first one publishes: another one of its address is one too many
  const third = await peerBehind(t, server, [binary('192.0.2.1')])
  await third.isClosed()
  assert.deepEqual([one.closed, other.closed], [false, false])
})

suite('a trusted proxy has to begin with the header', () => {
  const wrong: [what: string, pieces: Buffer[], reason: RegExp][] = [
    ['RTMP at once', [Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)])], /begins as neither version/],
    ['a header too long', [proxyHeaderV2({ length: 9_000 })], /9016 bytes are more than 2048/],
    ['half a header, and no more', [binary('192.0.2.7').subarray(0, 20)], /no whole header within 300 ms; 20 bytes/],
    ['nothing', [], /no whole header within 300 ms; 0 bytes/],
  ]
  for (const [what, pieces, reason] of wrong)
    test(`${what}: closed, and the log says by which rule`, async (t) => {
      const lines: string[] = []
      const log = createLogger({ service: 'test' }, { write: (text: string) => void lines.push(text) })
      const server = await listening(t, { trustedProxies, log, limits: { proxyHeaderMs: 300 } })
      const peer = await peerBehind(t, server, pieces)
      await peer.isClosed()
      await server.until(() => server.ends.length === 1)
      assert.equal(server.ends[0]?.code, 'proxy_header')
      const said = lines.find((text) => text.includes('rtmp.proxy_header_refused')) ?? ''
      assert.match(said, reason)
      assert.match(said, /"proxy":"127\.0\.0\.1"/)
      assert.equal(server.requests.length, 0)
    })

  test('a health check that connects and leaves is no fault', async (t) => {
    const lines: string[] = []
    const log = createLogger({ service: 'test' }, { write: (text: string) => void lines.push(text) })
    const server = await listening(t, { trustedProxies, log })
    const peer = await peerBehind(t, server, [])
    peer.socket.end()
    await peer.isClosed()
    await publish(await peerBehind(t, server, [line('192.0.2.7')]))
    assert.deepEqual(lines, [])
  })
})

suite('who is not trusted is believed nothing', () => {
  for (const [what, header] of [
    ['version 1', line('192.0.2.7')],
    ['version 2', binary('192.0.2.7')],
  ] as const)
    test(`${what} from elsewhere is no RTMP`, async (t) => {
      for (const others of [blockListOf(['198.51.100.0/24']), undefined]) {
        const server = await listening(t, { trustedProxies: others })
        const peer = await peerBehind(t, server, [header, Buffer.alloc(1536)])
        await peer.isClosed()
        await server.until(() => server.ends.length === 1)
        assert.equal(server.requests.length, 0)
      }
    })

  test('an encoder from elsewhere goes without, and is seen by the address of its connection', async (t) => {
    const server = await listening(t, { trustedProxies: blockListOf(['198.51.100.0/24']) })
    await publish(await peerBehind(t, server, []))
    assert.equal(server.requests[0]?.remoteAddress, '127.0.0.1')
  })
})

test('closing the listener does not wait for headers that are under way', async (t) => {
  const server = await listening(t, { trustedProxies, limits: { proxyHeaderMs: 3_600_000 } })
  const peer = await peerBehind(t, server, [line('192.0.2.7').subarray(0, 9)])
  await server.server.close({ code: 'NetConnection.Connect.Closed', description: 'over' })
  await peer.isClosed()
})

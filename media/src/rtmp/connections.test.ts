import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { listening } from './testing/listening.ts'
import { RawPeer } from './testing/raw-peer.ts'
import { selfSigned } from './testing/self-signed.ts'

const over = { code: 'NetConnection.Connect.Closed', description: 'over' }
const clientHelloStart = Buffer.from('1603010200010001fc0303', 'hex')

async function peerAt(t: TestContext, port: number): Promise<RawPeer> {
  const peer = new RawPeer(port)
  t.after(() => peer.socket.destroy())
  await once(peer.socket, 'connect')
  return peer
}

async function publisherAt(t: TestContext, port: number): Promise<RawPeer> {
  const peer = await peerAt(t, port)
  await peer.shakeHands()
  await peer.connectTo('live')
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  return peer
}

test('whoever says nothing at the RTMPS port, or never finishes TLS, is closed in time', async (t) => {
  const { server } = await listening(t, { tls: selfSigned(), limits: { timeToPublishMs: 300 } })
  const mute = await peerAt(t, server.port)
  const slow = await peerAt(t, server.port)
  slow.socket.write(clientHelloStart)
  await Promise.all([mute.isClosed(), slow.isClosed()])
})

test('closing the RTMPS listener does not wait for handshakes that are under way', async (t) => {
  const { server } = await listening(t, { tls: selfSigned(), limits: { timeToPublishMs: 3_600_000 } })
  const mute = await peerAt(t, server.port)
  const slow = await peerAt(t, server.port)
  slow.socket.write(clientHelloStart)
  await server.close(over)
  await Promise.all([mute.isClosed(), slow.isClosed()])
})

test('when the server is full the oldest that does not publish makes room; publishers stay', async (t) => {
  const { server, ends } = await listening(t, { limits: { maxSessions: 3 } })
  const first = await publisherAt(t, server.port)
  const idle = await peerAt(t, server.port)
  await idle.shakeHands()
  const laterIdle = await peerAt(t, server.port)
  await laterIdle.shakeHands()
  const second = await publisherAt(t, server.port)
  await idle.isClosed()
  assert.equal(ends[0]?.code, 'NetConnection.Connect.Rejected')
  assert.equal(laterIdle.closed, false)
  const third = await publisherAt(t, server.port)
  await laterIdle.isClosed()
  const late = await peerAt(t, server.port)
  await late.isClosed()
  assert.deepEqual(
    [first, second, third].map(({ closed }) => closed),
    [false, false, false],
  )
  assert.equal(server.publishers, 3)
})

test('idle handshakes at the RTMPS port make room for a newcomer, too', async (t) => {
  const { server } = await listening(t, { tls: selfSigned(), limits: { maxSessions: 2 } })
  const mute = await peerAt(t, server.port)
  await peerAt(t, server.port)
  await peerAt(t, server.port)
  await mute.isClosed()
})

test('an address with too many connections loses its own oldest, not those of others', async (t) => {
  const { server } = await listening(t, { limits: { maxSessionsPerAddress: 2 } })
  const other = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  t.after(() => other.destroy())
  await once(other, 'connect')
  const idle = await peerAt(t, server.port)
  const stays = await publisherAt(t, server.port)
  const newest = await publisherAt(t, server.port)
  await idle.isClosed()
  assert.equal(other.closed, false)
  assert.equal(stays.closed || newest.closed, false)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { RtmpEngine } from './engine.ts'
import { readFlvTag } from './flv-tag.ts'
import { defaultRtmpLimits } from './limits.ts'
import type { Authorization } from './publishing.ts'
import { listening } from './testing/listening.ts'
import { RawPeer, rawChunk } from './testing/raw-peer.ts'
import { selfSigned } from './testing/self-signed.ts'

const avcHeader = Buffer.from('17000000000142c01effe1', 'hex')
const aacHeader = Buffer.from('af001210', 'hex')

async function connectedPeer(t: TestContext, port: number): Promise<RawPeer> {
  const peer = new RawPeer(port)
  t.after(() => peer.socket.destroy())
  await peer.shakeHands()
  await peer.connectTo('live')
  return peer
}

/** A command as the engine writes it. */
function command(cmd: string, transId: number, rest: Record<string, unknown>, streamId = 0): Buffer {
  const written: Buffer[] = []
  const listener = { output: (bytes: Buffer) => written.push(bytes), command() {}, media() {}, ping() {} }
  new RtmpEngine(defaultRtmpLimits, listener).sendInvokeMessage(streamId, { cmd, transId, ...rest })
  return Buffer.concat(written)
}

function ffmpeg(t: TestContext, port: number, key: string, seconds: string, options: { protocol?: string } = {}) {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=30', '-f', 'lavfi', '-i', 'sine=frequency=440']
  const codecs = ['-c:v', 'libx264', '-g', '30', '-c:a', 'aac', '-t', seconds]
  const child = spawn('ffmpeg', [
    '-v',
    'error',
    ...input,
    ...codecs,
    '-f',
    'flv',
    `${options.protocol ?? 'rtmp'}://127.0.0.1:${port}/live/${key}`,
  ])
  t.after(() => child.kill('SIGKILL'))
  return child
}

test('ffmpeg publishes: metadata, headers and frames arrive, and its end is an orderly one', async (t) => {
  const { server, messages, requests, ends, until } = await listening(t)
  const [exitCode] = await once(ffmpeg(t, server.port, 'good?a=b', '1'), 'exit')
  await until(() => ends.length === 1)
  assert.equal(exitCode, 0)
  assert.equal(requests[0]?.app, 'live')
  assert.equal(requests[0]?.query, 'a=b')
  assert.equal(ends[0]?.code, 'NetStream.Unpublish.Success')
  assert.equal(messages[0]?.type, 'metadata')
  assert.equal(messages[0]?.body.toString('latin1', 3, 13), 'onMetaData')
  const video = messages.filter(({ type }) => type === 'video')
  assert.equal(video.filter((message) => readFlvTag(message).role === 'header').length, 1)
  assert.equal(video.filter((message) => /key|frame/.test(readFlvTag(message).role)).length, 30)
  assert.ok(messages.filter(({ type }) => type === 'audio').length >= 40)
})

test('ffmpeg with an unknown key is refused and sends no media', async (t) => {
  const { server, messages } = await listening(t)
  const [exitCode] = await once(ffmpeg(t, server.port, 'bad', '5'), 'exit')
  assert.notEqual(exitCode, 0)
  assert.equal(messages.length, 0)
  assert.equal(server.publishers, 0)
})

test('Publish.Start waits for the key check', async (t) => {
  const decided = Promise.withResolvers<undefined>()
  const { server, requests, until } = await listening(t, { authorize: () => decided.promise })
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await until(() => requests.length === 1)
  assert.deepEqual(peer.statuses, [])
  assert.equal(server.publishers, 0)
  decided.resolve(undefined)
  await peer.hearsStatus('NetStream.Publish.Start')
  assert.equal(server.publishers, 1)
})

test('an encoder that waits for no answer: its whole session and its first media in one write', async (t) => {
  for (const handshake of [true, false]) {
    const decided = Promise.withResolvers<undefined>()
    const { server, requests, messages, ends, until } = await listening(t, { authorize: () => decided.promise })
    const peer = new RawPeer(server.port)
    t.after(() => peer.socket.destroy())
    if (!handshake) await peer.shakeHands()
    const key = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(20_000, 1)]) // longer than a command may be
    const said = [
      ...(handshake ? [Buffer.from([3]), Buffer.alloc(2 * 1536)] : []),
      rawChunk(1, Buffer.from([0, 0, 0xff, 0xff]), { cid: 2 }),
      command('connect', 1, { cmdObj: { app: 'live', type: 'nonprivate', tcUrl: 'rtmp://x/live' } }),
      command('releaseStream', 2, { cmdObj: null, streamName: 'good' }),
      command('FCPublish', 3, { cmdObj: null, streamName: 'good' }),
      command('createStream', 4, { cmdObj: null }),
      command('publish', 5, { cmdObj: null, streamName: 'good', type: 'live' }, 1),
      rawChunk(9, avcHeader),
      rawChunk(8, aacHeader),
      rawChunk(9, key),
    ]
    peer.socket.write(Buffer.concat(said))
    await until(() => requests.length === 1)
    assert.deepEqual([messages.length, peer.statuses], [0, []], 'nothing passes before the check')
    decided.resolve(undefined)
    await until(() => messages.length === 3)
    assert.deepEqual(
      messages.map(({ body }) => body),
      [avcHeader, aacHeader, key],
    )
    await peer.hearsStatus('NetStream.Publish.Start')
    assert.deepEqual(
      peer.heard.filter(({ name }) => name === '_result').map(({ transactionId }) => transactionId),
      [1, 2, 3, 4],
    )
    assert.equal(ends.length, 0)
  }
})

test('what is sent before the check is over is bounded', async (t) => {
  const { server, ends, until } = await listening(t, {
    authorize: () => new Promise(() => {}),
    limits: { maxHeldBytes: 10_000 },
  })
  const peer = await connectedPeer(t, server.port)
  const media = rawChunk(9, Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(60_000)]))
  peer.socket.write(
    Buffer.concat([command('publish', 3, { cmdObj: null, streamName: 'good', type: 'live' }, 1), media]),
  )
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'too_much_unasked')
})

test('blanks around the key, and the odd ways to write the application, are the same publisher', async (t) => {
  const { server } = await listening(t)
  for (const [app, name] of [
    ['live', 'good \r\n'],
    ['live/', '%20good%20'],
    ['live', 'good%20?token=a b'],
    ['live', 'live/good'],
    ['live/good', ''],
  ] as const) {
    const peer = new RawPeer(server.port)
    t.after(() => peer.socket.destroy())
    await peer.shakeHands()
    await peer.connectTo(app)
    peer.publish(name)
    await peer.hearsStatus('NetStream.Publish.Start')
  }
})

test('a window of 0, aborts, aggregates and second streams do not end a publisher', async (t) => {
  const { server, messages, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.socket.write(rawChunk(5, Buffer.alloc(4), { cid: 2 }))
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  peer.say('createStream', 6, { cmdObj: null })
  await peer.hears(({ name, transactionId }) => name === '_result' && transactionId === 6)
  peer.say('FCUnpublish', 7, { cmdObj: null, streamName: 'good' })
  await peer.hears(({ name, transactionId }) => name === '_result' && transactionId === 7)
  peer.socket.write(rawChunk(2, Buffer.from([0, 0, 0, 4]), { cid: 2 }))
  peer.socket.write(rawChunk(18, Buffer.from('0200046f6e4649', 'hex'))) // onFI
  const tag = Buffer.from('09000006000000000000001701000000aa00000011', 'hex')
  peer.socket.write(rawChunk(22, tag))
  await until(() => messages.length === 1)
  assert.deepEqual(messages[0]?.body, Buffer.from('1701000000aa', 'hex'))
  assert.equal(ends.length, 0)
})

test('a refused publisher hears the error status only, is closed, and none of its media passes', async (t) => {
  const { server, messages } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.publish('bad')
  peer.socket.write(rawChunk(9, avcHeader))
  await peer.isClosed()
  assert.ok(!peer.statuses.includes('NetStream.Publish.Start'))
  assert.equal(messages.length, 0)
  assert.equal(server.sessions, 0)
})

test('a player is refused and cannot inject media; metadata that comes early is nobody’s', async (t) => {
  const { server, messages } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.say('play', 3, { cmdObj: null, streamName: 'good' }, 1)
  await peer.hearsStatus('NetStream.Play.Failed')
  await peer.isClosed()

  const early = await connectedPeer(t, server.port)
  early.socket.write(rawChunk(18, Buffer.from('02000a6f6e4d657461446174610800000000000009', 'hex')))
  early.publish('good')
  await early.hearsStatus('NetStream.Publish.Start')

  const injector = await connectedPeer(t, server.port)
  injector.socket.write(rawChunk(9, avcHeader))
  await injector.isClosed()
  assert.equal(messages.length, 0)
})

test('a bad tcUrl is nothing to us, and a publish without a name is refused as a bad name', async (t) => {
  const { server } = await listening(t)
  const peer = new RawPeer(server.port)
  t.after(() => peer.socket.destroy())
  await peer.shakeHands()
  await peer.connectTo('live', 'not a url \u0000')
  peer.say('publish', 3, { cmdObj: null }, 1)
  await peer.hearsStatus('NetStream.Publish.BadName')
  await peer.isClosed()
  const empty = await connectedPeer(t, server.port)
  empty.publish('')
  await empty.hearsStatus('NetStream.Publish.BadName')
})

test('codecs that are not packaged, and multitrack, are refused by name', async (t) => {
  const { server, messages } = await listening(t)
  for (const [type, body, reason] of [
    [9, Buffer.from('90' + Buffer.from('hvc1').toString('hex') + '00', 'hex'), 'HEVC is not supported'],
    [9, Buffer.from('9610' + Buffer.from('avc1').toString('hex') + '00', 'hex'), 'multitrack video is not supported'],
    [8, Buffer.from('90' + Buffer.from('Opus').toString('hex') + '00', 'hex'), 'Opus is not supported'],
    [8, Buffer.from('2f00', 'hex'), 'MP3 is not supported'],
    [9, Buffer.from('2200', 'hex'), 'Sorenson H.263 is not supported'],
  ] as const) {
    const peer = await connectedPeer(t, server.port)
    peer.publish('good')
    await peer.hearsStatus('NetStream.Publish.Start')
    peer.socket.write(rawChunk(type, body))
    const status = await peer.hearsStatus('NetStream.Publish.Failed')
    assert.match(JSON.stringify(status.values), new RegExp(reason.replace(/[()]/g, '\\$&')))
    await peer.isClosed()
  }
  assert.equal(messages.length, 0)
})

test('a throw while parsing ends that session with a status; a good stream plays on', async (t) => {
  const { server, messages, until } = await listening(t)
  const good = await connectedPeer(t, server.port)
  good.publish('good')
  await good.hearsStatus('NetStream.Publish.Start')
  const nested = Buffer.alloc(12_000, Buffer.from('03000161', 'hex')) // objects in objects
  const command = Buffer.concat([Buffer.from('02000178000000000000000000', 'hex'), nested])
  const bad = await connectedPeer(t, server.port)
  bad.socket.write(rawChunk(20, command))
  await bad.hearsStatus('NetStream.Publish.Failed')
  await bad.isClosed()
  good.socket.write(rawChunk(8, aacHeader))
  await until(() => messages.length === 1)
})

test('an announced 16 MiB message is refused before a byte of it is kept', async (t) => {
  const { server, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.socket.write(rawChunk(9, Buffer.alloc(1), { length: 0xffffff }))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'message_too_large')
})

test('before publish, messages begun and not finished may not add up to more than two commands', async (t) => {
  const { server, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.engine.setChunkSize(128)
  for (let cid = 3; cid < 6; cid++) peer.socket.write(rawChunk(9, Buffer.alloc(128), { cid, length: 16 * 1024 }))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'too_many_open_messages')
})

test('metadata that cannot be decoded is dropped and the session goes on; 64 KiB of it is the most', async (t) => {
  const { server, messages, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  const name = Buffer.from('\x02\x00\x0aonMetaData', 'latin1')
  peer.socket.write(rawChunk(18, Buffer.concat([name, Buffer.from('08000000', 'hex')])))
  peer.socket.write(rawChunk(18, Buffer.from('02ffff', 'hex')))
  peer.socket.write(rawChunk(8, aacHeader))
  await until(() => messages.length === 1)
  assert.equal(messages[0]?.type, 'audio')
  peer.socket.write(rawChunk(18, Buffer.alloc(1), { length: 64 * 1024 + 1 }))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'message_too_large')
})

test('a sequence header of more than 64 KiB is refused, a key frame of that size is not', async (t) => {
  const { server, messages, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  const long = (start: string) => Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(66_000)])
  const write = (body: Buffer) => {
    peer.engine.setChunkSize(0xffffff)
    peer.socket.write(rawChunk(9, body))
  }
  write(long('1701000000'))
  await until(() => messages.length === 1)
  write(long('1700000000'))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'header_too_large')
  assert.equal(messages.length, 1)
})

test('a burst of messages passes, a flood of them ends the session', async (t) => {
  const { server, messages, ends, until } = await listening(t, { limits: { maxMessagesPerSecond: 100 } })
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  const burst = Buffer.concat(Array.from({ length: 300 }, () => rawChunk(8, aacHeader)))
  peer.socket.write(burst)
  await until(() => messages.length === 300)
  assert.equal(ends.length, 0)
  peer.socket.write(Buffer.concat(Array.from({ length: 20 }, () => burst)))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'too_many_messages')
})

test('chunk streams are bounded', async (t) => {
  const { server, ends, until } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.engine.setChunkSize(128)
  for (let cid = 3; cid < 60; cid++) peer.socket.write(rawChunk(9, Buffer.alloc(128), { cid, length: 200 }))
  await until(() => ends.length === 1)
  assert.equal(ends[0]?.code, 'too_many_chunk_streams')
})

test('one who does not publish in time, and a publisher gone silent, are closed', async (t) => {
  const hasty = await listening(t, { limits: { timeToPublishMs: 300 } })
  const slow = new RawPeer(hasty.server.port)
  t.after(() => slow.socket.destroy())
  await slow.isClosed()
  assert.equal(hasty.ends[0]?.code, 'NetConnection.Connect.Closed')
  const { server, ends, until } = await listening(t, { limits: { idleMs: 300 } })
  const silent = await connectedPeer(t, server.port)
  silent.publish('good')
  await silent.hearsStatus('NetConnection.Connect.IdleTimeOut')
  await until(() => ends.length === 1)
})

test('the owner ends a session: the encoder hears why', async (t) => {
  const { server, sessions } = await listening(t)
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Start')
  sessions[0]?.end({ code: 'NetStream.Publish.BadName', description: 'Another encoder took over.' })
  await peer.hearsStatus('NetStream.Publish.BadName')
  await peer.isClosed()
  assert.ok(sessions[0]?.signal.aborted)
})

test('a sink that is full stops the reading until it resumes', async (t) => {
  let full = true
  const { server, messages, sessions, until } = await listening(t, { write: () => !full })
  const encoder = ffmpeg(t, server.port, 'good', '20')
  await until(() => messages.length >= 1)
  full = false
  const heldAt = messages.length
  sessions[0]?.resume()
  await until(() => messages.length > heldAt + 20)
  encoder.kill('SIGKILL')
})

test('a throw in the key check refuses with a status that lets the encoder try again', async (t) => {
  const { server } = await listening(t, {
    authorize: (): Promise<Authorization> => Promise.reject(new Error('store away')),
  })
  const peer = await connectedPeer(t, server.port)
  peer.publish('good')
  await peer.hearsStatus('NetStream.Publish.Failed')
  await peer.isClosed()
})

test('RTMPS takes an encoder, and plain RTMP at its port harms nobody', async (t) => {
  const { server, messages, until } = await listening(t, { tls: selfSigned() })
  const plain = new RawPeer(server.port)
  t.after(() => plain.socket.destroy())
  plain.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]))
  await plain.isClosed()
  ffmpeg(t, server.port, 'good', '20', { protocol: 'rtmps' })
  await until(() => messages.length > 10)
})

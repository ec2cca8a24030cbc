import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type ClientHttp2Session } from 'node:http2'
import { type IncomingMessage, type ServerResponse, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { writeDoor } from '../../bench/harness/door.ts'
import { selfSigned } from '../../bench/harness/self-signed.ts'
import { listenToDoors, readDoorLine } from './door-log.ts'
import { answerWith, broadcastOf, edgeUnderTest, type HttpAnswer } from './testing/edge-under-test.ts'

/** An edge, and nginx with the chart's own files before it. */
async function doorUnderTest(t: TestContext, pod: (request: IncomingMessage, response: ServerResponse) => void) {
  const behind = await edgeUnderTest(t, pod)
  const told = new EventEmitter<{ line: [] }>()
  const onLine: Parameters<typeof listenToDoors>[0]['onLine'] = (line) => {
    behind.edge.countElsewhere(line)
    told.emit('line')
  }
  const log = await listenToDoors({ port: 0, host: '127.0.0.1', onLine })
  t.after(() => log.close())
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-door-'))
  const port = await freePort()
  const tls = { port: await freePort(), ...(await selfSigned(folder)) }
  const config = await writeDoor({ folder, edgePort: behind.port, logPort: log.port, port, tls })
  const nginx = spawn('nginx', ['-c', config, '-e', 'stderr'], { stdio: ['ignore', 'inherit', 'inherit'] })
  t.after(async () => {
    await ended(nginx)
    await rm(folder, { recursive: true })
  })
  const ask = (path: string, headers: Record<string, string> = {}) => askOf(port, path, headers)
  await answers(ask)
  behind.routes.upsert(broadcastOf('b-1', behind.live))
  return { ...behind, ask, told, tlsPort: tls.port }
}

async function ended(nginx: ChildProcess): Promise<void> {
  if (nginx.exitCode !== null) return
  const exit = once(nginx, 'exit')
  nginx.kill('SIGTERM')
  await exit
}

async function askOf(port: number, path: string, headers: Record<string, string>): Promise<HttpAnswer> {
  const outgoing = request({ port, host: '127.0.0.1', path, headers, agent: false }).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }
}

async function answers(ask: (path: string) => Promise<HttpAnswer>): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    try {
      return void (await ask('/'))
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const playlist = '/hls/b-1/source/media.m3u8'

test('all who wait at the door for a part are told in the moment it is there, and the edge is asked once', async (t) => {
  const pending = new EventEmitter<{ request: [ServerResponse] }>()
  const { ask, edge, registry } = await doorUnderTest(t, (_request, response) => void pending.emit('request', response))
  for (const [target, body] of [
    ['source/part-7.1.m4s', 'part'],
    ['source/media.m3u8?_HLS_msn=7&_HLS_part=1', '#EXTM3U\n'],
  ] as const) {
    const arrived = once(pending, 'request')
    const viewers = Array.from({ length: 50 }, () => ask(`/hls/b-1/${target}`))
    const [response] = (await arrived) as [ServerResponse]
    while (edge.held < 1) await new Promise(setImmediate)
    await Promise.race([Promise.all(viewers), new Promise((resolve) => setTimeout(resolve, 150))])
    const releasedAt = performance.now()
    answerWith(response, body, 'public, max-age=9')
    const all = await Promise.all(viewers)
    const tookMs = performance.now() - releasedAt
    assert.ok(all.every((answer) => answer.status === 200 && String(answer.body) === body))
    assert.ok(tookMs < 400, `${tookMs} ms: nginx’s own lock looks every 500`)
    assert.equal(String((await ask(`/hls/b-1/${target}`)).body), body)
  }
  assert.match(await registry.metrics(), /\nedge_requests_total\{kind="media",status="2xx",service="test"\} 1\n/)
})

test('viewers that the cache answers are counted by their cookies, and those without by how many ask for the same', async (t) => {
  const { ask, viewers, told } = await doorUnderTest(t, (_request, response) =>
    answerWith(response, '#EXTM3U\n', 'public, max-age=9'),
  )
  const cookies: string[] = []
  for (let viewer = 0; viewer < 3; viewer++) {
    const { headers } = await ask('/hls/b-1/index.m3u8')
    cookies.push((headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '')
  }
  assert.equal(new Set(cookies).size, 3, 'what has a cookie in it is no cache’s')
  const counted = () => viewers.sweep(performance.now()).get('b-1')?.length
  const state = `${playlist}?_HLS_msn=7&_HLS_part=0`
  for (const cookie of cookies) {
    const line = once(told, 'line')
    await ask(state, { cookie })
    await line
  }
  assert.equal(counted(), 3)
  for (let nameless = 0; nameless < 2; nameless++) {
    const line = once(told, 'line')
    await ask(state, { 'x-forwarded-for': '6.6.6.6' })
    await line
  }
  assert.equal(counted(), 5)
})

test('the door keeps what everybody asks for, in whatever way it is asked', async (t) => {
  const asked: string[] = []
  const { ask } = await doorUnderTest(t, (podRequest, response) => {
    asked.push(podRequest.url ?? '')
    answerWith(response, '#EXTM3U\n'.repeat(100), 'public, max-age=9')
  })
  for (const query of ['_HLS_msn=7&_HLS_part=1', '_HLS_part=1&_HLS_msn=7&utm=x', '_HLS_part=1&a=_HLS_msn&_HLS_msn=7']) {
    const plain = await ask(`${playlist}?${query}`)
    assert.equal(String(plain.body), '#EXTM3U\n'.repeat(100))
    assert.equal(plain.headers['access-control-allow-origin'], '*')
    const packed = await ask(`${playlist}?${query}`, { 'accept-encoding': 'gzip' })
    assert.deepEqual([packed.headers['content-encoding'], packed.body.length < 100], ['gzip', true])
  }
  assert.deepEqual(asked, ['/source/media.m3u8?_HLS_msn=7&_HLS_part=1'])
  assert.equal((await ask(`${playlist}?_HLS_msn=x`)).status, 400)
  assert.equal((await ask('/elsewhere')).status, 404)
})

test('what the edge refuses all get as it says it, and it is not kept', async (t) => {
  let there = false
  const { ask } = await doorUnderTest(t, (_request, response) => {
    if (there) answerWith(response, 'part', 'public, max-age=9', 'video/mp4')
    else response.writeHead(404, { 'cache-control': 'no-store' }).end()
  })
  const all = await Promise.all(Array.from({ length: 10 }, () => ask('/hls/b-1/source/part-7.1.m4s')))
  assert.deepEqual([...new Set(all.map(({ status }) => status))], [404])
  assert.equal((await ask('/hls/b-2/source/part-7.1.m4s')).headers['content-type'], 'application/problem+json')
  there = true
  assert.equal(String((await ask('/hls/b-1/source/part-7.1.m4s')).body), 'part')
})

test('over TLS and HTTP/2 a playlist and a part are held side by side, for all who wait for them', async (t) => {
  const pending = new EventEmitter<{ request: [string, ServerResponse] }>()
  const { tlsPort } = await doorUnderTest(
    t,
    (podRequest, response) => void pending.emit('request', podRequest.url ?? '', response),
  )
  const sessions = [0, 1].map(() => connect(`https://127.0.0.1:${tlsPort}`, { rejectUnauthorized: false }))
  t.after(() => sessions.forEach((session) => session.destroy()))
  const asked: ServerResponse[] = []
  const both = new Promise<void>((resolve) => {
    pending.on('request', (url, response) => {
      response.setHeader('x-url', url)
      asked.push(response)
      if (asked.length === 2) resolve()
    })
  })
  const targets = ['source/part-7.1.m4s', 'source/media.m3u8?_HLS_msn=7&_HLS_part=1']
  const answered = sessions.flatMap((session) => targets.map((target) => secureAnswer(session, `/hls/b-1/${target}`)))
  await both
  for (const response of asked) answerWith(response, String(response.getHeader('x-url')), 'public, max-age=9')
  const expected = targets.map((target) => [200, `/${target}`])
  assert.deepEqual(await Promise.all(answered), [...expected, ...expected])
  assert.equal(asked.length, 2)
})

async function secureAnswer(session: ClientHttp2Session, path: string): Promise<[number, string]> {
  const stream = session.request({ ':path': path })
  const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }]
  let body = ''
  for await (const chunk of stream) body += String(chunk)
  return [headers[':status'] ?? 0, body]
}

test('only lines that a door writes are read', () => {
  assert.deepEqual(
    readDoorLine('<190>Nov 29 07:00:00 door: /hls/b/source/media.m3u8?_HLS_msn=1 abc.def 1.1.1.1, 2.2.2.2'),
    {
      target: '/hls/b/source/media.m3u8?_HLS_msn=1',
      cookieValue: 'abc.def',
      forwardedFor: '1.1.1.1, 2.2.2.2',
    },
  )
  assert.equal(readDoorLine('<190>Nov 29 07:00:00 door: /hls/b/source/media.m3u8 - 1.1.1.1')?.cookieValue, undefined)
  for (const line of ['', 'door: /x - 1.1.1.1', '<190>Nov 29 07:00:00 door: x - 1.1.1.1', '<190>door: /x -'])
    assert.equal(readDoorLine(line), undefined)
})

/** A bucket without keys of its own: those of a role, by the token that a ServiceAccount's Pods have. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { connectObjectStore } from './object-store.ts'
import { testBucket } from './testing/bucket.ts'
import { startTokenService } from './testing/token-service.ts'

const role = 'arn:aws:iam::1:role/shop'
const png = { contentType: 'image/png' }

/** A process as the cloud makes it of an annotated ServiceAccount: a role, a token in a file, and nothing else. */
async function asPod(
  t: TestContext,
  endpoint: string,
  token: string,
): Promise<{ renew(token: string): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-role-'))
  const file = join(folder, 'token')
  await writeFile(file, token)
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ENDPOINT_URL_STS: endpoint })
  t.after(async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
    Object.assign(process.env, before)
    await rm(folder, { recursive: true })
  })
  return { renew: (next) => writeFile(file, next) }
}

function roleStore(t: TestContext) {
  const { keys: _, ...place } = testBucket()
  const store = connectObjectStore(place)
  t.after(() => store.close())
  return store
}

test('the token is exchanged once for keys of the role, and the store takes what they sign', async (t) => {
  const service = await startTokenService({ first: 3_600 })
  t.after(() => service.stop())
  await asPod(t, service.url, 'first')
  const store = roleStore(t)
  await store.put('a/1', Buffer.from('one'), png)
  assert.equal(String(await store.read('a/1', { maxBytes: 3 })), 'one')
  assert.deepEqual(await store.list('a/'), ['a/1'])
  assert.deepEqual(service.asked, [{ action: 'AssumeRoleWithWebIdentity', role, token: 'first' }])
})

test('keys of a session are sent with its token, which is signed for', async (t) => {
  const service = await startTokenService({ first: 3_600 }, 'of-this-session')
  t.after(() => service.stop())
  await asPod(t, service.url, 'first')
  const heard: IncomingMessage[] = []
  const store = createHttpServer((request, response) => {
    heard.push(request)
    request.resume().on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(store, 'listening')
  t.after(() => store.close())
  const { port } = z.object({ port: z.number() }).parse(store.address())
  const client = connectObjectStore({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', bucket: 'shop' })
  t.after(() => client.close())
  await client.put('a', Buffer.from('x'), png)
  assert.equal(heard[0]?.headers['x-amz-security-token'], 'of-this-session')
  assert.match(heard[0].headers.authorization ?? '', /SignedHeaders=[^,]*x-amz-security-token/)
})

test('before the keys expire they are renewed, by the token that the file has then', async (t) => {
  const service = await startTokenService({ first: 60, second: 3_600 })
  t.after(() => service.stop())
  const pod = await asPod(t, service.url, 'first')
  const store = roleStore(t)
  await store.put('a', Buffer.from('one'), png)
  await pod.renew('second')
  // one more renewal by the first token may be under way still, beside which none begins
  const isAsked = () => service.asked.some(({ token }) => token === 'second')
  const deadline = Date.now() + 30_000
  while (!isAsked()) {
    assert.ok(Date.now() < deadline, JSON.stringify(service.asked))
    await store.put('b', Buffer.from('two'), png)
  }
  assert.equal(String(await store.read('b', { maxBytes: 3 })), 'two')
})

test('a role that is not granted is an error that says so, without the token', async (t) => {
  const service = await startTokenService({})
  t.after(() => service.stop())
  await asPod(t, service.url, 'wrong-token')
  await assert.rejects(roleStore(t).put('a', Buffer.from('x'), png), (error: Error) => {
    assert.match(`${error.name} ${error.message}`, /AccessDenied.*AssumeRoleWithWebIdentity/)
    assert.doesNotMatch(JSON.stringify(error) + String(error.stack), /wrong-token/)
    return true
  })
})

test('a token service that says nothing is given up by the signal of the call', async (t) => {
  const stop = new AbortController()
  const silent = createServer((socket) => {
    socket.on('error', () => {})
    stop.abort(new Error('the caller gave up'))
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  await asPod(t, `http://127.0.0.1:${address.port}`, 'first')
  const { signal } = stop
  await assert.rejects(roleStore(t).put('a', Buffer.from('x'), { ...png, signal }), /the caller gave up/)
})

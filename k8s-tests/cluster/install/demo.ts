import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const answerSeconds = 180

/** A demo seller with an open broadcast and a demo buyer, made once per cluster through the public API. */
export type Demo = {
  seller: { email: string; password: string }
  buyer: { email: string; password: string }
  streamKey: string
  productId: string | number
  broadcastId: string
}

/** The API refused a call; the message carries its answer. */
export class DemoApiError extends Error {
  readonly code = 'demo_api'
  readonly status: number

  constructor(call: string, status: number, body: string) {
    super(`${call} answered ${status}: ${body.slice(0, 500)}`)
    this.status = status
  }
}

/**
 * Answers the demo of this cluster, making what is absent.
 *
 * @param folder where `demo.json` and `demo-stream-key` (mode 0600) are kept.
 * @param baseUrl the platform's public URL, without a slash at its end.
 */
export async function ensureDemo(folder: string, baseUrl: string): Promise<Demo> {
  const file = path.join(folder, 'demo.json')
  const api = apiAt(baseUrl)
  await waitForApi(baseUrl)
  const saved = await readFile(file, 'utf8').catch(() => undefined)
  if (saved !== undefined) {
    const demo = JSON.parse(saved) as Demo
    if (await isOpen(baseUrl, demo.broadcastId)) return demo
    const token = await signIn(api, demo.seller)
    demo.broadcastId = await openBroadcast(api, token, demo.productId)
    await save(folder, demo)
    return demo
  }
  const suffix = randomBytes(3).toString('hex')
  const person = (name: string): { email: string; password: string } => ({
    email: `${name}-${suffix}@demo.mytaek1.dev`,
    // Letters of both cases, a digit and a sign: whatever rule for passwords, this one passes.
    password: `Aa1-${randomBytes(12).toString('hex')}`,
  })
  const [seller, buyer] = [person('seller'), person('buyer')]
  const account = await api<{ streamKey: string }>('POST', '/accounts', { ...seller, displayName: 'Demo seller' })
  await api('POST', '/accounts', { ...buyer, displayName: 'Demo buyer' })
  const token = await signIn(api, seller)
  const product = {
    name: 'Hand-thrown celadon mug',
    description: 'The one on the screen.',
    price: { amount: 24_000, currency: 'KRW' },
    stock: 100,
  }
  const { id: productId } = await api<{ id: string | number }>('POST', '/products', product, token)
  const broadcastId = await openBroadcast(api, token, productId)
  const demo = { seller, buyer, streamKey: account.streamKey, productId, broadcastId }
  await save(folder, demo)
  return demo
}

/** The file that holds the demo's stream key alone, for a command line that does not show it. */
export const streamKeyFile = (folder: string): string => path.join(folder, 'demo-stream-key')

/** ffmpeg's arguments for a test pattern with a tone: H.264 and AAC, a keyframe every two seconds, sent in real time. */
export function testPatternArgs(target: string): string[] {
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-tune',
    'zerolatency',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '60',
    '-b:v',
    '2500k',
  ]
  const audio = ['-c:a', 'aac', '-b:a', '128k']
  const sources = [
    '-re',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=1280x720:rate=30',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=48000',
  ]
  return [
    '-hide_banner',
    '-loglevel',
    'warning',
    ...sources,
    ...video,
    ...audio,
    '-flvflags',
    'no_duration_filesize',
    '-f',
    'flv',
    target,
  ]
}

type Api = <T>(method: string, path: string, body: object, token?: string) => Promise<T>

function apiAt(baseUrl: string): Api {
  return async <T>(method: string, call: string, body: object, token?: string): Promise<T> => {
    const answer = await fetch(`${baseUrl}/api/commerce/v1${call}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    })
    const text = await answer.text()
    if (!answer.ok) throw new DemoApiError(`${method} ${call}`, answer.status, text)
    return JSON.parse(text) as T
  }
}

async function signIn(api: Api, person: { email: string; password: string }): Promise<string> {
  return (await api<{ accessToken: string }>('POST', '/sessions', person)).accessToken
}

async function openBroadcast(api: Api, token: string, productId: string | number): Promise<string> {
  return (
    await api<{ id: string }>(
      'POST',
      '/broadcasts',
      { title: 'Demo: mugs, live from the kiln', productIds: [productId] },
      token,
    )
  ).id
}

async function isOpen(baseUrl: string, broadcastId: string): Promise<boolean> {
  const answer = await fetch(`${baseUrl}/api/commerce/v1/broadcasts/${broadcastId}`, {
    signal: AbortSignal.timeout(15_000),
  })
  if (!answer.ok) return false
  return ((await answer.json()) as { state: string }).state.toLowerCase() !== 'ended'
}

/** The ingress follows its Services a moment after the Pods are ready. */
async function waitForApi(baseUrl: string): Promise<void> {
  const deadline = Date.now() + answerSeconds * 1_000
  for (;;) {
    const answer = await fetch(`${baseUrl}/api/commerce/v1/broadcasts?state=live`, {
      signal: AbortSignal.timeout(5_000),
    }).catch((error: unknown) => String(error))
    if (typeof answer !== 'string' && answer.ok) return
    if (Date.now() > deadline) {
      const seen = typeof answer === 'string' ? answer : `${answer.status} ${(await answer.text()).slice(0, 300)}`
      throw new Error(`${baseUrl}/api/commerce/v1/broadcasts does not answer after ${answerSeconds} s; last: ${seen}`)
    }
    await sleep(1_000)
  }
}

async function save(folder: string, demo: Demo): Promise<void> {
  await writeFile(path.join(folder, 'demo.json'), JSON.stringify(demo, null, 2), { mode: 0o600 })
  await writeFile(streamKeyFile(folder), demo.streamKey, { mode: 0o600 })
  // The mode above counts only for a new file.
  await chmod(streamKeyFile(folder), 0o600)
}

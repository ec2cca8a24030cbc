/**
 * One HTTP call and its whole answer, over connections that are kept: between our services, and to gateways. `fetch` does the
 * same for three times the processor time, which is most of what a payment's calls cost.
 */
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'

const answerLimitBytes = 4 * 1024 * 1024
const kept = { keepAlive: true, maxFreeSockets: 256, scheduling: 'lifo' } as const
const agents = { 'http:': new http.Agent(kept), 'https:': new https.Agent(kept) } as const

/** A call to be made; `timeoutMs` is for all of it, to the answer's last byte. Redirects are answers, and not followed. */
export interface HttpCall {
  method: string
  url: URL | string
  headers?: Readonly<Record<string, string>>
  body?: string | undefined
  timeoutMs: number
}

/** What was answered. */
export interface HttpAnswer {
  status: number
  /** A status from 200 to 299. */
  ok: boolean
  text: string
  /** @throws {SyntaxError} it is not JSON. */
  json(): Promise<unknown>
}

/**
 * Calls, and reads the answer.
 *
 * @throws {Error} no answer, or none in time, or more than 4 MiB: whether the call took effect is not known. Nothing of what
 *   was sent is in the error.
 */
export function callHttp({ method, url, headers, body, timeoutMs }: HttpCall): Promise<HttpAnswer> {
  const to = typeof url === 'string' ? new URL(url) : url
  return new Promise((resolve, reject) => {
    const isTls = to.protocol === 'https:'
    const call = (isTls ? https : http).request(to, {
      method,
      agent: agents[isTls ? 'https:' : 'http:'],
      headers: { ...headers, ...(body !== undefined && { 'content-length': `${Buffer.byteLength(body)}` }) },
    })
    const fail = (error: Error) => {
      clearTimeout(deadline)
      call.destroy()
      reject(error)
    }
    const deadline = setTimeout(() => fail(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    call.on('error', fail)
    call.on('response', (response) => {
      readText(response, fail, (text) => {
        clearTimeout(deadline)
        const status = response.statusCode ?? 0
        resolve({ status, ok: status >= 200 && status < 300, text, json: async () => JSON.parse(text) as unknown })
      })
    })
    call.end(body)
  })
}

function readText(response: IncomingMessage, fail: (error: Error) => void, done: (text: string) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('error', fail) // cut in the middle
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > answerLimitBytes) fail(new Error(`an answer of more than ${answerLimitBytes} bytes`))
    else chunks.push(chunk)
  })
  response.on('end', () => done(Buffer.concat(chunks).toString('utf8')))
}

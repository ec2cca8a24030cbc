/**
 * The narrow door to the Kubernetes API: calls with deadlines, and watches. HTTP/1.1 with kept-alive connections for
 * calls and one connection of its own for each watch, so that a dead one harms nobody else.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { loadCredentials, type Credentials } from './credentials.ts'
import { KubernetesError } from './error.ts'
import { parseBare, pathOf, type Address, type KubernetesObject, type Resource } from './resource.ts'

const callDeadlineMs = 10_000
const maxAnswerBytes = 256 * 1024 * 1024

/** Parameters of a request's URL; undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>

/** One request; `deadlineMs` covers it from connecting to the last byte. */
export interface CallOptions {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Query
  body?: unknown
  contentType?: string
  deadlineMs?: number
  signal?: AbortSignal
}

/**
 * How a patch is merged.
 * - `strategic`: Kubernetes' own merge by list keys, for its built-in kinds only.
 * - `merge` (RFC 7396): put `metadata.resourceVersion` in the body for compare-and-swap.
 * - `apply` (server-side apply): the body is everything this `fieldManager` owns; what it no longer names, it gives up.
 * - `json` (RFC 6902): with `test` operations.
 */
export type Patch =
  | { type: 'merge' | 'strategic'; body: unknown; fieldManager?: string }
  | { type: 'apply'; body: unknown; fieldManager: string; force?: boolean }
  | { type: 'json'; body: readonly unknown[]; fieldManager?: string }

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
} as const

/** Connects with a kubeconfig's current context, or as the Pod's ServiceAccount. Nothing is sent before the first call. */
export async function connectKubernetes(
  options: { kubeconfig?: string; serviceAccount?: string; userAgent?: string } = {},
): Promise<KubernetesApi> {
  return new KubernetesApi(await loadCredentials(options), options.userAgent ?? 'mytaek1')
}

/** An open connection to one apiserver; `close()` ends what it holds. */
export class KubernetesApi {
  readonly namespace: string
  #credentials: Credentials
  #userAgent: string
  #agent: Agent

  constructor(credentials: Credentials, userAgent: string) {
    this.#credentials = credentials
    this.#userAgent = userAgent
    this.namespace = credentials.namespace
    this.#agent = this.#newAgent(32)
  }

  /** @throws {KubernetesError} NotFound and others */
  async get<T extends KubernetesObject>(resource: Resource<T>, address: Address, signal?: AbortSignal): Promise<T> {
    return parseBare(resource, await this.call({ method: 'GET', path: pathOf(resource, address), signal }))
  }

  /** @throws {KubernetesError} AlreadyExists, Invalid, Forbidden (quota) and others */
  async create<T extends KubernetesObject>(
    resource: Resource<T>,
    address: Address,
    body: unknown,
    options: { fieldManager?: string; signal?: AbortSignal } = {},
  ): Promise<T> {
    const { fieldManager, signal } = options
    const path = pathOf(resource, address)
    return parseBare(resource, await this.call({ method: 'POST', path, query: { fieldManager }, body, signal }))
  }

  /** Replaces an object; `body.metadata.resourceVersion` makes it compare-and-swap. @throws {KubernetesError} Conflict */
  async replace<T extends KubernetesObject>(
    resource: Resource<T>,
    address: Address,
    body: unknown,
    options: { signal?: AbortSignal; deadlineMs?: number } = {},
  ): Promise<T> {
    return parseBare(resource, await this.call({ method: 'PUT', path: pathOf(resource, address), body, ...options }))
  }

  /** @throws {KubernetesError} Conflict when the resourceVersion in the body is no longer the newest; NotFound */
  async patch<T extends KubernetesObject>(
    resource: Resource<T>,
    address: Address,
    patch: Patch,
    signal?: AbortSignal,
  ): Promise<T> {
    const query = { fieldManager: patch.fieldManager, force: patch.type === 'apply' ? patch.force : undefined }
    const contentType = patchTypes[patch.type]
    const path = pathOf(resource, address)
    return parseBare(resource, await this.call({ method: 'PATCH', path, query, body: patch.body, contentType, signal }))
  }

  /**
   * Asks for deletion; `uid` guards against deleting a successor of the same name. Answers what the apiserver said: the
   * object while it still stops, or a Status.
   * @throws {KubernetesError} NotFound, Conflict
   */
  async delete(
    resource: { apiVersion: string; plural: string },
    address: Address,
    options: { uid?: string; resourceVersion?: string; gracePeriodSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const { uid, resourceVersion, gracePeriodSeconds, signal } = options
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion }
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      preconditions,
      gracePeriodSeconds,
      propagationPolicy: 'Background',
    }
    return this.call({ method: 'DELETE', path: pathOf(resource, address), body, signal })
  }

  /** Sends one request and answers its JSON body. @throws {KubernetesError} any status from 400, or no answer in time. */
  async call(options: CallOptions): Promise<unknown> {
    const deadline = AbortSignal.timeout(Math.ceil(options.deadlineMs ?? callDeadlineMs)) // takes whole numbers only
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
    try {
      const answer = await this.#send(options, signal, this.#agent)
      return JSON.parse(await readText(answer)) as unknown
    } catch (error) {
      // A black-holed connection is only noticed by a deadline; its idle siblings lead into the same hole.
      if (deadline.aborted)
        for (const sockets of Object.values(this.#agent.freeSockets)) sockets?.forEach((s) => s.destroy())
      throw this.#asKubernetesError(error, options)
    }
  }

  /**
   * Opens a watch on its own connection and answers the raw stream once the apiserver accepted it. The caller reads
   * lines of JSON and must destroy the stream.
   * @throws {KubernetesError} 410 when the resource version is too old, or others.
   */
  async openWatch(path: string, query: Query, options: { signal: AbortSignal; connectMs: number }): Promise<Readable> {
    const agent = this.#newAgent(1)
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(new Error('no answer in time')), options.connectMs)
    const call = { method: 'GET', path, query: { ...query, watch: true } } as const
    try {
      const answer = await this.#send(call, AbortSignal.any([options.signal, deadline.signal]), agent)
      answer.once('close', () => agent.destroy())
      return answer
    } catch (error) {
      agent.destroy()
      throw this.#asKubernetesError(error, call)
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #newAgent(maxSockets: number): Agent {
    return new Agent({ keepAlive: true, maxSockets, keepAliveMsecs: 10_000, ...this.#credentials.tls })
  }

  async #send(options: CallOptions, signal: AbortSignal, agent: Agent, retried = false): Promise<IncomingMessage> {
    const { server } = this.#credentials
    const url = new URL(server.pathname.replace(/\/$/, '') + options.path, server)
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body))
    const allHeaders: Record<string, string | number> = {
      accept: 'application/json',
      'user-agent': this.#userAgent,
      ...(await this.#credentials.headers()),
      ...(body ? { 'content-type': options.contentType ?? 'application/json', 'content-length': body.length } : {}),
    }
    const secure = url.protocol === 'https:'
    const answer = await new Promise<IncomingMessage | 'retry'>((resolve, reject) => {
      const settings = { method: options.method, headers: allHeaders, signal, ...(secure ? { agent } : {}) }
      const request = (secure ? httpsRequest : httpRequest)(url, settings, resolve)
      // The server may close an idle connection at the moment it is used again. Every write here is safe to repeat:
      // names are fixed and updates compare resource versions.
      request.once('error', (error) =>
        request.reusedSocket && !signal.aborted && !retried ? resolve('retry') : reject(error),
      )
      request.end(body)
    })
    if (answer === 'retry') return this.#send(options, signal, agent, true)
    if ((answer.statusCode ?? 500) >= 400) throw refusal(answer, await readText(answer), options)
    return answer
  }

  #asKubernetesError(error: unknown, options: { method: string; path: string }): KubernetesError {
    if (error instanceof KubernetesError) return error
    const why = error instanceof Error ? error.message : String(error)
    const message = `${options.method} ${options.path}: no answer (${why})`
    return new KubernetesError({ status: 0, reason: 'NoAnswer', message, cause: error })
  }
}

const statusShape = z.object({ reason: z.string().optional(), message: z.string().optional() })

function refusal(
  answer: IncomingMessage,
  text: string,
  { method, path }: { method: string; path: string },
): KubernetesError {
  const status = answer.statusCode ?? 500
  const parsed = statusShape.safeParse(tryJson(text))
  const facts = parsed.success ? parsed.data : {}
  const retryAfter = Number(answer.headers['retry-after'])
  return new KubernetesError({
    status,
    reason: facts.reason ?? `Http${status}`,
    message: `${method} ${path}: ${status} ${facts.message ?? text.slice(0, 200)}`,
    ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
  })
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a proxy's or an overloaded server's plain text
  }
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

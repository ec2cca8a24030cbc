import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

const checkDeadlineMs = 2_000

/** One thing a process needs to be ready; rejects or answers false when it is not there. */
export type ReadinessCheck = () => Promise<boolean> | boolean

/** Whether this process should get traffic: every check passes and it is not shutting down. */
export class Readiness {
  #checks = new Map<string, ReadinessCheck>()
  #draining = false

  add(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check)
  }

  /** From now on `/readyz` fails, so that no new traffic comes. */
  drain(): void {
    this.#draining = true
  }

  /** Names of what is not ready; empty means ready. Each check has two seconds. */
  async failing(): Promise<string[]> {
    if (this.#draining) return ['draining']
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => ((await passes(check)) ? undefined : name)),
    )
    return results.filter((name) => name !== undefined)
  }
}

/** The admin server of a process. */
export interface AdminServer {
  port: number
  close(): Promise<void>
}

/**
 * Serves `/healthz` (the process answers), `/readyz` (it may get traffic; 503 names what is missing) and `/metrics`
 * (Prometheus text) on a port that no Service exposes to people.
 */
export async function startAdminServer(options: {
  port: number
  host?: string
  registry: Registry
  readiness: Readiness
}): Promise<AdminServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    void answer(path ?? '/', response, options) // its own catch answers 500
  })
  await listen(server, options.port, options.host)
  const { port } = server.address() as AddressInfo
  return { port, close: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()) }
}

/** Listens, or rejects with the system's reason (EADDRINUSE, EACCES). */
export function listen(server: Server, port: number, host?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

async function answer(
  path: string,
  response: ServerResponse,
  { registry, readiness }: { registry: Registry; readiness: Readiness },
): Promise<void> {
  try {
    if (path === '/healthz') return send(response, 200, 'ok\n')
    if (path === '/readyz') {
      const failing = await readiness.failing()
      return send(
        response,
        failing.length === 0 ? 200 : 503,
        failing.length === 0 ? 'ready\n' : `not ready: ${failing.join(', ')}\n`,
      )
    }
    if (path === '/metrics') return send(response, 200, await registry.metrics(), registry.contentType)
    return send(response, 404, 'try /healthz, /readyz or /metrics\n')
  } catch {
    send(response, 500, 'error\n')
  }
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType }).end(body)
}

async function passes(check: ReadinessCheck): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), checkDeadlineMs)
  try {
    return await Promise.race([Promise.resolve(check()), tooLate])
  } catch {
    return false // the reason is the check's owner's to log; here only ready or not counts
  } finally {
    clearTimeout(timer)
  }
}

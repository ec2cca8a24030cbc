import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { getHeapSnapshot } from 'node:v8'

const maxProfileSeconds = 60

/**
 * Serves what a look inside a running process needs, on loopback only (`kubectl port-forward` reaches it):
 * `/debug/heap` a heap snapshot, `/debug/profile?seconds=10` a CPU profile; both open in Chrome's developer tools.
 */
export async function startDebugServer(port: number): Promise<{ port: number; close(): Promise<void> }> {
  let isBusy = false
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (isBusy) return void response.writeHead(429).end('one at a time\n')
    isBusy = true
    void answer(url, response)
      .catch(() => response.destroy()) // the reader went away
      .finally(() => (isBusy = false))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(url: URL, response: ServerResponse): Promise<void> {
  if (url.pathname === '/debug/heap') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename=operator.heapsnapshot',
    })
    return pipeline(getHeapSnapshot(), response)
  }
  if (url.pathname !== '/debug/profile')
    return void response.writeHead(404).end('try /debug/heap or /debug/profile?seconds=10\n')
  const seconds = Math.min(maxProfileSeconds, Math.max(1, Number(url.searchParams.get('seconds')) || 10))
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await wait(seconds * 1_000)
    const { profile } = await session.post('Profiler.stop')
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename=operator.cpuprofile',
    })
    response.end(JSON.stringify(profile))
  } finally {
    session.disconnect()
  }
}

/** A TCP proxy before MariaDB that cuts connections around COMMIT, or all of them. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** Where a COMMIT's connection is cut: before the server gets it, or after it, so that only the answer is lost. */
export type Cut = 'before' | 'after' | undefined

/** A listening proxy. */
export interface Proxy {
  port: number
  cuts: { before: number; after: number }
  stop(): Promise<void>
}

const commits = ['\u0003COMMIT', 'COMMIT; END'] // COM_QUERY and its text; the end of a statement that commits

/** Starts a proxy to a port of this machine; `cutCommit` decides at each COMMIT. */
export async function startProxy(targetPort: number, cutCommit: () => Cut): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const cuts = { before: 0, after: 0 }
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    let swallow = false
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
    client.on('data', (chunk) => {
      const cut = commits.some((text) => chunk.includes(text)) ? cutCommit() : undefined
      if (cut) cuts[cut] += 1
      if (cut === 'before') return void client.destroy()
      if (cut === 'after') swallow = true
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (swallow) return void client.destroy() // the server has committed and said so
      client.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cuts,
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Where ingest asks everybody in the cluster for the header of its load balancer, a program that knows none comes in by this. */
import { once } from 'node:events'
import { connect, createServer, isIPv6, type AddressInfo, type Socket } from 'node:net'

/** A door on loopback. */
export interface ProxiedDoor {
  port: number
  close(): void
}

/**
 * Opens a door that passes connections on to another one, each behind a header that says whose it is.
 *
 * @param source the address that it says
 * @see https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt (version 1)
 */
export async function openProxiedDoor(target: { host: string; port: number }, source: string): Promise<ProxiedDoor> {
  const header = `PROXY ${isIPv6(source) ? 'TCP6' : 'TCP4'} ${source} ${source} 1 ${target.port}\r\n`
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target)
    far.write(header)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.once('error', () => other.destroy())
      one.once('close', () => open.delete(one))
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

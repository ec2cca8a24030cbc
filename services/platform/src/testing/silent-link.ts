import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A link to a server that can fall silent: nothing passes, nothing is refused, no connection ends. */
export interface SilentLink {
  port: number
  fallSilent(): void
  /** Passes again what comes from now on; what was sent in between is lost, and so are its connections. */
  speak(): void
  stop(): Promise<void>
}

/** Opens a loopback port that leads to another one. */
export async function silentLinkTo(port: number): Promise<SilentLink> {
  let isSilent = false
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (near) => {
    sockets.add(near)
    near.on('error', () => undefined).on('close', () => sockets.delete(near))
    if (isSilent) return // accepted by the kernel, answered by nobody
    const far = connect(port, '127.0.0.1')
    sockets.add(far)
    far.on('error', () => near.destroy()).on('close', () => sockets.delete(far))
    near.on('data', (bytes) => void (isSilent || far.write(bytes))).on('end', () => void (isSilent || far.end()))
    far.on('data', (bytes) => void (isSilent || near.write(bytes))).on('end', () => void (isSilent || near.end()))
    near.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    fallSilent: () => void (isSilent = true),
    speak: () => void (isSilent = false),
    stop: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Target } from './load-balancer.ts'
import { type DoorName, doors, doorNames, type Ports } from '../host/settings.ts'

/** A host port of the platform is taken by someone else. */
export class PortTakenError extends Error {
  readonly code = 'port_taken'
  readonly port: number

  constructor(door: DoorName, port: number, cause: unknown) {
    super(
      `port ${port} of 127.0.0.1 (${door}) is taken by another program; end it, or set ${doors[door].variable} to a free port`,
      { cause },
    )
    this.port = port
  }
}

/**
 * Listens on one port of 127.0.0.1 and hands each connection to wherever the door leads at that moment.
 * A connection that finds no target is closed at once, as a closed port would.
 */
export async function openDoor(door: DoorName, port: number, targetNow: () => Target | undefined): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (visitor) => {
    const target = targetNow()
    if (target === undefined) visitor.destroy()
    else joinSockets(visitor, connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true }))
  })
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  } catch (error) {
    throw new PortTakenError(door, port, error)
  }
}

/**
 * Finds out before anything starts whether every door can be opened.
 *
 * @param ours ports that this checkout's own doorkeeper holds, and will give up.
 * @throws {PortTakenError} names the first taken port and the variable that moves it.
 */
export async function assertDoorsFree(ports: Ports, ours: readonly number[] = []): Promise<void> {
  for (const door of doorNames) {
    if (ours.includes(ports[door])) continue
    const server = await openDoor(door, ports[door], () => undefined)
    server.close()
    await once(server, 'close')
  }
}

function joinSockets(visitor: Socket, service: Socket): void {
  // pipe() passes an orderly end on in each direction; a broken side must take the other with it.
  visitor.on('error', () => service.destroy())
  service.on('error', () => visitor.destroy())
  visitor.on('close', () => service.destroy())
  service.on('close', () => visitor.destroy())
  service.once('connect', () => {
    visitor.pipe(service)
    service.pipe(visitor)
    visitor.resume()
  })
}

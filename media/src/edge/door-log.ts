/**
 * Hears from doors (nginx with a cache, in front of the edge) whom they answered: lines of syslog over UDP, about one a
 * viewer and segment, and one every three seconds of each who waits longer. A line that is lost is no viewer lost for long.
 */
import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Whom a door answered, and what; or who waits at it. */
export interface DoorLine {
  readonly target: string
  /** Of one who waits on: the same number is in one line for each. */
  readonly waitingTick?: number
  readonly cookieValue: string | undefined
  readonly forwardedFor: string // the last hop is what the door saw
}

const linePattern = /^<\d{1,3}>[^<>]{0,64}\bdoor: (?:(\d{1,12}) )?(\/\S{1,1024}) (\S{1,256}) (.{1,1024})$/
const receiveBufferBytes = 4 * 1024 * 1024 // what comes while the event loop is busy

/** Reads one message; its formats are `viewers` and `waits` of the door's http.conf. @returns nothing for what is none. */
export function readDoorLine(message: string): DoorLine | undefined {
  const [, tick, target, cookieValue, forwardedFor] = linePattern.exec(message) ?? []
  if (target === undefined || forwardedFor === undefined) return undefined
  // A cookie may hold a space, and what follows it there is no address: hops have commas between them, and nothing else.
  const hops = forwardedFor
    .trim()
    .split(/[\s,]+/)
    .join(', ')
  const line = { target, cookieValue: cookieValue === '-' ? undefined : cookieValue, forwardedFor: hops }
  return tick === undefined ? line : { ...line, waitingTick: Number(tick) }
}

/** Listens. @throws the system's error where the port is taken. */
export async function listenToDoors(options: {
  port: number
  host?: string
  onLine: (line: DoorLine) => void
}): Promise<{ port: number; close(): void }> {
  const { port, host, onLine } = options
  const socket = await boundSocket(port, host)
  socket.on('message', (message) => {
    const line = readDoorLine(message.toString('latin1'))
    if (line !== undefined) onLine(line)
  })
  return { port: socket.address().port, close: () => socket.close() }
}

/** On all addresses where no host is named: of both families, or of the one that the machine has. */
async function boundSocket(port: number, host: string | undefined): Promise<Socket> {
  const bound = async (type: 'udp4' | 'udp6') => {
    const socket = createSocket({ type, recvBufferSize: receiveBufferBytes })
    const listening = once(socket, 'listening') // rejects with what 'error' says
    socket.bind(port, host)
    await listening
    return socket
  }
  if (host !== undefined) return bound(host.includes(':') ? 'udp6' : 'udp4')
  return bound('udp6').catch((error: unknown) => {
    if (isNoFamily(error)) return bound('udp4')
    throw error
  })
}

const isNoFamily = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL')

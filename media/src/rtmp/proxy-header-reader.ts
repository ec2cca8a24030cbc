/** Takes the header of the PROXY protocol off a connection, before anything else reads it. */
import type { Socket } from 'node:net'
import { ProxyHeaderError, readProxyHeader } from './proxy-protocol.ts'

/**
 * Waits for the header; what comes after it stays in the socket.
 *
 * @returns the address that it names; undefined: the proxy's own connection, or one that ended before its first byte, as health
 *   checks do.
 * @throws {ProxyHeaderError} by which rule it was refused, or that it did not come whole within `deadlineMs`.
 */
export function takeProxyHeader(socket: Socket, deadlineMs: number): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  let held = Buffer.alloc(0)
  const stop = () => {
    clearTimeout(timer)
    socket.off('readable', read).off('end', end).off('close', end)
  }
  const refuse = (error: Error) => {
    stop()
    reject(error)
  }
  const read = () => {
    const bytes: unknown = socket.read()
    if (!Buffer.isBuffer(bytes)) return
    held = Buffer.concat([held, bytes])
    try {
      const header = readProxyHeader(held)
      if (header === undefined) return
      stop() // first: what is put back is readable again
      if (held.length > header.bytes) socket.unshift(held.subarray(header.bytes))
      resolve(header.source)
    } catch (error) {
      refuse(error instanceof Error ? error : new Error(String(error)))
    }
  }
  const end = () => {
    if (held.length > 0)
      return refuse(new ProxyHeaderError(`the connection ended within the header, after ${held.length} bytes`))
    stop()
    resolve(undefined)
  }
  const late = () => refuse(new ProxyHeaderError(`no whole header within ${deadlineMs} ms; ${held.length} bytes came`))
  const timer = setTimeout(late, deadlineMs)
  socket.on('readable', read).on('end', end).on('close', end)
  return promise
}

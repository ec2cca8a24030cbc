/**
 * Preloaded (`node --import`) into processes of a bench's plane: every listener binds to BIND_HOST, a loopback address of
 * the process's own. So many stream processes share one port number, as Pods with their own addresses do.
 */
import { Server } from 'node:net'

const host = process.env['BIND_HOST']
const prototype = Server.prototype as unknown as { listen: (...parameters: unknown[]) => Server }
const { listen } = prototype
prototype.listen = function bound(this: Server, port: unknown, ...rest: unknown[]) {
  const callback = rest.find((value) => typeof value === 'function')
  return typeof port === 'number' && host !== undefined
    ? listen.call(this, { port, host }, callback)
    : listen.call(this, port, ...rest)
}

import { afterRunning } from './running-time.ts'

/** What this file uses of a mysql2 connection. */
export interface DeadlineConnection {
  // oxlint-disable-next-line typescript/no-explicit-any -- mysql2's own overloads: statement, maybe values, callback last
  query(...call: any[]): unknown
  destroy(): void
  /** Its socket. */
  stream: { destroy(): void }
}

/** A statement had no answer in time; its connection was cut, and whether its COMMIT took effect is not known. */
export class StatementDeadlineError extends Error {
  readonly code = 'ETIMEDOUT'
  readonly fatal = true
}

/**
 * Makes every statement of a connection end: past the deadline its caller gets an error and the connection is cut.
 *
 * TCP tells nothing of a peer that died in silence: the kernel goes on sending for a quarter of an hour, and a pool
 * whose connections all wait like that has none to give. The pool replaces a connection that was cut.
 */
export function boundStatements(connection: DeadlineConnection, deadlineMs: number): void {
  const send = connection.query.bind(connection)
  connection.query = (...call: unknown[]) => {
    const done = call.pop()
    if (typeof done !== 'function') throw new TypeError('A statement needs a callback to tell of its deadline')
    let isOver = false
    const end = (...result: unknown[]) => {
      if (isOver) return // the driver tells those that wait of a cut connection, too
      isOver = true
      clearTimeout(timer)
      done(...result)
    }
    const timer = afterRunning(deadlineMs, () => {
      cutConnection(connection)
      end(new StatementDeadlineError(`The database did not answer within ${deadlineMs} ms`))
    })
    timer.unref() // the socket keeps the process alive; one that others cut waits for nothing
    return send(...call, end)
  }
}

/** Ends a connection at once: the driver's own `destroy` asks the peer to agree, which one that is gone never does. */
export function cutConnection(connection: DeadlineConnection): void {
  connection.destroy()
  connection.stream.destroy()
}

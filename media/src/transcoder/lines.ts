import type { Socket } from 'node:net'
import { longestLine, type Job, type Order, type Report } from './job.ts'

/** Cuts what comes into lines; a line that is longer than any may be destroys the socket. */
export function readLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (!socket.destroyed && line.length <= longestLine) onLine(line)
    if (rest.length > longestLine) socket.destroy()
  })
}

/** Sends one line, unless nobody can take it any more. */
export function writeLine(socket: Socket, value: Job | Order | Report): void {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`)
}

/** @returns the line's value; undefined where it is no JSON. */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

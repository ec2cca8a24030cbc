/** Starts a child process so that one that cannot be made is an error like any other, and that is told no secret. */
import process from 'node:process'
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'

/**
 * `spawn`, except that it throws whenever nothing can be made of the child: Node throws some errors itself (ENOMEM), and
 * for others (EMFILE) answers a child without streams, whose 'error' ends the process if nobody listens.
 *
 * Of this process's environment the child gets the PATH only: it decodes what strangers send, and our variables are keys.
 *
 * @throws the system's error. A program that is not there is no such error: its child tells it by 'error' and 'close'.
 */
export function spawnChild(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, { env: { PATH: process.env['PATH'] }, ...options })
  const stdio: readonly unknown[] | undefined = child.stdio // its type does not know of the case
  if (stdio !== undefined) return child
  child.once('error', () => undefined) // it comes too late to be told
  throw new Error(`Cannot start ${program}: this process or the system has no file descriptor left (EMFILE, ENFILE)`)
}

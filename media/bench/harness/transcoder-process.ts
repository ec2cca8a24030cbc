import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { doorOf } from '../../src/transcoder/job.ts'
import { nodeFlags } from './node-flags.ts'

const deadlineMs = 30_000
const main = join(import.meta.dirname, '../../src/main.ts')

/** Starts the real transcoder, as the container beside a stream process does; resolves when it listens in `directory`. */
export async function startTranscoderProcess(
  directory: string,
  { env, stdio = ['ignore', 'inherit', 'inherit'] }: { env?: NodeJS.ProcessEnv; stdio?: StdioOptions } = {},
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...nodeFlags.transcoder, main, 'transcoder'], {
    stdio,
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', TRANSCODER_DIR: directory, ...env },
  })
  for (const until = performance.now() + deadlineMs; !(await listens(directory)); await wait(20))
    if (performance.now() > until || child.exitCode !== null) throw new Error('the transcoder did not start')
  return child
}

async function listens(directory: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(doorOf(directory), () => resolve(true)).once('error', () => resolve(false))
  const isListening = await promise
  socket.destroy()
  return isListening
}

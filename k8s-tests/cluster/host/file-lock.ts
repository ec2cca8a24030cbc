import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { say } from './progress.ts'

/** A wait shorter than this is not worth a line. */
const silentWaitMs = 500

/**
 * Runs `work` while holding an exclusive lock on a file, waiting for another holder first.
 *
 * The lock is held by a `flock` child whose input is a pipe from this process: however this process ends, SIGKILL
 * included, the pipe closes, the child ends and the kernel frees the lock. So no lock is ever stale.
 */
export async function withFileLock<T>(file: string, what: string, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true })
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = setTimeout(() => say(`  … waiting for another process: ${what} (${file})`), silentWaitMs)
  try {
    await new Promise<void>((resolve, reject) => {
      holder.stdout.once('data', () => resolve())
      holder.once('error', (error) =>
        reject(new Error(`cannot start flock for ${file}: ${error.message}`, { cause: error })),
      )
      holder.once('exit', (code) => reject(new Error(`flock ${file} ended early with code ${code}`)))
    })
    clearTimeout(waiting)
    return await work()
  } finally {
    clearTimeout(waiting)
    if (holder.exitCode === null && holder.pid !== undefined) {
      const ended = once(holder, 'exit')
      holder.stdin.end()
      await ended
    }
  }
}

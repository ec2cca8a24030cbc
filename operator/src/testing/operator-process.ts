/** The operator as its image runs it: a process of its own, so that it can be killed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

const root = path.resolve(import.meta.dirname, '../../..')
const lineShape = z.looseObject({ event: z.string(), adminPort: z.number().optional() })

export interface OperatorProcess {
  child: ChildProcess
  /** Milliseconds (performance.now) at which each event was logged first. */
  seen: Map<string, number>
  /** Waits for a line of its log. */
  logged(event: string, deadlineMs?: number): Promise<void>
  metrics(): Promise<string>
  /** Answers when it is gone and all that it logged is in `seen`. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** The command of the operator's image, without `node`: the flags that a process is measured with are those it ships with. */
function imageCommand(): string[] {
  const text = readFileSync(path.join(root, 'operator/Dockerfile'), 'utf8')
  const entrypoint = /^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1]
  const [node, ...args] = z.array(z.string()).parse(JSON.parse(entrypoint ?? '[]'))
  if (node !== 'node') throw new Error('the Dockerfile of the operator does not start node')
  return args
}

/** Fills a compile cache as the image's build does. */
export async function compileOperator(cacheFolder: string): Promise<void> {
  const env = { PATH: process.env['PATH'], ADMIN_PORT: 'none', NODE_COMPILE_CACHE: cacheFolder }
  await once(spawn(process.execPath, imageCommand(), { cwd: root, env, stdio: 'ignore' }), 'exit')
}

/** Starts one; its admin server listens on a free port. */
export function startOperatorProcess(env: Record<string, string>): OperatorProcess {
  const child = spawn(process.execPath, imageCommand(), {
    cwd: root,
    env: { PATH: process.env['PATH'], ADMIN_PORT: '0', DEBUG_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const seen = new Map<string, number>()
  const waiting = new Set<() => void>()
  let adminPort = 0
  const lines = createInterface({ input: child.stdout }).on('line', (text) => {
    if (process.env['TEST_LOG']) process.stderr.write(`${text}\n`)
    const line = lineShape.parse(JSON.parse(text))
    adminPort = line.adminPort ?? adminPort
    if (!seen.has(line.event)) seen.set(line.event, performance.now())
    for (const check of waiting) check()
  })
  // Its last words are read after it is gone.
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')])
  const onExit = () => child.kill('SIGKILL')
  process.once('exit', onExit)
  child.once('exit', () => process.off('exit', onExit))
  return {
    child,
    seen,
    async logged(event, deadlineMs = 180_000) {
      if (seen.has(event)) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const timer = setTimeout(() => reject(new Error(`the operator never logged ${event}`)), deadlineMs)
      const check = () => {
        if (seen.has(event)) resolve()
      }
      waiting.add(check)
      try {
        await promise
      } finally {
        clearTimeout(timer)
        waiting.delete(check)
      }
    },
    async metrics() {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`, { signal: AbortSignal.timeout(60_000) })
      return answer.text()
    },
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}

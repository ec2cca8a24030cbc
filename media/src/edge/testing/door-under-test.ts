/** An edge behind the chart's door: nginx with the chart's own files, as a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, type ServerResponse, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { writeDoor } from '../../../bench/harness/door.ts'
import { selfSigned } from '../../../bench/harness/self-signed.ts'
import { type DoorLine, listenToDoors } from '../door-log.ts'
import { broadcastOf, edgeUnderTest, type HttpAnswer } from './edge-under-test.ts'

/** A door before whatever listens at `edgePort`. */
export async function doorBefore(t: TestContext, { edgePort, logPort }: { edgePort: number; logPort: number }) {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-door-'))
  const port = await freePort()
  const tls = { port: await freePort(), ...(await selfSigned(folder)) }
  const config = await writeDoor({ folder, edgePort, logPort, port, tls })
  const nginx = spawn('nginx', ['-c', config, '-e', 'stderr'], { stdio: ['ignore', 'inherit', 'inherit'] })
  t.after(async () => {
    await ended(nginx)
    await rm(folder, { recursive: true })
  })
  const ask = (path: string, headers: Record<string, string> = {}) => askOf(port, path, headers)
  await answers(ask)
  return { port, tlsPort: tls.port, ask }
}

/** An edge with the live broadcast `b-1`, and a door before it; `told` hears of each line of its log. */
export async function doorUnderTest(
  t: TestContext,
  pod: (request: IncomingMessage, response: ServerResponse) => void,
  options: { holdMs?: number } = {},
) {
  const behind = await edgeUnderTest(t, pod, options)
  const told = new EventEmitter<{ line: [DoorLine] }>()
  const onLine = (line: DoorLine) => {
    behind.edge.countElsewhere(line)
    told.emit('line', line)
  }
  const log = await listenToDoors({ port: 0, host: '127.0.0.1', onLine })
  t.after(() => log.close())
  const { ask, tlsPort } = await doorBefore(t, { edgePort: behind.port, logPort: log.port })
  behind.routes.upsert(broadcastOf('b-1', behind.live))
  return { ...behind, ask, told, tlsPort }
}

async function ended(nginx: ChildProcess): Promise<void> {
  if (nginx.exitCode !== null) return
  const exit = once(nginx, 'exit')
  nginx.kill('SIGTERM')
  await exit
}

async function askOf(port: number, path: string, headers: Record<string, string>): Promise<HttpAnswer> {
  const outgoing = request({ port, host: '127.0.0.1', path, headers, agent: false }).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }
}

async function answers(ask: (path: string) => Promise<HttpAnswer>): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    try {
      return void (await ask('/'))
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

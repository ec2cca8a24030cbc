/**
 * Real MariaDB, Redis and S3 for tests: private servers in a temporary folder on free loopback ports.
 * `npm test`'s runner starts one of each for the whole run and tells their URLs in TEST_MYSQL_URL, TEST_REDIS_URL and
 * TEST_S3_ENDPOINT; a test that kills its server starts its own with these functions.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const startDeadlineMs = 300_000
const lowestGivenPort = 30_000 // Linux gives those from 32,768 on, and Kubernetes those from 30,000 on to Services

/** A running server. */
export interface Part {
  url: string
  port: number
  pid: number
  /** Ends it in order and removes its folder. */
  stop(): Promise<void>
  /** SIGKILL, folder kept: for tests of what survives. */
  kill(): Promise<void>
}

/** Starts a MariaDB that syncs its log at every commit; the URL's user may create databases. */
export async function startMariadb(
  options: { folder?: string; port?: number; arguments?: string[] } = {},
): Promise<Part> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mytaek1-mariadb-')))
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  const data = join(folder, 'data')
  // of its own: in a shared /tmp two servers with one process id, of two containers, take each other's temporary tables away
  const env = { ...process.env, TMPDIR: folder, PATH: `${process.env.PATH}:/usr/sbin` }
  const install = spawnSync(
    'mariadb-install-db',
    ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot],
    { encoding: 'utf8', env },
  )
  if (install.error) throw new Error('mariadb-install-db is missing: install mariadb-server', { cause: install.error })
  if (install.status !== 0) throw new Error(`mariadb-install-db failed: ${install.stderr}`)
  const port = options.port ?? (await freePort())
  const child = spawn(
    'mariadbd',
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(folder, 'socket')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=256M',
      '--innodb-log-file-size=256M',
      '--innodb-adaptive-hash-index=ON', // as the chart's
      '--max-connections=600',
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      ...asRoot,
      ...(options.arguments ?? []),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env },
  )
  return await ready(child, { url: `mysql://root@127.0.0.1:${port}/`, port, folder, name: 'mariadbd' })
}

// as many databases as there are test files, and more
const fixedRedis = ['--bind', '127.0.0.1', '--save', '', '--databases', '1000']

/** Starts a Redis that keeps nothing on disk, unless its arguments say so. */
export async function startRedis(
  options: { folder?: string; port?: number; arguments?: string[] } = {},
): Promise<Part> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'mytaek1-redis-')))
  const port = options.port ?? (await freePort())
  const child = spawn(
    'redis-server',
    [...fixedRedis, '--port', `${port}`, '--dir', folder, ...(options.arguments ?? [])],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return await ready(child, { url: `redis://127.0.0.1:${port}`, port, folder, name: 'redis-server' })
}

/** Starts an S3 server (versitygw over a folder); keys are `test` / `test-secret`. `binary` is its path. */
export async function startS3(options: { binary: string }): Promise<Part> {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-s3-'))
  const port = await freePort()
  const child = spawn(
    options.binary,
    ['--port', `127.0.0.1:${port}`, '--access', 'test', '--secret', 'test-secret', 'posix', folder],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  return await ready(child, { url: `http://127.0.0.1:${port}`, port, folder, name: 'versitygw' })
}

/**
 * A loopback TCP port that nothing listens on at the moment of asking. It is below those that the kernel gives to whoever asks for
 * any, and to every connection that is made: until its server listens, and while that is down, no other test is given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, lowestGivenPort)
    if (picked.has(port)) continue
    picked.add(port)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

const picked = new Set<number>() // by this process

async function ready(
  child: ChildProcess,
  part: { url: string; port: number; folder: string; name: string },
): Promise<Part> {
  let lastWords = ''
  child.stderr?.on('data', (chunk: Buffer) => (lastWords = (lastWords + chunk.toString()).slice(-2_000)))
  const exited = once(child, 'exit').catch((error: unknown) => error)
  const deadline = Date.now() + startDeadlineMs
  while (!(await accepts(part.port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${part.name} did not start: ${lastWords}`)
    }
    await delay(50)
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
  }
  return {
    url: part.url,
    port: part.port,
    pid: child.pid ?? 0,
    stop: async () => {
      await end('SIGTERM')
      await rm(part.folder, { recursive: true, force: true })
    },
    kill: () => end('SIGKILL'),
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

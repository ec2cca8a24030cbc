/** Commerce processes as they run in production, on a MariaDB and a Redis started for the bench. */
import { createDatabase } from '@mytaek1/platform/testing/database.ts'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { connectMysql, migrate } from '@mytaek1/platform/mysql.ts'
import { startMariadb, startRedis, type Part } from '@mytaek1/platform/testing/parts.ts'
import { migrations } from '../src/migrations.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The stores, and the environment that leads commerce to them. */
export interface Stores {
  redisUrl: string
  env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Starts the stores and brings the schema up to date. */
export async function startStores(): Promise<Stores> {
  const parts: Part[] = []
  const stop = async () => void (await Promise.all(parts.map((part) => part.stop())))
  try {
    const [mariadb, redis] = await Promise.all([startMariadb(), startRedis()])
    parts.push(mariadb, redis)
    const admin = connectMysql({ url: mariadb.url, poolMax: 1 })
    await admin.raw(createDatabase('commerce'))
    await admin.destroy()
    const url = `${mariadb.url}commerce`
    const db = connectMysql({ url, poolMax: 2 })
    await migrate(db, migrations)
    await db.destroy()
    const { privateKey } = generateKeyPairSync('ed25519')
    const env = {
      PATH: process.env.PATH,
      MYSQL_URL: url,
      REDIS_URLS: redis.url,
      S3_ENDPOINT: 'http://127.0.0.1:9', // no images here
      S3_ACCESS_KEY_ID: 'none',
      S3_SECRET_ACCESS_KEY: 'none',
      SERVICE_TOKEN: randomBytes(32).toString('hex'),
      TOKEN_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      PAYMENT_URL: 'http://127.0.0.1:9',
      KUBERNETES: 'off',
      PORT: '0',
      ADMIN_PORT: '0',
    }
    return { redisUrl: redis.url, env, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A running commerce process. */
export interface CommerceProcess {
  url: string
  /** Bytes of memory it holds now, and seconds of processor time it has used. */
  usage(): Promise<{ memoryBytes: number; cpuSeconds: number }>
  stop(): Promise<void>
}

/** Starts `main.ts serve` and waits until it listens. */
export async function startCommerce(env: NodeJS.ProcessEnv): Promise<CommerceProcess> {
  const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = async () => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { event: string; port: number; adminPort: number }
    if (entry.event !== 'commerce.ready') continue
    child.stdout.resume()
    const metrics = `http://127.0.0.1:${entry.adminPort}/metrics`
    return {
      url: `http://127.0.0.1:${entry.port}`,
      usage: async () => {
        const text = await (await fetch(metrics)).text()
        const value = (name: string) => Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1])
        return { memoryBytes: value('process_resident_memory_bytes'), cpuSeconds: value('process_cpu_seconds_total') }
      },
      stop,
    }
  }
  throw new Error('commerce ended before it listened')
}

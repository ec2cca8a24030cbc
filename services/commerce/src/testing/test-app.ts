/** The whole service for a test file: a database of its own, everything wired as in production, listening on a free port. */
import { generateKeyPairSync } from 'node:crypto'
import { after } from 'node:test'
import { startHttpServer } from '@mytaek1/platform/http-app.ts'
import { createLogger } from '@mytaek1/platform/logger.ts'
import { migrate } from '@mytaek1/platform/mysql.ts'
import { redisReady } from '@mytaek1/platform/redis.ts'
import { patientRedisMs, testDatabase, testRedisUrl } from '@mytaek1/platform/testing/database.ts'
import { createCommerce, type Commerce } from '../commerce.ts'
import { readConfig, type Config } from '../config.ts'
import { migrations } from '../migrations.ts'
import { testS3 } from './s3.ts'
import { ApiClient } from './api-client.ts'

const { privateKey } = generateKeyPairSync('ed25519')

/** A running service. */
export interface TestApp extends Commerce {
  config: Config
  /** `http://127.0.0.1:<port>` */
  url: string
  /** A caller that has not signed in. */
  anonymous: ApiClient
  /** Starts another process's worth of the same service on the same database. */
  another(): Promise<TestApp>
}

/** Starts the service; it ends after the file's last test. Call it at the file's top level. */
export async function startTestApp(overrides: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const { db, url } = await testDatabase()
  await migrate(db, migrations)
  const s3 = await testS3()
  const config = readConfig({
    MYSQL_URL: url,
    REDIS_URLS: await testRedisUrl(),
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: 'commerce-tests',
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SERVICE_TOKEN: 'a secret that only tests of this service know',
    TOKEN_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    PAYMENT_URL: 'http://127.0.0.1:9', // nobody listens: deliveries stay in the outbox
    KUBERNETES: 'off',
    LOG_LEVEL: 'error',
    ...overrides,
  })
  return await start(config)
}

async function start(config: Config): Promise<TestApp> {
  const log = createLogger({ service: 'commerce-test', level: config.LOG_LEVEL })
  const commerce = await createCommerce(config, log, patientRedisMs)
  // it would serve without, as while Redis is away: counting for itself, and telling no other process
  if (!(await redisReady([commerce.redis], 60_000))) throw new Error(`no Redis at ${config.REDIS_URLS.join()}`)
  const server = await startHttpServer(commerce.app, { port: 0, host: '127.0.0.1' })
  after(async () => {
    commerce.endStreams()
    await server.close(1_000)
    await commerce.close()
  })
  const url = `http://127.0.0.1:${server.port}`
  return { ...commerce, config, url, anonymous: new ApiClient(url), another: () => start(config) }
}

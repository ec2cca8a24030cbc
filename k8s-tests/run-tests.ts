/**
 * Runs `node --test` over the given folders with one MariaDB, one Redis and one S3 beside it, so that test files
 * share the servers and keep to databases of their own; tests in a browser share a built site.
 *
 *   node k8s-tests/run-tests.ts services operator media …
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { freemem } from 'node:os'
import { startMariadb, startRedis, startS3, type Part } from '@mytaek1/platform/testing/parts.ts'
import { buildSite } from '../services/storefront/src/testing/built-site.ts'
import { pathsFor } from './cluster/host/paths.ts'
import { ensureTools } from './cluster/build/toolchain.ts'

const roots = process.argv.slice(2)
if (roots.length === 0) {
  console.error('Which folders? For example: node k8s-tests/run-tests.ts services operator media')
  process.exit(64)
}
const files = roots
  .flatMap((root) => (root.endsWith('.ts') ? [root] : globSync(`${root}/**/*.test.{ts,tsx}`)))
  .filter((file) => !file.includes('node_modules') && !file.includes('/suites/'))
  .sort()
if (files.length === 0) {
  console.error(`No *.test.ts below ${roots.join(', ')}`)
  process.exit(1)
}

const parts: Part[] = []
const site = files.some((file) => file.includes('browser.test')) ? buildSite() : undefined
site?.catch(() => undefined) // whoever waits for it hears of it
let status = 1
try {
  const { versitygw } = await ensureTools(pathsFor(process.env).cache, ['versitygw'])
  parts.push(...(await Promise.all([startMariadb(), startRedis(), startS3({ binary: versitygw })])))
  const [mariadb, redis, s3] = parts
  const child = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=600000', ...files], {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEST_MYSQL_URL: mariadb?.url,
      TEST_REDIS_URL: redis?.url,
      TEST_S3_ENDPOINT: s3?.url,
      TEST_SITE: (await site)?.folder,
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  status = code ?? 1
  if (status !== 0)
    console.error(`${files.length} test files; ${Math.round(freemem() / 2 ** 20)} MiB of memory free at the end`)
} finally {
  await Promise.all(parts.map((part) => part.stop()))
  await (await site?.catch(() => undefined))?.remove()
}
process.exit(status)

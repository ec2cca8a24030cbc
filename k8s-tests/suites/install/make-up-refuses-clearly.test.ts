import assert from 'node:assert/strict'
import { once } from 'node:events'
import { spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'

const tool = path.resolve(import.meta.dirname, '../../cluster/cli/main.ts')
const up = (env: NodeJS.ProcessEnv, wrapper: string[] = []) => {
  const result = spawnSync('env', [...wrapper, process.execPath, tool, 'up'], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 300_000,
  })
  return { status: result.status, said: `${result.stdout}${result.stderr}` }
}
// Another cache folder is another cluster: the one under test is not touched.
const elsewhere = (name: string) => ({
  MYTAEK1_CACHE: `/tmp/mytaek1-refusal-${name}`,
  MYTAEK1_HTTPS_PORT: '18443',
  MYTAEK1_RTMP_PORT: '11935',
  MYTAEK1_RTMPS_PORT: '11936',
})

test('make up with a port taken names the port and the variable that moves it', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { status, said } = up({ ...elsewhere('port'), MYTAEK1_HTTP_PORT: String(port) })
  assert.notEqual(status, 0)
  assert.match(said, new RegExp(`${port}`))
  assert.match(said, /MYTAEK1_HTTP_PORT/)
})

test('make up without root says so in one clear error', () => {
  const { status, said } = up({ ...elsewhere('root'), MYTAEK1_HTTP_PORT: '18080' }, [
    'setpriv',
    '--reuid=65534',
    '--clear-groups',
  ])
  assert.notEqual(status, 0)
  assert.match(said, /root/)
  assert.doesNotMatch(said, /at .*\.ts:\d+/) // a sentence, not a stack
})

test('make up without space says how much is there and how much it takes, before anything starts', () => {
  const env = elsewhere('space')
  // A mount namespace of its own, where the cache folder is a disk of 64 MiB
  const smallDisk = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mkdir -p "$0" && mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@"',
    env.MYTAEK1_CACHE,
  ]
  const { status, said } = up({ ...env, MYTAEK1_HTTP_PORT: '18081' }, smallDisk)
  assert.notEqual(status, 0)
  assert.match(said, /free|space|disk/i)
  assert.match(said, /\d+(\.\d+)? ?G/i)
  assert.doesNotMatch(said, /at .*\.ts:\d+/)
})

/** Processes that record and show recordings: a start with half of what opens a bucket ends at once, and says what is missing. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const main = resolve(import.meta.dirname, 'main.ts')
const needed = { REDIS_URLS: 'redis://127.0.0.1:9', SERVICE_TOKEN: 'a token of sixteen characters or more' }
const S3_ENDPOINT = 'http://127.0.0.1:9'

const wrong: [env: Record<string, string>, says: RegExp][] = [
  [{ S3_ENDPOINT, S3_ACCESS_KEY_ID: 'an-id' }, /S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: come together/],
  [
    { S3_ENDPOINT, AWS_ROLE_ARN: 'arn:aws:iam::1:role/shop' },
    /AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE: come together/,
  ],
]
for (const command of ['stream', 'edge'])
  for (const [env, says] of wrong)
    test(`${command} with ${Object.keys(env).join(' and ')} alone`, { timeout: 300_000 }, async (t) => {
      const child = spawn(process.execPath, [main, command], {
        env: { PATH: process.env['PATH'], ...needed, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      t.after(() => child.kill('SIGKILL'))
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
      assert.equal(code, 78)
      assert.match(said, says)
      assert.doesNotMatch(said, /an-id|arn:aws/)
    })

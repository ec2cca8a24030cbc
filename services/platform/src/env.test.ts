import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { isWithin } from './address-blocks.ts'
import {
  addressBlocks,
  ConfigError,
  commonVariables,
  flag,
  optionalS3Variables,
  readEnv,
  s3Misfits,
  s3Of,
  s3Variables,
  seconds,
  secret,
  url,
  urlList,
} from './env.ts'

const shape = {
  ...commonVariables,
  MYSQL_URL: url(['mysql:']),
  REDIS_URLS: urlList(['redis:', 'rediss:']),
  TOKEN: secret(16),
  WINDOW: seconds(600),
  TLS: flag(false),
}

test('a good environment becomes one frozen object with defaults filled in', () => {
  const config = readEnv(
    { MYSQL_URL: 'mysql://a@b/c', REDIS_URLS: 'redis://x:1, redis://y:2', TOKEN: 'x'.repeat(16), TLS: 'on', PORT: '' },
    shape,
  )
  assert.deepEqual(config, {
    PORT: 8080,
    ADMIN_PORT: 9090,
    LOG_LEVEL: 'info',
    MYSQL_URL: 'mysql://a@b/c',
    REDIS_URLS: ['redis://x:1', 'redis://y:2'],
    TOKEN: 'xxxxxxxxxxxxxxxx',
    WINDOW: 600,
    TLS: true,
  })
  assert.equal(Object.isFrozen(config), true)
})

test('a bad environment is refused with every bad variable named and no value shown', () => {
  const env = {
    PORT: '80a',
    MYSQL_URL: 'http://secret@b',
    TOKEN: 'tooshort',
    TLS: 'maybe',
    REDIS_URLS: 'redis://x,ftp://y',
  }
  assert.throws(
    () => readEnv(env, shape),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      for (const name of ['PORT', 'MYSQL_URL', 'TOKEN', 'TLS', 'REDIS_URLS'])
        assert.match(error.message, new RegExp(`  ${name}: `))
      assert.doesNotMatch(error.message, /tooshort|secret@/)
      return true
    },
  )
  assert.throws(() => readEnv({}, { TOKEN: secret() }), /TOKEN: is required/)
})

test('blocks of addresses are read whole, or refused by the name of their variable', () => {
  const { PROXIES } = readEnv({ PROXIES: '192.0.2.0/24, 2001:db8::/32' }, { PROXIES: addressBlocks() })
  const known = ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'].map((address) => isWithin(PROXIES, address))
  assert.deepEqual(
    [...known, isWithin(PROXIES, '198.51.100.7'), isWithin(PROXIES, '')],
    [true, true, true, false, false],
  )
  for (const wrong of ['192.0.2.7', 'lb.example/24', '192.0.2.0/33', '192.0.2.0/24,'])
    assert.throws(
      () => readEnv({ PROXIES: wrong }, { PROXIES: addressBlocks() }),
      /PROXIES: must be blocks of addresses/,
    )
})

test('a variable may come from a file, and a file that is not there is named', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mytaek1-env-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'token'), 'from-a-mounted-file\n')
  assert.equal(readEnv({ TOKEN_FILE: join(folder, 'token') }, { TOKEN: secret() }).TOKEN, 'from-a-mounted-file')
  assert.throws(() => readEnv({ TOKEN_FILE: join(folder, 'none') }, { TOKEN: secret() }), /TOKEN_FILE: ENOENT/)
})

suite('variables of a bucket', () => {
  const S3_ENDPOINT = 'https://s3.example'
  const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'a secret' }
  const place = { endpoint: S3_ENDPOINT, region: 'us-east-1', bucket: 'mytaek1' }

  test('with keys it is opened by them, without by a role, and without an endpoint there is none', () => {
    const of = (env: NodeJS.ProcessEnv) => s3Of(readEnv(env, optionalS3Variables, s3Misfits))
    assert.deepEqual(of({ S3_ENDPOINT, ...keys }), {
      ...place,
      keys: { accessKeyId: 'id', secretAccessKey: 'a secret' },
    })
    assert.deepEqual(of({ S3_ENDPOINT }), place)
    assert.deepEqual(of({ S3_ENDPOINT, AWS_ROLE_ARN: 'arn', AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }), place)
    assert.equal(of({}), undefined)
  })

  const wrong: [env: NodeJS.ProcessEnv, says: RegExp][] = [
    [{ S3_ENDPOINT, S3_ACCESS_KEY_ID: 'id' }, /S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: come together/],
    [{ S3_ENDPOINT, S3_SECRET_ACCESS_KEY: 'a secret' }, /S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY: come together/],
    [keys, /S3_ENDPOINT: is required with S3_ACCESS_KEY_ID/],
    [{ S3_ENDPOINT, AWS_ROLE_ARN: 'arn' }, /AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE: come together/],
    [
      { S3_ENDPOINT, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' },
      /AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE: come together/,
    ],
  ]
  for (const [env, says] of wrong)
    test(`${Object.keys(env).join(', ')} alone end the start, and no value is shown`, () => {
      for (const shape of [optionalS3Variables, ...('S3_ENDPOINT' in env ? [s3Variables] : [])])
        assert.throws(
          () => readEnv(env, shape, s3Misfits),
          (error: unknown) => {
            assert.ok(error instanceof ConfigError)
            assert.match(error.message, says)
            assert.doesNotMatch(error.message, /a secret|\/token/)
            return true
          },
        )
    })
})

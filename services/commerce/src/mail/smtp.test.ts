import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError, readEnv } from '@mytaek1/platform/env.ts'
import { judgeFailure } from './judge-failure.ts'
import { mailVariables, smtpOf } from './smtp.ts'

const read = (env: Record<string, string>) => smtpOf(readEnv(env, mailVariables))
const server = { SMTP_HOST: 'smtp.example.com', MAIL_FROM: 'The Shop <shop@example.com>' }

describe('variables of mail', () => {
  test('none of them: no mail', () => assert.equal(read({}), undefined))

  test('a server: submission over STARTTLS', () => {
    assert.deepEqual(read(server), {
      host: 'smtp.example.com',
      port: 587,
      tls: 'starttls',
      from: { name: 'The Shop', address: 'shop@example.com' },
    })
  })

  const wrong: [env: Record<string, string>, says: RegExp][] = [
    [{ SMTP_HOST: 'smtp.example.com' }, /MAIL_FROM: is required with SMTP_HOST/],
    [{ ...server, MAIL_FROM: 'a@b.example, c@d.example' }, /MAIL_FROM: must be an e-mail address/],
    [{ ...server, MAIL_FROM: 'Shop\r\nBcc: x@y.example <a@b.example>' }, /MAIL_FROM: must be/],
    [{ ...server, SMTP_USER: 'shop' }, /SMTP_PASSWORD: is required with SMTP_USER/],
    [{ ...server, SMTP_PASSWORD: 'hush' }, /SMTP_USER: is required with SMTP_PASSWORD/],
    [{ ...server, SMTP_USER: 'shop', SMTP_PASSWORD: 'hush', SMTP_TLS: 'none' }, /SMTP_TLS: is none/],
    [{ SMTP_USER: 'shop', SMTP_PASSWORD: 'hush' }, /SMTP_USER: is set, and SMTP_HOST, .*is not/],
    [{ ...server, SMTP_TLS: 'ssl' }, /SMTP_TLS: must be starttls, tls or none/],
    [{ ...server, SMTP_PORT: '0' }, /SMTP_PORT/],
  ]
  for (const [env, says] of wrong)
    test(`${JSON.stringify(env)}: refused, and no value is told`, () => {
      assert.throws(
        () => read(env),
        (error) => error instanceof ConfigError && says.test(error.message) && !error.message.includes('hush'),
      )
    })
})

describe('a failure', () => {
  const failures: [error: object, kind: string, code: string][] = [
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' }, 'server', 'ESOCKET CONN'],
    [{ code: 'ECONNECTION', command: 'CONN' }, 'later', 'ECONNECTION CONN'],
    [{ code: 'EDNS' }, 'server', 'EDNS'],
    [{ code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }, 'server', 'EAUTH 535 AUTH PLAIN'],
    [{ code: 'EENVELOPE', responseCode: 550, command: 'MAIL FROM' }, 'server', 'EENVELOPE 550 MAIL FROM'],
    [{ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, 'refused', 'EENVELOPE 550 RCPT TO'],
    [{ code: 'EMESSAGE', responseCode: 554, command: 'DATA' }, 'refused', 'EMESSAGE 554 DATA'],
    [{ code: 'ECONNECTION', responseCode: 550, command: 'EHLO' }, 'server', 'ECONNECTION 550 EHLO'],
    [{ code: 'EMESSAGE', responseCode: 451, command: 'DATA' }, 'later', 'EMESSAGE 451 DATA'],
    [{ code: 'EENVELOPE', responseCode: 421, command: 'RCPT TO' }, 'server', 'EENVELOPE 421 RCPT TO'],
    [{ code: 'EABORT' }, 'later', 'EABORT'],
    [{}, 'later', 'UNKNOWN'],
  ]
  for (const [error, kind, code] of failures)
    test(`${code || 'of nothing known'} is ${kind}`, () => {
      const told = Object.assign(new Error('550 <ann@example.com> unknown'), { response: 'ann@example.com' }, error)
      assert.deepEqual(judgeFailure(told), { kind, code })
    })
})

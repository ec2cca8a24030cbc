import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type TLSSocket, connect } from 'node:tls'
import { listening, silent } from '../rtmp/testing/listening.ts'
import { Certificate } from './certificate.ts'

test('a renewed certificate is shown to the next encoder; one that does not fit its key is not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mytaek1-certificate-'))
  t.after(() => rm(folder, { recursive: true }))
  const files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
  issue(files, 'first')
  const certificate = new Certificate({ ...files, everyMs: 20 })
  const { server } = await listening(t, { tls: certificate.read() })
  t.after(() => certificate.close())
  const renewed = Promise.withResolvers<void>()
  certificate.onRenewed(
    (tls) => {
      server.renewTls(tls)
      renewed.resolve()
    },
    { ...silent, error: () => refused.resolve() },
  )
  const refused = Promise.withResolvers<void>()
  assert.equal(await nameShown(server.port), 'first')

  const next = { certFile: join(folder, 'next.crt'), keyFile: files.keyFile }
  issue(next, 'second')
  await rename(next.certFile, files.certFile)
  await renewed.promise
  assert.equal(await nameShown(server.port), 'second')

  await writeFile(files.certFile, 'nonsense')
  await refused.promise
  assert.equal(await nameShown(server.port), 'second')
})

function issue({ certFile, keyFile }: { certFile: string; keyFile: string }, name: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-subj', `/CN=${name}`, '-days', '2'], {
    stdio: 'ignore',
  })
}

async function nameShown(port: number): Promise<string> {
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

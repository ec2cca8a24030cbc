import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type TLSSocket, connect } from 'node:tls'
import { listening, silent } from '../rtmp/testing/listening.ts'
import { Certificate } from './certificate.ts'

const pair = ({ folder, name }: { folder: string; name: string }) => ({
  certFile: join(folder, `${name}.crt`),
  keyFile: join(folder, `${name}.key`),
})

for (const order of [
  ['keyFile', 'certFile'],
  ['certFile', 'keyFile'],
] as const) {
  test(`a renewed certificate is shown to the next encoder, the ${order[0]} written first`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'mytaek1-certificate-'))
    t.after(() => rm(folder, { recursive: true }))
    const [files, next] = [pair({ folder, name: 'tls' }), pair({ folder, name: 'next' })]
    issue(files, 'first')
    issue(next, 'second')
    const certificate = new Certificate({ ...files, everyMs: 20 })
    const { server } = await listening(t, { tls: certificate.read() })
    t.after(() => certificate.close())
    const told = new EventEmitter<{ renewed: []; refused: [] }>()
    certificate.onRenewed(
      (tls) => {
        server.renewTls(tls)
        told.emit('renewed')
      },
      { ...silent, error: () => told.emit('refused') },
    )
    assert.equal(await nameShown(server.port), 'first')

    const signal = AbortSignal.timeout(60_000)
    const refused = once(told, 'refused', { signal })
    await rename(next[order[0]], files[order[0]])
    await refused
    assert.equal(await nameShown(server.port), 'first', 'half a pair changes nothing')

    const renewed = once(told, 'renewed', { signal })
    await rename(next[order[1]], files[order[1]])
    await renewed
    assert.equal(await nameShown(server.port), 'second')

    const refusedAgain = once(told, 'refused', { signal })
    await writeFile(files.certFile, 'nonsense')
    await refusedAgain
    assert.equal(await nameShown(server.port), 'second')
  })
}

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

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../host/run.ts'

/** One certificate to be signed by the cluster's own authority. */
export type CertificateRequest = {
  /** File name without ending. */
  name: string
  /** Subject as openssl takes it: `/O=system:masters/CN=admin`. */
  subject: string
  /** Subject alternative names: `DNS:localhost`, `IP:127.0.0.1`. */
  altNames?: readonly string[]
}

/**
 * Makes a certificate authority, the service account key and all certificates in one folder (mode 0700).
 *
 * P-256 keys: made in milliseconds, where 2048-bit RSA takes up to a second each.
 */
export async function makePki(folder: string, requests: readonly CertificateRequest[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const openssl = (...args: string[]): Promise<string> => run('openssl', args, { cwd: folder })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '3650',
    '-subj',
    '/CN=mytaek1-ca',
  )
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'sa.key')
  await openssl('ec', '-in', 'sa.key', '-pubout', '-out', 'sa.pub')
  for (const [index, { name, subject, altNames }] of requests.entries()) {
    const extensions = [
      'extendedKeyUsage=serverAuth,clientAuth',
      ...(altNames ? [`subjectAltName=${altNames.join(',')}`] : []),
    ]
    await writeFile(path.join(folder, `${name}.ext`), extensions.join('\n'))
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject)
    const serial = String(index + 1)
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-set_serial',
      serial,
      '-out',
      `${name}.crt`,
      '-days',
      '3650',
      '-extfile',
      `${name}.ext`,
    )
    await rm(path.join(folder, `${name}.csr`))
    await rm(path.join(folder, `${name}.ext`))
  }
}

/**
 * Writes a kubeconfig that carries its certificates, so that the one file can be handed around.
 *
 * @param options `pki` the folder of {@link makePki}, `user` the certificate's name there.
 */
export async function writeKubeconfig(
  file: string,
  options: { server: string; pki: string; user: string },
): Promise<void> {
  const embed = async (name: string): Promise<string> =>
    (await readFile(path.join(options.pki, name))).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'mytaek1', cluster: { server: options.server, 'certificate-authority-data': await embed('ca.crt') } },
    ],
    users: [
      {
        name: options.user,
        user: {
          'client-certificate-data': await embed(`${options.user}.crt`),
          'client-key-data': await embed(`${options.user}.key`),
        },
      },
    ],
    contexts: [{ name: 'mytaek1', context: { cluster: 'mytaek1', user: options.user } }],
    'current-context': 'mytaek1',
  }
  // JSON is YAML: no quoting to get wrong.
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 })
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@mytaek1/platform/testing/parts.ts'
import { pathsFor } from '../host/paths.ts'
import { makePki, writeKubeconfig } from './pki.ts'
import { ensureTools } from '../build/toolchain.ts'

/** A boot takes about 3 s alone, and was seen to take 90 s on two cores with a hundred processes waiting. */
const bootDeadlineMs = 300_000

/** A real kube-apiserver with its etcd, nothing else: no controllers, no kubelet. */
export type LocalApiserver = {
  /** A kubeconfig of a cluster-admin, with its certificates inside. */
  kubeconfigPath: string
  /** `https://127.0.0.1:<port>` */
  server: string
  /** The folder of this server: keys, etcd's data, and the logs `etcd.log` and `kube-apiserver.log`. */
  folder: string
  etcd: ChildProcess
  apiserver: ChildProcess
  /** Ends both processes and removes the folder; safe to call twice. */
  stop: () => Promise<void>
}

/**
 * Starts etcd and kube-apiserver as plain processes on free loopback ports, for tests against the real API.
 * Needs no root. The first call on a machine builds the kube binary, which takes minutes.
 *
 * @param options.apiserverArgs more flags for kube-apiserver, e.g. those of its audit log.
 * @throws {Error} the server was not ready in time or ended; the message carries the end of its log.
 */
export async function startLocalApiserver(
  options: { apiserverArgs?: readonly string[] } = {},
): Promise<LocalApiserver> {
  const { kube } = await ensureTools(pathsFor(process.env).cache, ['kube'])
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-apiserver-'))
  const pki = path.join(folder, 'pki')
  await makePki(pki, [
    {
      name: 'apiserver',
      subject: '/CN=kube-apiserver',
      altNames: ['DNS:localhost', 'DNS:kubernetes.default.svc', 'IP:127.0.0.1'],
    },
    { name: 'admin', subject: '/O=system:masters/CN=admin' },
  ])
  const [clientPort, peerPort, securePort] = [await freePort(), await freePort(), await freePort()]
  const start = (name: string, args: readonly string[]): ChildProcess => {
    const log = createWriteStream(path.join(folder, `${name}.log`))
    const child = spawn(kube, [name, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    child.once('close', () => log.end())
    return child
  }
  const etcd = start('etcd', [
    `--data-dir=${folder}/etcd`,
    `--listen-client-urls=http://127.0.0.1:${clientPort}`,
    `--advertise-client-urls=http://127.0.0.1:${clientPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ])
  const apiserver = start('kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${clientPort}`,
    '--bind-address=127.0.0.1',
    // Endpoints reject a loopback address; nothing follows this one.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${securePort}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    '--service-account-issuer=https://kubernetes.default.svc',
    // No controller manager makes the default ServiceAccount here; Pods could not be created with the plugin on.
    '--disable-admission-plugins=ServiceAccount',
    ...(options.apiserverArgs ?? []),
  ])
  const server = `https://127.0.0.1:${securePort}`
  const kubeconfigPath = path.join(folder, 'kubeconfig')
  const stop = async (): Promise<void> => {
    await Promise.all([end(apiserver), end(etcd)])
    await rm(folder, { recursive: true, force: true })
  }
  // A test runner that dies without calling stop() must not leave servers behind.
  const onExit = (): void => {
    apiserver.kill('SIGKILL')
    etcd.kill('SIGKILL')
  }
  process.once('exit', onExit)
  try {
    await writeKubeconfig(kubeconfigPath, { server, pki, user: 'admin' })
    await waitUntilReady({ server, pki, apiserver, etcd, folder })
  } catch (error) {
    await stop()
    throw error
  }
  return {
    kubeconfigPath,
    server,
    folder,
    etcd,
    apiserver,
    stop: async () => {
      process.off('exit', onExit)
      await stop()
    },
  }
}

async function waitUntilReady(options: {
  server: string
  pki: string
  apiserver: ChildProcess
  etcd: ChildProcess
  folder: string
}): Promise<void> {
  const deadline = Date.now() + bootDeadlineMs
  const tls = {
    ca: await readFile(path.join(options.pki, 'ca.crt')),
    cert: await readFile(path.join(options.pki, 'admin.crt')),
    key: await readFile(path.join(options.pki, 'admin.key')),
  }
  for (;;) {
    const answers = (what: string) =>
      new Promise<boolean>((resolve) => {
        const ask = request(`${options.server}${what}`, { ...tls, agent: false, timeout: 5_000 }, (answer) => {
          answer.resume()
          resolve(answer.statusCode === 200)
        })
        ask.on('error', () => resolve(false))
        ask.on('timeout', () => ask.destroy())
        ask.end()
      })
    // its own namespace is made beside the rest, and is no part of being ready
    if ((await answers('/readyz')) && (await answers('/api/v1/namespaces/default'))) return
    const ended = options.apiserver.exitCode !== null || options.etcd.exitCode !== null
    if (ended || Date.now() > deadline) {
      const log = await readFile(
        path.join(options.folder, options.etcd.exitCode === null ? 'kube-apiserver.log' : 'etcd.log'),
        'utf8',
      ).catch(() => '')
      const why = ended ? 'ended while starting' : `was not ready after ${bootDeadlineMs / 1000} s`
      throw new Error(`the local kube-apiserver ${why}; its last lines:\n${log.split('\n').slice(-15).join('\n')}`)
    }
    await sleep(100)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  // SIGKILL: the data is thrown away, and a graceful apiserver waits for its watches.
  child.kill('SIGKILL')
  await ended
}

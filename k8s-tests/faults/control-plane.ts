/** The node's control plane as faults and their recovery see it: asked directly, without the price of a kubectl a call. */
import { setTimeout as delay } from 'node:timers/promises'
import { disturb, findComponent, type ComponentAction, type ComponentName } from '../cluster/node/components.ts'
import { openKubeApi, type KubeApi } from '../cluster/doors/kube-api.ts'
import { pathsFor } from '../cluster/host/paths.ts'
import { run } from '../cluster/host/run.ts'
import { kubeconfigOf, readState } from '../cluster/node/state.ts'
import { namespace } from '../framework/platform-under-test.ts'
import { notYet, waitFor } from '../framework/wait-for.ts'

const paths = pathsFor(process.env)
const bootSeconds = 120
/** An object that every namespace has and nobody follows for its annotations. */
const harmlessPath = `/api/v1/namespaces/${namespace}/configmaps/kube-root-ca.crt`
const etcdUrl = 'http://127.0.0.1:2379'

/** The running node and its API. */
export interface ControlPlane {
  api: KubeApi
  disturb(action: ComponentAction, name: ComponentName): Promise<void>
  /** Resolves when the apiserver says that it is ready and takes a write: from then on recovery is its clients' affair. */
  apiserverIsReady(): Promise<void>
  /** Resolves when the component runs as another process than `before`. */
  restarted(name: ComponentName, before: number | undefined): Promise<void>
  pidOf(name: ComponentName): Promise<number | undefined>
  /** Makes etcd forget its history up to now. @returns the revision */
  compact(): Promise<number>
}

/** @throws {Error} no embedded cluster of this checkout runs. */
export async function openControlPlane(): Promise<ControlPlane> {
  const node = (await readState(paths))?.node
  if (node === undefined) throw new Error('no embedded cluster of this checkout runs; `make up` starts one')
  const api = await openKubeApi(kubeconfigOf(paths))
  const pidOf = async (name: ComponentName) => (await findComponent(node, name))?.pid
  const etcd = async (call: string, body: object): Promise<unknown> => {
    const script = `const answer = await fetch(process.argv[1], { method: 'POST', body: process.argv[2] })
      if (!answer.ok) throw new Error(await answer.text())
      console.log(await answer.text())`
    const node24 = [process.execPath, '--input-type=module', '--eval', script, `${etcdUrl}/v3/kv/${call}`]
    const inNode = ['-t', String(node.pid), '-n', ...node24, JSON.stringify(body)]
    return JSON.parse(await run('nsenter', inNode, { timeoutMs: 20_000 }))
  }
  return {
    api,
    pidOf,
    disturb: (action, name) => disturb({ paths, node, action, name }),
    apiserverIsReady: async () => {
      const ready = async () => {
        await api('GET', '/readyz')
        await api('PATCH', harmlessPath, { metadata: { annotations: { 'mytaek1.dev/faults': String(Date.now()) } } })
      }
      await waitFor('the apiserver to be ready', bootSeconds, ready, 50)
    },
    restarted: async (name, before) => {
      await waitFor(`${name} to run again`, bootSeconds, async () => {
        const pid = await pidOf(name)
        return pid !== undefined && pid !== before ? pid : notYet(pid)
      })
    },
    compact: async () => {
      const any = { key: Buffer.from('/').toString('base64'), count_only: true }
      const { header } = (await etcd('range', any)) as { header: { revision: string } }
      await etcd('compaction', { revision: header.revision, physical: true })
      return Number(header.revision)
    },
  }
}

/** Tries a call until it succeeds: what a client does that has a write to make when the apiserver comes back. */
export async function insist<T>(call: () => Promise<T>, seconds = bootSeconds): Promise<T> {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(20)
    }
  }
}

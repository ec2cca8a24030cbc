/** What happens to a real node sooner or later, each as a beginning and an end. */
import { kubectl, kubectlJson, namespace } from '../framework/platform-under-test.ts'
import { notYet, waitFor } from '../framework/wait-for.ts'
import { cutConnections } from './black-hole.ts'
import type { ControlPlane } from './control-plane.ts'

/** One fault. `end` resolves at the moment from which recovery counts. */
export interface Fault {
  name: string
  begin(): Promise<void>
  end(): Promise<void>
  /** How long it lasts between the two, seconds. */
  seconds: number
  /** Most time until the control plane acts again, ms. */
  recoveryLimitMs: number
  /** Recovery counts from the beginning: nothing ever ends it, the clients have to notice. */
  endless?: boolean
  /** Watches of the platform must be told 410 by it, or it did not happen. */
  expires?: boolean
  /** Undoes what is left of it, whatever became of `end`; doing it again changes nothing. */
  undo(): Promise<void>
}

const recoveryLimitMs = 2_000
const nothing = () => Promise.resolve()
const operator = 'deployment/mytaek1-operator'
const operatorPodsPath = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fcomponent%3Doperator`

interface Pods {
  items: {
    metadata: { name: string; uid: string; deletionTimestamp?: string }
    status: { phase: string; conditions?: { type: string; status: string }[] }
  }[]
}

/** Every fault of the node; durations in seconds are those that need not be endured in full while debugging. */
export function faultsOf(
  plane: ControlPlane,
  durations: { apiserver: number; frozen: number; operator: number },
): Fault[] {
  const killed = (name: 'etcd' | 'kubelet' | 'containerd'): Fault => {
    let before: number | undefined
    return {
      name: `${name} killed`,
      seconds: 0,
      recoveryLimitMs,
      begin: async () => {
        before = await plane.pidOf(name)
        await plane.disturb('kill', name)
      },
      end: async () => {
        await plane.restarted(name, before)
        await plane.apiserverIsReady()
      },
      undo: nothing,
    }
  }
  return [
    {
      name: 'apiserver down',
      seconds: durations.apiserver,
      recoveryLimitMs,
      begin: () => plane.disturb('stop', 'kube-apiserver'),
      end: async () => {
        await plane.disturb('start', 'kube-apiserver')
        await plane.apiserverIsReady()
      },
      undo: () => plane.disturb('start', 'kube-apiserver'),
    },
    killed('etcd'),
    {
      name: 'history compacted (410)',
      expires: true,
      seconds: 0,
      recoveryLimitMs,
      // The apiserver answers old resource versions from its memory; only one that starts has none older than now.
      begin: async () => {
        const before = await plane.pidOf('kube-apiserver')
        await plane.compact()
        await plane.disturb('kill', 'kube-apiserver')
        await plane.restarted('kube-apiserver', before)
      },
      end: () => plane.apiserverIsReady(),
      undo: nothing,
    },
    blackHole(),
    {
      name: 'apiserver frozen',
      seconds: durations.frozen,
      recoveryLimitMs,
      begin: () => plane.disturb('pause', 'kube-apiserver'),
      end: async () => {
        await plane.disturb('resume', 'kube-apiserver')
        await plane.apiserverIsReady()
      },
      undo: () => plane.disturb('resume', 'kube-apiserver'),
    },
    killed('kubelet'),
    killed('containerd'),
    operatorGone(plane, durations.operator),
  ]
}

function blackHole(): Fault {
  const restores: (() => Promise<void>)[] = []
  return {
    name: 'watches black-holed',
    seconds: 0,
    recoveryLimitMs: 40_000,
    endless: true,
    begin: async () => {
      const selector = 'app.kubernetes.io/component in (operator,ingest,edge,stream)'
      const { items } = (await kubectlJson(['get', 'pods', '-l', selector])) as Pods
      const running = items.filter(({ status }) => status.phase === 'Running')
      const cut = await Promise.all(running.map(({ metadata }) => cutConnections(metadata.uid)))
      restores.push(...cut.map(({ restore }) => restore))
      const count = cut.reduce((sum, one) => sum + one.count, 0)
      if (count < running.length) throw new Error(`only ${count} connections of ${running.length} Pods were cut`)
    },
    end: nothing,
    undo: async () => {
      await Promise.all(restores.splice(0).map((restore) => restore()))
    },
  }
}

function operatorGone(plane: ControlPlane, seconds: number): Fault {
  let replicas = 2
  const podsOf = async () => ((await plane.api('GET', operatorPodsPath)) as Pods).items
  const scale = (count: number) => kubectl(['scale', operator, `--replicas=${count}`])
  return {
    name: 'operator gone',
    seconds,
    recoveryLimitMs,
    begin: async () => {
      const { spec } = (await kubectlJson(['get', operator])) as { spec: { replicas: number } }
      replicas = Math.max(1, spec.replicas)
      await scale(0)
      await waitFor('the operator to be gone', 60, async () => {
        const pods = await podsOf()
        return pods.length === 0 ? true : notYet(pods.length)
      })
    },
    end: async () => {
      await scale(replicas)
      await waitFor('an operator that is ready', 120, async () => {
        const pods = await podsOf()
        const isReady = pods.some(({ status }) =>
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        )
        return isReady ? true : notYet(pods.map(({ status }) => status.phase))
      })
    },
    undo: async () => {
      await scale(replicas)
      await kubectl(['rollout', 'status', operator, '--timeout=120s'], { timeoutMs: 130_000 })
    },
  }
}

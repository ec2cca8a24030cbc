import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { debianImage } from '../../build/base-images.ts'
import { toolImage } from '../../build/tools.ts'
import { clusterNetwork } from '../../node/network.ts'
import { run } from '../../host/run.ts'

/** Applied together, waited for together. */
const addons = ['coredns', 'local-path', 'traefik', 'metrics-server'] as const

const deployments = [
  ['kube-system', 'coredns'],
  ['local-path-storage', 'local-path-provisioner'],
  ['ingress', 'traefik'],
  ['kube-system', 'metrics-server'],
] as const

/**
 * Fills `${NAME}` in a manifest.
 *
 * @throws {Error} the manifest names a value that is not given.
 */
export function fillIn(manifest: string, values: Readonly<Record<string, string>>): string {
  return manifest.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the manifest asks for \${${name}}, which has no value`)
    return value
  })
}

/** Applies every addon; applying again changes only what differs. */
export async function applyAddons(options: { kube: string; kubeconfig: string; volumes: string }): Promise<void> {
  const values = {
    COREDNS_IMAGE: toolImage('coredns'),
    METRICS_SERVER_IMAGE: toolImage('metrics-server'),
    TRAEFIK_IMAGE: toolImage('traefik'),
    LOCAL_PATH_IMAGE: toolImage('local-path'),
    HELPER_IMAGE: debianImage,
    DNS_ADDRESS: clusterNetwork.dnsService,
    VOLUMES: options.volumes,
  }
  const manifests: string[] = []
  for (const addon of addons)
    manifests.push(fillIn(await readFile(path.join(import.meta.dirname, `${addon}.yaml`), 'utf8'), values))
  await run(options.kube, ['kubectl', '--kubeconfig', options.kubeconfig, 'apply', '-f', '-'], {
    input: manifests.join('\n---\n'),
  })
}

/** Waits until every addon's Deployment has its replicas and metrics are served. */
export async function waitForAddons(options: {
  kube: string
  kubeconfig: string
  note: (detail: string) => void
}): Promise<void> {
  const kubectl = ['kubectl', '--kubeconfig', options.kubeconfig]
  const waiting = new Set<string>(deployments.map(([, name]) => name))
  await Promise.all(
    deployments.map(async ([namespace, name]) => {
      await run(options.kube, [
        ...kubectl,
        '-n',
        namespace,
        'rollout',
        'status',
        `deployment/${name}`,
        '--timeout=480s',
      ])
      waiting.delete(name)
      options.note(`waiting for ${[...waiting].join(', ')}`)
    }),
  )
  options.note('waiting for metrics.k8s.io')
  await run(options.kube, [
    ...kubectl,
    'wait',
    '--for=condition=Available',
    'apiservice/v1beta1.metrics.k8s.io',
    '--timeout=300s',
  ])
}

import { spawn } from 'node:child_process'
import { chmod, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupName, hierarchies, makeCgroups, removeCgroups } from './cgroups.ts'
import { clusterNetwork, type Network } from './network.ts'
import { nodeConfigFiles } from './node-config.ts'
import type { Paths } from '../host/paths.ts'
import { makePki, writeKubeconfig } from './pki.ts'
import { endProcess, identify, isAlive, type ProcessIdentity } from '../host/processes.ts'
import { run, tryRun } from '../host/run.ts'
import { kubeconfigOf } from './state.ts'

/** The socket of the node's containerd, as seen from outside its namespaces. */
export const containerdSocket = (node: ProcessIdentity): string =>
  `/proc/${node.pid}/root/run/containerd/containerd.sock`

/**
 * Starts the node in namespaces of its own and joins them to the host by one veth pair and one route.
 * The node outlives this process; {@link stopNode} ends it.
 *
 * @returns PID 1 of the namespaces. It is not ready yet: {@link waitForNode}.
 */
export async function startNode(options: { paths: Paths; network: Network; kube: string }): Promise<ProcessIdentity> {
  const { paths, network, kube } = options
  await writeNodeFiles(paths, network)
  await makeCgroups(paths.checkoutKey)
  const log = await open(path.join(paths.state, 'log', 'node.log'), 'a')
  const unshare = spawn(
    'unshare',
    [
      '--mount',
      '--net',
      '--pid',
      '--uts',
      '--fork',
      '--mount-proc',
      '--kill-child',
      path.join(import.meta.dirname, 'node.sh'),
    ],
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: '/',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        STATE: paths.state,
        IMAGE_STORE: paths.imageStore,
        KUBE: kube,
        NODE_ADDRESS: network.nodeAddress,
        HOST_ADDRESS: network.hostAddress,
        NODE_INTERFACE: network.nodeInterface,
        NODE_CGROUPS: (await accountingCgroups(paths.checkoutKey)).join(' '),
        POD_CIDR: clusterNetwork.podCidr,
        SERVICE_CIDR: clusterNetwork.serviceCidr,
      },
    },
  )
  unshare.unref()
  await log.close()
  if (unshare.pid === undefined) throw new Error('cannot start unshare (package util-linux)')
  const node = await firstChild(unshare.pid, paths)
  await run('ip', [
    'link',
    'add',
    network.hostInterface,
    'type',
    'veth',
    'peer',
    'name',
    network.nodeInterface,
    'netns',
    String(node.pid),
  ])
  await run('ip', ['addr', 'add', `${network.hostAddress}/24`, 'dev', network.hostInterface])
  await run('ip', ['link', 'set', network.hostInterface, 'up'])
  await run('ip', [
    'route',
    'replace',
    network.loadBalancerCidr,
    'via',
    network.nodeAddress,
    'dev',
    network.hostInterface,
  ])
  return node
}

/**
 * Waits until the API answers and the node is Ready.
 *
 * @throws {Error} it ended, or the deadline passed; the message carries the end of the node's log.
 */
export async function waitForNode(options: {
  paths: Paths
  node: ProcessIdentity
  kube: string
  deadlineMs: number
}): Promise<void> {
  const { paths, node, kube } = options
  const deadline = Date.now() + options.deadlineMs
  for (;;) {
    const condition = '{.items[0].status.conditions[?(@.type=="Ready")].status}'
    const args = [
      'kubectl',
      '--kubeconfig',
      kubeconfigOf(paths),
      '--request-timeout=5s',
      'get',
      'nodes',
      '-o',
      `jsonpath=${condition}`,
    ]
    if ((await tryRun(kube, args)) === 'True') return
    const ended = !(await isAlive(node))
    if (ended || Date.now() > deadline) {
      const log = await readFile(path.join(paths.state, 'log', 'node.log'), 'utf8').catch(() => '')
      const why = ended ? 'ended while starting' : `is not Ready after ${options.deadlineMs / 1000} s`
      throw new Error(
        `the node ${why}; logs are in ${paths.state}/log, node.log ends:\n${log.split('\n').slice(-15).join('\n')}`,
      )
    }
    await sleep(300)
  }
}

/**
 * Ends the node and removes everything it leaves outside its namespaces: the interface (its routes go with it) and
 * the cgroups. Works on the leftovers of a killed session as well.
 */
export async function stopNode(options: {
  paths: Paths
  network: Network
  node: ProcessIdentity | undefined
}): Promise<void> {
  // PID 1 of a namespace ignores signals it has no handler for, except SIGKILL from outside.
  await endProcess(options.node, 0)
  await tryRun('ip', ['link', 'delete', options.network.hostInterface])
  await removeCgroups(options.paths.checkoutKey)
}

async function writeNodeFiles(paths: Paths, network: Network): Promise<void> {
  const { state, imageStore } = paths
  for (const folder of ['log', 'etcd', 'opt', 'volume-plugins', 'volumes', 'cni'])
    await mkdir(path.join(state, folder), { recursive: true })
  await mkdir(imageStore, { recursive: true })
  // etcd refuses a data folder that others can read.
  await chmod(path.join(state, 'etcd'), 0o700)
  const files = nodeConfigFiles({ state, imageStore, cgroup: cgroupName(paths.checkoutKey) })
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(state, name), content)
  const pki = path.join(state, 'pki')
  await rm(pki, { recursive: true, force: true })
  const nodeNames = [`IP:${network.nodeAddress}`]
  await makePki(pki, [
    {
      name: 'apiserver',
      subject: '/CN=kube-apiserver',
      altNames: [
        ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'].map((name) => `DNS:${name}`),
        ...[clusterNetwork.apiserverService, '127.0.0.1'].map((address) => `IP:${address}`),
        ...nodeNames,
      ],
    },
    { name: 'kubelet-client', subject: '/O=system:masters/CN=kubelet-client' },
    { name: 'admin', subject: '/O=system:masters/CN=admin' },
    { name: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
    { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
    { name: 'kubelet', subject: '/O=system:nodes/CN=system:node:node1', altNames: ['DNS:node1', ...nodeNames] },
    { name: 'proxy', subject: '/CN=system:kube-proxy' },
    { name: 'front-proxy', subject: '/CN=front-proxy' },
  ])
  const server = `https://${network.nodeAddress}:6443`
  await writeKubeconfig(kubeconfigOf(paths), { server, pki, user: 'admin' })
  for (const user of ['controller-manager', 'scheduler', 'kubelet', 'proxy']) {
    await writeKubeconfig(path.join(state, `${user}.kubeconfig`), { server, pki, user })
  }
}

/** The hierarchies in which the control plane's memory is counted apart: memory on cgroup v1, the only one on v2. */
async function accountingCgroups(checkoutKey: string): Promise<string[]> {
  const roots = await hierarchies()
  const accounting = roots.length === 1 ? roots : roots.filter((root) => root.endsWith('/memory'))
  return accounting.map((root) => path.join(root, cgroupName(checkoutKey)))
}

async function firstChild(parent: number, paths: Paths): Promise<ProcessIdentity> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')
    const pid = Number(children.trim().split(' ')[0])
    const child = pid > 0 ? await identify(pid) : undefined
    if (child) return child
    await sleep(50)
  }
  const log = await readFile(path.join(paths.state, 'log', 'node.log'), 'utf8').catch(() => '')
  throw new Error(`cannot make the node's namespaces: ${log.trim() || 'unshare gave no reason'}`)
}

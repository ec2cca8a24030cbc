import { toolImage } from '../build/tools.ts'
import { clusterNetwork } from './network.ts'

/** The folders that the node's configuration files point into. */
export type NodeFolders = { state: string; imageStore: string; cgroup: string }

/**
 * Every configuration file of the node, by its name in the state folder.
 * Pure: what a boot writes can be read, and tested, without one.
 */
export function nodeConfigFiles(folders: NodeFolders): Record<string, string> {
  return {
    'containerd.toml': containerdConfig(folders, []),
    'containerd-purge.toml': containerdConfig(folders, ['io.containerd.grpc.v1.cri']),
    'cni/10-mytaek1.conflist': JSON.stringify(cniConfig(), null, 2),
    'kubelet.yaml': JSON.stringify(kubeletConfig(folders), null, 2),
    'audit-policy.yaml': JSON.stringify(auditPolicy(), null, 2),
    // CoreDNS answers for the cluster only; a Pod with dnsPolicy Default finds no resolver, as it has no route either.
    'resolv.conf': 'nameserver 127.0.0.1\n',
  }
}

function containerdConfig({ state, imageStore }: NodeFolders, disabledPlugins: readonly string[]): string {
  return `version = 2
root = "${imageStore}"
state = "/run/containerd"
disabled_plugins = ${JSON.stringify(disabledPlugins)}
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${state}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${toolImage('pause')}"
  # Without CAP_SYS_RESOURCE runc cannot lower oom_score_adj and no container would start.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${state}/cni"
`
}

function cniConfig(): object {
  return {
    cniVersion: '0.4.0',
    name: 'mytaek1',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: clusterNetwork.podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}

function kubeletConfig({ state, cgroup }: NodeFolders): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    clusterDNS: [clusterNetwork.dnsService],
    clusterDomain: 'cluster.local',
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: `${state}/pki/ca.crt` },
      webhook: { enabled: true },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${state}/pki/kubelet.crt`,
    tlsPrivateKeyFile: `${state}/pki/kubelet.key`,
    resolvConf: `${state}/resolv.conf`,
    volumePluginDir: `${state}/volume-plugins`,
    // No registry to pull from again: a collected image would be gone for good.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '200Mi' },
    maxPods: 250,
  }
}

/** What the audit log leaves out; `make bench-operator` counts writes there. */
export function auditPolicy(): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      // Leases of elections and nodes are renewed by the second, by updates, and say nothing. Streams patch theirs: those count.
      {
        level: 'None',
        verbs: ['get', 'list', 'watch', 'create', 'update'],
        resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }],
      },
      { level: 'None', nonResourceURLs: ['/readyz*', '/livez*', '/healthz*', '/openapi*'] },
      { level: 'Metadata' },
    ],
  }
}

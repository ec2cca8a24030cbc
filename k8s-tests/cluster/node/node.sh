#!/bin/bash
# PID 1 of the node: runs inside its own mount, network, PID and host name namespaces (node.ts starts it).
# Whoever kills this process ends every component and every container with it.
set -euo pipefail
: "${STATE:?}" "${KUBE:?}" "${IMAGE_STORE:?}" "${NODE_ADDRESS:?}" "${HOST_ADDRESS:?}" "${NODE_INTERFACE:?}" "${NODE_CGROUPS:?}"
: "${POD_CIDR:?}" "${SERVICE_CIDR:?}"
pki=$STATE/pki
log=$STATE/log
say() { echo "$(date -u +%T) $*"; }

# Pods are accounted beside, never inside, the control plane's own cgroup.
for cgroup in $NODE_CGROUPS; do mkdir -p "$cgroup/node" && echo 0 > "$cgroup/node/cgroup.procs"; done

hostname node1
mount --make-rshared /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/containerd /run/netns /run/lock
# Folders that the kubelet and CNI insist on: the state's, not the machine's.
for folder in /var/log /var/lib/kubelet /var/lib/cni; do
  mkdir -p "$folder" "$STATE/host$folder"
  mount --bind "$STATE/host$folder" "$folder"
  mount --make-rshared "$folder"
done
mkdir -p /var/log/pods /var/log/containers
# The kubelet sets these for the whole kernel; here it writes to files of its own, and the machine keeps its values.
mkdir -p "$STATE/sysctl"
for name in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
  copy=$STATE/sysctl/${name//\//.}
  cat "/proc/sys/$name" > "$copy"
  mount --bind "$copy" "/proc/sys/$name"
done

ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables || say 'no bridge-nf-call-iptables: hairpin Service traffic on one bridge may fail'
for _ in $(seq 100); do ip link show "$NODE_INTERFACE" > /dev/null 2>&1 && break; sleep 0.1; done
ip addr add "$NODE_ADDRESS/24" dev "$NODE_INTERFACE"
ip link set "$NODE_INTERFACE" up
ip route add default via "$HOST_ADDRESS"

# Starts a component again when it ends: a crash costs seconds, not the cluster. One that is held (components.ts) stays down.
mkdir -p "$STATE/held"
keep() {
  local name=$1
  shift
  (
    while true; do
      while [ -e "$STATE/held/$name" ]; do sleep 0.1; done
      "$@" >> "$log/$name.log" 2>&1 && code=0 || code=$?
      say "$name ended with code $code; starting it again"
      sleep 1
    done
  ) &
}
wait_for() {
  local what=$1
  shift
  for _ in $(seq 600); do "$@" > /dev/null 2>&1 && return; sleep 0.1; done
  say "$what is not ready after 60 s"
  exit 1
}
ctr() { command ctr --address /run/containerd/containerd.sock --namespace k8s.io "$@"; }

keep etcd "$KUBE" etcd --data-dir="$STATE/etcd" --unsafe-no-fsync --log-level=warn \
  --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
  --listen-peer-urls=http://127.0.0.1:2380
keep kube-apiserver "$KUBE" kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
  --advertise-address="$NODE_ADDRESS" --secure-port=6443 --service-cluster-ip-range="$SERVICE_CIDR" \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
  --kubelet-client-certificate="$pki/kubelet-client.crt" --kubelet-client-key="$pki/kubelet-client.key" \
  --kubelet-certificate-authority="$pki/ca.crt" --kubelet-preferred-address-types=InternalIP \
  --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
  --service-account-issuer=https://kubernetes.default.svc \
  --requestheader-client-ca-file="$pki/ca.crt" --requestheader-allowed-names=front-proxy \
  --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
  --requestheader-username-headers=X-Remote-User \
  --proxy-client-cert-file="$pki/front-proxy.crt" --proxy-client-key-file="$pki/front-proxy.key" \
  --audit-policy-file="$STATE/audit-policy.yaml" --audit-log-path="$log/audit.log" \
  --audit-log-maxsize=20 --audit-log-maxbackup=2

# The image store outlives the cluster, its containers must not: removed before the CRI plugin can adopt them.
containerd --config "$STATE/containerd-purge.toml" >> "$log/containerd.log" 2>&1 &
purge=$!
wait_for containerd ctr version
ctr containers list --quiet | while read -r id; do ctr containers rm "$id" > /dev/null; done
kill "$purge"
wait "$purge" || true
keep containerd containerd --config "$STATE/containerd.toml"
wait_for containerd ctr version
wait_for kube-apiserver "$KUBE" kubectl --kubeconfig "$STATE/kubeconfig" get --raw /readyz

keep kube-controller-manager "$KUBE" kube-controller-manager --kubeconfig="$STATE/controller-manager.kubeconfig" \
  --service-account-private-key-file="$pki/sa.key" --root-ca-file="$pki/ca.crt" \
  --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
  --use-service-account-credentials --leader-elect=false --allocate-node-cidrs=false \
  --flex-volume-plugin-dir="$STATE/volume-plugins" \
  --horizontal-pod-autoscaler-sync-period=5s --horizontal-pod-autoscaler-downscale-stabilization=20s
keep kube-scheduler "$KUBE" kube-scheduler --kubeconfig="$STATE/scheduler.kubeconfig" --leader-elect=false
keep kubelet "$KUBE" kubelet --config="$STATE/kubelet.yaml" --kubeconfig="$STATE/kubelet.kubeconfig" \
  --hostname-override=node1 --node-ip="$NODE_ADDRESS"
keep kube-proxy "$KUBE" kube-proxy --master="https://$NODE_ADDRESS:6443" --kubeconfig="$STATE/proxy.kubeconfig" \
  --hostname-override=node1 --proxy-mode=iptables --cluster-cidr="$POD_CIDR" \
  --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s
say 'all components started'
# Also reaps what dying containers leave behind.
wait

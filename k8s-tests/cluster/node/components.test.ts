import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isComponent } from './components.ts'

test('a component is known by its command line', () => {
  const kube = '/cache/toolchain/kube-0123456789abcdef/kube'
  assert.ok(isComponent([kube, 'kube-apiserver', '--etcd-servers=http://127.0.0.1:2379'], 'kube-apiserver'))
  assert.ok(isComponent([kube, 'etcd', '--data-dir=/x'], 'etcd'))
  assert.ok(!isComponent([kube, 'kubectl', 'get', 'etcd'], 'etcd'))
  assert.ok(isComponent(['containerd', '--config', '/x/containerd.toml'], 'containerd'))
  assert.ok(!isComponent(['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io'], 'containerd'))
  assert.ok(!isComponent([''], 'containerd'))
})

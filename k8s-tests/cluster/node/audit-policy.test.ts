import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { ensureTools } from '../build/toolchain.ts'
import { pathsFor } from '../host/paths.ts'
import { run } from '../host/run.ts'
import { startLocalApiserver } from './local-apiserver.ts'
import { auditPolicy } from './node-config.ts'

test('the audit log has the heartbeats of streams, which are patches, and no renewals of elections', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-audit-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [policy, log] = ['policy.json', 'audit.log'].map((file) => path.join(folder, file)) as [string, string]
  await writeFile(policy, JSON.stringify(auditPolicy()))
  const files = [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking-strict']
  const server = await startLocalApiserver({ apiserverArgs: files })
  t.after(() => server.stop())
  const { kube } = await ensureTools(pathsFor(process.env).cache, ['kube'])
  const kubectl = (args: string[], input = '') =>
    run(kube, ['kubectl', '--kubeconfig', server.kubeconfigPath, ...args], { timeoutMs: 300_000, input })
  const lease = (holderIdentity: string) =>
    JSON.stringify({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'stream-1', namespace: 'default' },
      spec: { holderIdentity },
    })
  await kubectl(['create', '-f', '-'], lease('one'))
  await kubectl(['replace', '-f', '-'], lease('two'))
  await kubectl(['patch', 'lease', 'stream-1', '--type=merge', '-p', lease('three')])
  const events = (await readFile(log, 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"stream-1"'))
    .map((line) => JSON.parse(line) as { verb: string; objectRef: { resource: string } })
  assert.deepEqual(
    events.map(({ verb, objectRef }) => `${verb} ${objectRef.resource}`),
    ['patch leases'],
  )
})

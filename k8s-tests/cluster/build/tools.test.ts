import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { buildFlags, clusterTools, moduleFolder, stubsOf, toolchainFolder, toolKey, toolPath, tools } from './tools.ts'

const sources = [
  { name: 'go.mod', content: 'module a' },
  { name: 'go.sum', content: 'sums' },
]

test('the key of a tool does not depend on the order in which its files are listed', () => {
  assert.equal(toolKey('kube', [], sources), toolKey('kube', [], sources.toReversed()))
})

test('the key of a tool changes with its name, its flags, a file or a file name', () => {
  const keys = [
    toolKey('kube', [], sources),
    toolKey('helm', [], sources),
    toolKey('kube', ['-s'], sources),
    toolKey('kube', [], [...sources, { name: 'main.go', content: '' }]),
    toolKey('kube', [], [{ name: 'go.mod', content: 'module b' }, ...sources.slice(1)]),
  ]
  assert.equal(new Set(keys).size, keys.length)
})

test('moving text from one file to the next changes the key', () => {
  const one = toolKey(
    'kube',
    [],
    [
      { name: 'a', content: 'xy' },
      { name: 'b', content: '' },
    ],
  )
  const two = toolKey(
    'kube',
    [],
    [
      { name: 'a', content: 'x' },
      { name: 'b', content: 'y' },
    ],
  )
  assert.notEqual(one, two)
})

test('the kube binary is told its version, so that charts that ask for one accept it', () => {
  assert.match(buildFlags('kube').join(' '), /component-base\/version\.gitVersion=v1\.34\.\d+/)
})

test('helm and kube are told the minor of the Kubernetes libraries that they are built with', async () => {
  const modules = await readFile(path.join(toolchainFolder, 'go.mod'), 'utf8')
  const minor = /^\tk8s\.io\/client-go v0\.(\d+)\./m.exec(modules)?.[1]
  for (const [name, variable] of [
    ['kube', 'gitMinor'],
    ['helm', 'chartutil.k8sVersionMinor'],
    ['helm', 'lint/rules.k8sVersionMinor'],
  ] as const) {
    assert.ok(minor && buildFlags(name).join(' ').includes(`${variable}=${minor} `), `${name} ${variable} ${minor}`)
  }
})

test('the compiler has the same flags for every tool, so that what they share is compiled once', () => {
  const compilerFlags = clusterTools.map((name) => buildFlags(name).slice(0, 2))
  assert.equal(new Set(compilerFlags.map((flags) => JSON.stringify(flags))).size, 1)
  assert.deepEqual([...new Set(clusterTools.map(moduleFolder))], [path.join(toolchainFolder, '.')])
})

test('the version that a tool says is the one that go.mod pins', async () => {
  const modules = await readFile(path.join(toolchainFolder, 'go.mod'), 'utf8')
  for (const [name, module] of [
    ['kube', 'k8s.io/kubernetes'],
    ['helm', 'helm.sh/helm/v3'],
    ['versitygw', 'github.com/versity/versitygw'],
    ['coredns', 'github.com/coredns/coredns'],
    ['local-path', 'github.com/rancher/local-path-provisioner'],
    ['metrics-server', 'sigs.k8s.io/metrics-server'],
    ['traefik', 'github.com/traefik/traefik/v3'],
  ] as const) {
    assert.ok(modules.includes(`\t${module} ${tools[name].version}`), name)
  }
})

test('a checker with a module of its own says the version that its go.mod pins, and is no part of a cluster', async () => {
  for (const name of ['actionlint', 'kubeconform', 'helm4', 'promtool', 'stripe-mock'] as const) {
    const modules = await readFile(path.join(toolchainFolder, tools[name].ownModule, 'go.mod'), 'utf8')
    assert.ok(modules.includes(` ${tools[name].version}`), name)
    assert.ok(!clusterTools.includes(name), name)
  }
})

test('build tags are a part of what a tool is built from', () => {
  assert.match(buildFlags('promtool').join(' '), / -tags remove_all_sd github\.com/)
  assert.ok(!buildFlags('helm').includes('-tags'))
})

test('a tool with stubs has a key that changes with them, and one without has not', async () => {
  assert.ok(stubsOf('traefik').length > 0)
  assert.match(await toolPath('/cache', 'traefik'), /^\/cache\/toolchain\/traefik-[0-9a-f]{16}\/traefik$/)
  assert.deepEqual(stubsOf('kube'), [])
})

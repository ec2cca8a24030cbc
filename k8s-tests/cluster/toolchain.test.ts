import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import test from 'node:test'
import { buildFlags, toolKey } from './toolchain.ts'

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
  for (const [name, variable] of [
    ['kube', 'gitMinor'],
    ['helm', 'chartutil.k8sVersionMinor'],
    ['helm', 'lint/rules.k8sVersionMinor'],
  ] as const) {
    const modules = await readFile(path.join(import.meta.dirname, 'toolchain', name, 'go.mod'), 'utf8')
    const minor = /^\tk8s\.io\/client-go v0\.(\d+)\./m.exec(modules)?.[1]
    assert.ok(minor && buildFlags(name).join(' ').includes(`${variable}=${minor} `), `${name} ${variable} ${minor}`)
  }
})

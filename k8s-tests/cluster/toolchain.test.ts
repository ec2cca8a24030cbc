import assert from 'node:assert/strict'
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

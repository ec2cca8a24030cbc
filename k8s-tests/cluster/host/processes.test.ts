import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { endProcess, identify, isAlive, startTicksOf } from './processes.ts'

test('the start time is found behind a name with spaces and parentheses', () => {
  const fields = Array.from({ length: 48 }, (_, index) => String(index + 4))
  assert.equal(startTicksOf(`12 (a) b (c)) S ${fields.join(' ')}`), 22)
})

test('a process is ended by its identity, and twice is no error', async () => {
  const child = spawn('sleep', ['60'])
  const exit = once(child, 'exit')
  const identity = await identify(child.pid ?? 0)
  assert.ok(await isAlive(identity))
  await endProcess(identity, 1_000)
  await exit
  assert.ok(!(await isAlive(identity)))
  await endProcess(identity, 1_000)
})

test('a later process that got the same number is left alone', async (t) => {
  const child = spawn('sleep', ['60'])
  t.after(() => child.kill('SIGKILL'))
  const identity = await identify(child.pid ?? 0)
  assert.ok(identity)
  await endProcess({ ...identity, startTicks: identity.startTicks - 1 }, 0)
  await endProcess({ ...identity, bootId: 'another boot' }, 0)
  assert.ok(await isAlive(identity))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GiveUp, NotYet, runTrial, until, type Trial } from './trial.ts'

/** Runs a script; answers its verdict and its lines, without their times. */
async function tried(
  script: (trial: Trial) => Promise<void>,
  { signal = new AbortController().signal, testSeconds = 20, cleanupSeconds = 20 } = {},
) {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line.replace(/\(\d+\.\d s\)$/, '(s)'))
  return { worked: await runTrial({ write, signal, testSeconds, cleanupSeconds }, script), lines }
}

const nothing = () => Promise.resolve()
const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))

test('what worked has a line with its time, and what was made is undone, the last first', async () => {
  assert.deepEqual(
    await tried(async (trial) => {
      const made = await trial.step('a is made', 5, () => Promise.resolve('a'))
      trial.undo(`${made} is gone`, 5, nothing)
      await trial.step('b is made', 5, nothing)
      trial.undo('b is gone', 5, nothing)
    }),
    { worked: true, lines: ['ok   a is made (s)', 'ok   b is made (s)', 'ok   b is gone (s)', 'ok   a is gone (s)'] },
  )
})

test('the first failure says why, nothing is tried after it, and all is undone although one of it fails', async () => {
  assert.deepEqual(
    await tried(async (trial) => {
      trial.undo('a is gone', 5, nothing)
      trial.undo('b is gone', 5, () => Promise.reject(new Error('it is in use')))
      await trial.step('c is made', 5, () =>
        Promise.reject(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })),
      )
      await trial.step('d is made', 5, nothing)
    }),
    {
      worked: false,
      lines: [
        'FAIL c is made: fetch failed: connect ECONNREFUSED',
        'FAIL b is gone: it is in use',
        'ok   a is gone (s)',
      ],
    },
  )
})

test('what is left behind fails a test that worked', async () => {
  const { worked } = await tried(async (trial) => {
    trial.undo('a is gone', 5, () => Promise.reject(new Error('it is in use')))
    await trial.step('a is made', 5, nothing)
  })
  assert.equal(worked, false)
})

test('no line has a secret, wherever it came from', async () => {
  const { lines } = await tried(async (trial) => {
    trial.hide('live_0123')
    trial.note('the key is live_0123')
    await trial.step('going live', 5, () => Promise.reject(new Error('rtmp://a/live/live_0123: refused')))
  })
  assert.deepEqual(lines, ['     the key is ***', 'FAIL going live: rtmp://a/live/***: refused'])
})

test('a step has its time, and then says so', async () => {
  const { lines } = await tried((trial) => trial.step('waiting', 0.05, never))
  assert.deepEqual(lines, ['FAIL waiting: 0.05 s for this step are over'])
})

test('all steps together have theirs, and so has the cleaning up, beyond it', async () => {
  const { lines } = await tried(
    async (trial) => {
      trial.undo('b is gone', 5, never)
      trial.undo('a is gone', 5, nothing)
      await trial.step('waiting', 5, never)
    },
    { testSeconds: 0.05, cleanupSeconds: 0.05 },
  )
  assert.deepEqual(lines, [
    'FAIL waiting: 0.05 s for the whole test are over',
    'ok   a is gone (s)',
    'FAIL b is gone: 0.05 s for cleaning up are over',
  ])
})

test('told to end, it stops at once, and cleans up', async () => {
  const told = new AbortController()
  const { worked, lines } = await tried(
    async (trial) => {
      trial.undo('a is gone', 5, nothing)
      await trial.step('waiting', 5, (signal) => {
        queueMicrotask(() => told.abort(new Error('told to end (SIGTERM)')))
        return never(signal)
      })
    },
    { signal: told.signal },
  )
  assert.equal(worked, false)
  assert.deepEqual(lines, ['FAIL waiting: told to end (SIGTERM)', 'ok   a is gone (s)'])
})

test('what is waited for is asked for again, also after an error, and in vain it tells what was seen last', async () => {
  const seen: (() => Promise<string | NotYet>)[] = [
    () => Promise.resolve(new NotYet('open')),
    () => Promise.reject(new Error('503')),
    () => Promise.resolve('live'),
  ]
  const ask = () => seen.shift()?.() ?? Promise.resolve(new NotYet('state open'))
  const wait = { what: 'the show to be live', everyMs: 1 }
  const { lines } = await tried(async (trial) => {
    assert.equal(await trial.step('once', 5, (signal) => until({ ...wait, signal }, ask)), 'live')
    await trial.step('again', 0.05, (signal) => until({ ...wait, signal }, ask))
  })
  assert.deepEqual(lines, [
    'ok   once (s)',
    'FAIL again: 0.05 s for this step are over: waited for the show to be live; last seen: state open',
  ])
})

test('where waiting is of no use it ends at once', async () => {
  const { lines } = await tried((trial) =>
    trial.step('waiting', 5, (signal) =>
      until({ what: 'the show to be live', signal }, () => Promise.reject(new GiveUp('the encoder ended'))),
    ),
  )
  assert.deepEqual(lines, ['FAIL waiting: the encoder ended'])
})

import assert from 'node:assert/strict'
import test from 'node:test'
import { countByLabel, differences, readSamples, readServed, steadyRate } from './samples.ts'

const file = `timeStamp,elapsed,label,responseCode,responseMessage,success
1000,12,order,201,Created,true
1010,5,"list, all",200,"said ""no"",
twice",false
`

test('a result file is read with its quotes, commas and lines', () => {
  assert.deepEqual(readSamples(file), [
    { at: 1000, elapsedMs: 12, label: 'order', code: '201', success: true },
    { at: 1010, elapsedMs: 5, label: 'list, all', code: '200', success: false },
  ])
})

test('a file without a column that is judged is refused', () => {
  assert.throws(() => readSamples('timeStamp,label\n1,a\n'), /no column elapsed/)
})

test('the report equals what the servers served, or the difference is named', () => {
  const report = countByLabel(readSamples(file))
  assert.deepEqual(differences(report, countByLabel(readServed('order,true\nlist, all,false\n'))), [])
  assert.deepEqual(differences(report, countByLabel(readServed('order,true\n'))), [
    'list, all failed: 1 in the report, 0 served',
  ])
})

test('a rate is that of the middle of a run', () => {
  // ten a second for ten seconds
  const times = Array.from({ length: 101 }, (_, index) => index * 100)
  assert.ok(Math.abs(steadyRate(times) - 10) < 0.2, String(steadyRate(times)))
  assert.equal(steadyRate([]), 0)
  assert.equal(steadyRate([5]), 0)
})

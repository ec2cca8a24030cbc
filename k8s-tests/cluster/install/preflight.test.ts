import assert from 'node:assert/strict'
import test from 'node:test'
import {
  coldBytes,
  compareVersions,
  type MachineFacts,
  memoryBytes,
  PreflightError,
  preflightProblems,
  warmBytes,
} from './preflight.ts'

const goodMachine: MachineFacts = {
  platform: 'linux',
  isRoot: true,
  nodeVersion: 'v24.1.0',
  missingPackages: [],
  hasApt: true,
  isCold: true,
  goVersion: 'go1.26.8',
  neededGo: '1.26.4',
  goMayUpgrade: false,
  freeBytes: coldBytes,
  cacheFolder: '/cache',
  hasOverlay: true,
  hasPlaceForLayers: true,
  availableMemoryBytes: memoryBytes,
  missingControllers: [],
  takenPorts: [],
  sourceProblems: [],
}

const problemsOf = (facts: Partial<MachineFacts>): string[] => preflightProblems({ ...goodMachine, ...facts })

test('a machine that has everything has no problem', () => {
  assert.deepEqual(problemsOf({}), [])
})

test('without root the way out is named', () => {
  const [problem, ...rest] = problemsOf({ isRoot: false })
  assert.match(problem ?? '', /root is needed.*sudo make up.*CLUSTER=current/)
  assert.deepEqual(rest, [])
})

test('root with apt installs what is missing: no problem', () => {
  assert.deepEqual(problemsOf({ missingPackages: ['buildah'] }), [])
})

test('missing packages that cannot be installed are named in one line that can be pasted', () => {
  const problems = problemsOf({ missingPackages: ['buildah', 'runc'], hasApt: false })
  assert.deepEqual(problems, ['missing packages: apt-get install --no-install-recommends buildah runc'])
})

test('no Go is a problem only while the toolchain must be built', () => {
  assert.match(problemsOf({ goVersion: undefined })[0] ?? '', /Go 1\.21 or newer is needed/)
  assert.deepEqual(problemsOf({ goVersion: undefined, isCold: false }), [])
})

test('an old Go that may fetch a newer toolchain is enough', () => {
  assert.deepEqual(problemsOf({ goVersion: 'go1.21.0', goMayUpgrade: true }), [])
})

test('an old Go that may not is told the version and the setting', () => {
  const [problem] = problemsOf({ goVersion: 'go1.24.2' })
  assert.equal(problem, 'Go 1.26.4 or newer is needed, this is go1.24.2: install a newer one, or set GOTOOLCHAIN=auto')
})

test('too little disk names what is needed, what is left, where, and the variable', () => {
  const [problem] = problemsOf({ freeBytes: 5 * 1024 ** 3 })
  assert.equal(
    problem,
    '12.0 GB of free disk are needed in /cache, 5.0 GB are left: free some, or name another folder in MYTAEK1_CACHE',
  )
})

test('with everything built less disk is enough', () => {
  assert.deepEqual(problemsOf({ isCold: false, freeBytes: warmBytes }), [])
})

test('every problem is told at once, before anything starts', () => {
  const problems = problemsOf({ isRoot: false, nodeVersion: 'v20.20.2', freeBytes: 0, hasOverlay: false })
  assert.equal(problems.length, 4)
  const error = new PreflightError(problems)
  assert.match(error.message, /^nothing was started/)
  for (const problem of problems) assert.ok(error.message.includes(problem))
})

test('versions compare by number, not by letter', () => {
  assert.ok(compareVersions('go1.9', 'go1.21') < 0)
  assert.ok(compareVersions('v24.0.0', '24') >= 0)
  assert.equal(compareVersions('1.26', 'go1.26.0'), 0)
})

test('what else is missing is told in a sentence each: memory, layers, cgroups, ports, sources', () => {
  assert.match(problemsOf({ availableMemoryBytes: memoryBytes - 1 })[0] ?? '', /GB of memory are needed, .* available/)
  assert.match(problemsOf({ hasPlaceForLayers: false })[0] ?? '', /no overlay .* in \/cache.*MYTAEK1_CACHE/)
  assert.match(problemsOf({ missingControllers: ['pids'] })[0] ?? '', /cgroups.*pids/)
  assert.deepEqual(problemsOf({ takenPorts: ['port 8080 is taken'] }), ['port 8080 is taken'])
  assert.deepEqual(problemsOf({ sourceProblems: ['no mirror'] }), ['no mirror'])
})

test('while packages are missing nobody is told that their sources do not answer', () => {
  assert.deepEqual(problemsOf({ missingPackages: ['buildah'], sourceProblems: ['no mirror'] }), [])
})

/** The linter refuses imports against the arrows of ARCHITECTURE.md, and lets those along them be. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after, test } from 'node:test'

const commerce = 'services/commerce/src'
const refused: readonly [file: string, imported: string][] = [
  [`${commerce}/catalog/x.ts`, '../orders/place-order.ts'],
  [`${commerce}/catalog/x.ts`, '../accounts/routes.ts'],
  [`${commerce}/catalog/x.ts`, '@mytaek1/payment/src/app.ts'],
  [`${commerce}/catalog/x.ts`, 'redlock'],
  [`${commerce}/inventory/x.ts`, '../catalog/product.ts'],
  [`${commerce}/inventory/x.ts`, '../accounts/account.ts'],
  [`${commerce}/inventory/x.ts`, '../parts/shared.ts'],
  [`${commerce}/orders/x.ts`, '../broadcasts/queries.ts'],
  [`${commerce}/broadcasts/x.ts`, '../live/live-feed.ts'],
  [`${commerce}/live/x.ts`, '../orders/queries.ts'],
  [`${commerce}/accounts/x.ts`, '../catalog/product.ts'],
  [`${commerce}/orders/x.ts`, '../fulfilment/order-life.ts'],
  [`${commerce}/fulfilment/x.ts`, '../live/live-feed.ts'],
  [`${commerce}/text.ts`, '@mytaek1/operator/src/main.ts'],
  ['services/commerce/migrations/0001_x.ts', '../src/ids.ts'],
  ['services/commerce/migrations/0001_x.ts', './0000_y.ts'],
  ['services/commerce/migrations/0001_x.ts', '@mytaek1/platform/ids.ts'],
  ['services/payment/src/simulator/migrations/0001_x.ts', '../app.ts'],
  ['services/contracts/src/x.ts', 'node:fs'],
  ['services/contracts/src/x.ts', '@mytaek1/platform/ids.ts'],
  ['services/platform/src/x.ts', '@mytaek1/commerce/src/app.ts'],
  ['media/src/stream/hls/x.ts', 'node:net'],
  ['media/src/stream/hls/x.ts', '@mytaek1/commerce/src/app.ts'],
  ['operator/src/kubernetes/x.ts', '@mytaek1/contracts/broadcast-resource.ts'],
  ['k8s-tests/suites/x.ts', '../../services/commerce/src/app.ts'],
]
const allowed: readonly [file: string, imported: string][] = [
  [`${commerce}/orders/y.ts`, '../catalog/product-revisions.ts'],
  [`${commerce}/orders/y.ts`, '../inventory/engine.ts'],
  [`${commerce}/orders/y.ts`, '../accounts/account.ts'],
  [`${commerce}/catalog/y.ts`, '../inventory/stock.ts'],
  [`${commerce}/catalog/y.ts`, '@mytaek1/platform/ids.ts'],
  [`${commerce}/fulfilment/y.ts`, '../orders/queries.ts'],
  [`${commerce}/live/y.ts`, '../broadcasts/queries.ts'],
  ['services/commerce/migrations/0002_y.ts', 'knex'],
  ['services/platform/src/y.ts', '@mytaek1/contracts/money.ts'],
  ['operator/src/kubernetes/y.ts', '@mytaek1/platform/env.ts'],
]

// a rule's files are looked for from where the configuration lies, so it is copied to a tree that breaks each
const root = mkdtempSync(join(tmpdir(), 'mytaek1-arrows-'))
after(() => rmSync(root, { recursive: true }))
copyFileSync(join(import.meta.dirname, '../.oxlintrc.json'), join(root, '.oxlintrc.json'))

/** Writes each import to a file of its own beside the one named; answers where. */
function write([file, imported]: readonly [string, string], n: number): string {
  const path = join(root, dirname(file), `case-${n}.ts`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `import '${imported}'\n`)
  return relative(root, path)
}

test('imports against the arrows are refused, and those along them are not', () => {
  const against = new Map(refused.map((each, n) => [write(each, n), each.join(' → ')]))
  const along = new Map(allowed.map((each, n) => [write(each, n + refused.length), each.join(' → ')]))
  const { stdout, stderr } = spawnSync('oxlint', ['-c', '.oxlintrc.json', '--format', 'json', '.'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 300_000,
  })
  const { diagnostics } = JSON.parse(stdout || `{"diagnostics": [], "error": ${JSON.stringify(stderr)}}`) as {
    diagnostics: { code: string; filename: string }[]
  }
  const found = new Set(
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  )
  const missed = [...against].filter(([file]) => !found.has(file)).map(([, what]) => what)
  const wrongly = [...along].filter(([file]) => found.has(file)).map(([, what]) => what)
  assert.deepEqual({ missed, wrongly }, { missed: [], wrongly: [] })
})

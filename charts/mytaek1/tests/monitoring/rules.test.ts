/** Alerts and dashboards, judged by promtool: each alert fires when it should, stays quiet just below, and is written well. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { ensureTools } from '../../../../k8s-tests/cluster/build/toolchain.ts'
import { pathsFor } from '../../../../k8s-tests/cluster/host/paths.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { alerts, dashboards, filledIn, ruleGroups } from './rendered.ts'

const here = 'default' // the namespace of the renders
const minutesSeen = 40
const deadlineMs = 300_000
const noCase: AlertCase = { bad: {}, good: {} }
const rules = await alerts()

let folder: string
let program: string
before(async () => {
  program = (await ensureTools(pathsFor(process.env).cache, ['promtool'])).promtool
  folder = await mkdtemp(path.join(tmpdir(), 'mytaek1-rules-'))
  // each by itself: with all of them in each of its tests promtool takes fifty times as long
  for (const { name, rules: all } of await ruleGroups())
    for (const rule of all)
      await writeFile(path.join(folder, `${rule.alert}.rule`), JSON.stringify({ groups: [{ name, rules: [rule] }] }))
})
after(() => rm(folder, { recursive: true }))

/** Runs promtool on files of the folder; what it says when they are wrong is the rejection. */
async function promtool(args: string[], files: Record<string, unknown>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), JSON.stringify(content))
  await new Promise<void>((resolve, reject) => {
    execFile(
      program,
      [...args, ...Object.keys(files)],
      { cwd: folder, timeout: deadlineMs },
      (error, stdout, stderr) => {
        if (error === null) resolve()
        else reject(new Error(`promtool: ${stdout}${stderr}`, { cause: error }))
      },
    )
  })
}

/** Tests of promtool's, a file an alert: with its series it fires with its labels, or not at all. */
function unitTests(
  which: 'bad' | 'good',
  { namespace, fires }: { namespace: string; fires: boolean },
): Record<string, object> {
  const files: Record<string, object> = {}
  for (const { alert, labels, annotations } of rules) {
    // in another namespace all of ours is absent
    if (namespace !== here && alert === 'MetricsAbsent') continue
    const { at = minutesSeen, labels: own = {}, ...series } = alertCases[alert] ?? noCase
    const input = Object.entries(series[which]).map(([name, values]) => ({
      series: name.replace('{NS', `{namespace="${namespace}"`),
      values,
    }))
    const expected = { exp_labels: { severity: labels.severity, ...own }, exp_annotations: annotations }
    const expectation = { eval_time: `${at}m`, alertname: alert, exp_alerts: fires ? [expected] : [] }
    files[`${alert}-${which}-${namespace}-${fires}.json`] = {
      rule_files: [`${alert}.rule`],
      evaluation_interval: '1m',
      tests: [{ name: alert, interval: '1m', input_series: input, alert_rule_test: [expectation] }],
    }
  }
  return files
}

suite('alerts', () => {
  test('each has a case, and each case an alert', () => {
    assert.deepEqual(rules.map(({ alert }) => alert).toSorted(), Object.keys(alertCases).toSorted())
  })

  test('each fires when it should, with its labels and its runbook', () =>
    promtool(['test', 'rules'], unitTests('bad', { namespace: here, fires: true })))

  test('each is quiet just below', () =>
    promtool(['test', 'rules'], unitTests('good', { namespace: here, fires: false })))

  test('each is quiet when it happens in another namespace', () =>
    promtool(['test', 'rules'], unitTests('bad', { namespace: 'other', fires: false })))

  test('a case that expects what does not come fails, by the name of its alert', async () => {
    const wrong = promtool(['test', 'rules'], unitTests('good', { namespace: here, fires: true }))
    await assert.rejects(wrong, /FAILED[^]*alertname: BooksFault/)
  })
})

suite('dashboards', () => {
  test('every query is PromQL', async () => {
    const queries = (await dashboards()).flatMap(({ panels }) => panels.flatMap(({ targets }) => targets))
    assert.ok(queries.length > 80)
    const asRules = queries.map(({ expr }, index) => ({ record: `dashboard:query_${index}`, expr: filledIn(expr) }))
    const file = (list: object[]) => ({ groups: [{ name: 'dashboards', rules: list }] })
    await promtool(['check', 'rules'], { 'dashboards.json': file(asRules) })
    await assert.rejects(promtool(['check', 'rules'], { 'broken.json': file([{ record: 'a:b', expr: 'sum(' }]) }))
  })
})

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { chartFolder, podsOf, renderText } from '../helm.ts'
import { alerts, dashboards, metricsIn, monitored, ruleGroups, runbooksUrl } from './rendered.ts'

const root = path.resolve(chartFolder, '../..')

/** All source of the platform's processes, in one text. */
async function sources(): Promise<string> {
  const texts: string[] = []
  for (const folder of ['services', 'media', 'operator']) {
    for (const name of await readdir(path.join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts') || /node_modules|\.test\./.test(name)) continue
      texts.push(await readFile(path.join(root, folder, name), 'utf8'))
    }
  }
  return texts.join('\n')
}

suite('monitoring', () => {
  test('nothing of it is there unless it is asked for', async () => {
    assert.doesNotMatch(await renderText(), /monitoring\.coreos\.com|dashboard/)
  })

  test('each process has a PodMonitor, which selects its Pods by a port that they have', async () => {
    const objects = await monitored('mail.sink.enabled=true', 'edge.door.enabled=true')
    const shape = z.looseObject({
      selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
      podMetricsEndpoints: z.tuple([z.object({ port: z.string(), path: z.string(), interval: z.string() })]),
    })
    const pods = [...podsOf(objects)]
    const watched = new Set<string>()
    for (const { kind, spec } of objects) {
      if (kind !== 'PodMonitor') continue
      const { selector, podMetricsEndpoints } = shape.parse(spec)
      const selected = pods.filter(([, { metadata }]) =>
        Object.entries(selector.matchLabels).every(([key, value]) => metadata.labels[key] === value),
      )
      assert.equal(selected.length, 1)
      for (const [owner, pod] of selected) {
        watched.add(owner)
        const ports = pod.spec.containers.flatMap((container) => container.ports.map(({ name }) => name))
        assert.ok(ports.includes(podMetricsEndpoints[0].port), owner)
      }
    }
    // nginx of the door has no metrics of this form, stores have exporters of their own, and Jobs end
    const ours = pods.map(([owner]) => owner).filter((owner) => /^(Deployment|ConfigMap)\/(?!mytaek1-door)/.test(owner))
    assert.deepEqual([...watched].toSorted(), ours.toSorted())
  })

  test('all of it has the labels that your Prometheus and your Grafana select by', async () => {
    const objects = await monitored(
      'monitoring.labels.release=prometheus',
      'monitoring.interval=30s',
      'monitoring.dashboards.labels.board=yes',
      'monitoring.dashboards.annotations.folder=Live',
    )
    const made = objects.filter(({ kind }) => kind === 'PodMonitor' || kind === 'PrometheusRule')
    assert.equal(made.length, 9)
    for (const { metadata } of made) assert.equal(metadata.labels['release'], 'prometheus')
    assert.match(JSON.stringify(made), /"interval":"30s"/)
    const boards = objects.filter(({ metadata }) => metadata.name.includes('-dashboard-'))
    assert.equal(boards.length, 4)
    for (const { metadata } of boards) {
      assert.deepEqual(
        [metadata.labels['board'], metadata.labels['grafana_dashboard'], metadata.annotations['folder']],
        ['yes', '1', 'Live'],
      )
    }
    assert.ok(
      !(await monitored('monitoring.dashboards.enabled=false')).some(({ metadata }) =>
        metadata.name.includes('-dashboard-'),
      ),
    )
  })
})

suite('alerts', () => {
  test('each asks for metrics of its own namespace, and has a runbook that is found by its link', async () => {
    const runbooks = await readFile(path.join(chartFolder, 'RUNBOOKS.md'), 'utf8')
    const all = await alerts()
    assert.ok(all.length >= 40)
    for (const { alert, expr, annotations } of all) {
      assert.ok(metricsIn(expr).length > 0, alert)
      assert.equal(expr.match(/\{namespace="default"/g)?.length, expr.match(/\{/g)?.length, alert)
      assert.ok(runbooks.includes(`\n## ${alert}\n`), alert)
      assert.equal(annotations.runbook_url, `${runbooksUrl}#${alert.toLowerCase()}`)
    }
    assert.deepEqual(
      (runbooks.match(/^## .*/gm) ?? []).map((heading) => heading.slice(3)).toSorted(),
      all.map(({ alert }) => alert).toSorted(),
    )
    assert.equal(new Set(all.map(({ alert }) => alert)).size, all.length)
  })

  test('they are in groups by whom they concern', async () => {
    assert.deepEqual(
      (await ruleGroups()).map(({ name }) => name),
      ['operator', 'payments', 'processes', 'shop', 'stores', 'streams'].map((group) => `mytaek1-${group}`),
    )
  })

  test('an empty warm pool is no alarm where none is wanted', async () => {
    assert.ok(!(await alerts('stream.warmPods=0')).some(({ alert }) => alert === 'WarmPoolEmpty'))
  })

  test('what a runbook says to look for in a log, a process logs; what it says to set is a value', async () => {
    const [code, values, runbooks] = await Promise.all([
      sources(),
      readFile(path.join(chartFolder, 'values.yaml'), 'utf8'),
      readFile(path.join(chartFolder, 'RUNBOOKS.md'), 'utf8'),
    ])
    const named = [...new Set([...runbooks.matchAll(/`([a-z]+\.[a-z]+(?:_[a-z]+)*)`/g)].map(([, name = '']) => name))]
    const events = named.filter(
      (name) => !new RegExp(`^${name.split('.')[0]}:`, 'm').test(values) || name.includes('_'),
    )
    assert.ok(events.length >= 15)
    for (const event of events) assert.ok(code.includes(`'${event}'`), event)
  })
})

suite('dashboards', () => {
  test('four, of panels with a title and a unit that do not cover each other, for the namespace that is chosen', async () => {
    const boards = await dashboards()
    assert.deepEqual(
      boards.map(({ uid }) => uid).toSorted(),
      ['business', 'operator', 'stores', 'streams'].map((name) => `mytaek1-${name}`),
    )
    for (const { uid, panels, templating } of boards) {
      assert.deepEqual(
        templating.list.map(({ name }) => name),
        ['datasource', 'namespace'],
      )
      assert.ok(panels.length >= 12, uid)
      assert.equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length)
      assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length)
      for (const { title, targets } of panels) {
        for (const { expr } of targets) {
          assert.ok(metricsIn(expr).length > 0, title)
          assert.equal(expr.match(/\{namespace="\$namespace"/g)?.length, expr.match(/\{/g)?.length, title)
        }
      }
    }
  })
})

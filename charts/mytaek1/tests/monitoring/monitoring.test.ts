import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { chartFolder, find, podsOf, renderChart } from './helm.ts'

const ruleShape = z.looseObject({
  spec: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            for: z.string(),
            labels: z.object({ severity: z.enum(['page', 'ticket']) }),
            annotations: z.object({ summary: z.string(), runbook_url: z.string() }),
          }),
        ),
      }),
    ),
  }),
})

async function rules() {
  const objects = await renderChart('monitoring.enabled=true', 'monitoring.runbooksUrl=https://runbooks.example/r.md')
  return ruleShape
    .parse(find(objects, 'PrometheusRule', 'mytaek1-monitoring'))
    .spec.groups.flatMap(({ rules }) => rules)
}

/** All source of the services, in one text. */
async function sources(): Promise<string> {
  const folder = path.resolve(chartFolder, '../../services')
  const names = await readdir(folder, { recursive: true })
  const own = names.filter((name) => name.endsWith('.ts') && !name.includes('node_modules') && !name.includes('.test.'))
  return (await Promise.all(own.map((name) => readFile(path.join(folder, name), 'utf8')))).join('\n')
}

suite('monitoring', () => {
  test('nothing of the Prometheus Operator is there unless it is asked for', async () => {
    const kinds = (await renderChart()).map(({ kind }) => kind)
    assert.deepEqual(
      kinds.filter((kind) => kind === 'PrometheusRule' || kind === 'PodMonitor'),
      [],
    )
  })

  test('every alert asks for metrics that a process has, in its own namespace, and has a runbook', async () => {
    const [code, runbooks, alerts] = await Promise.all([
      sources(),
      readFile(path.join(chartFolder, 'RUNBOOKS.md'), 'utf8'),
      rules(),
    ])
    assert.ok(alerts.length >= 10)
    for (const { alert, expr, annotations } of alerts) {
      const metrics = expr.match(/\b(payment|commerce)_\w+/g) ?? []
      assert.ok(metrics.length > 0, alert)
      assert.equal(expr.match(/namespace="/g)?.length, metrics.length, alert)
      for (const metric of metrics) {
        assert.ok(code.includes(`'${metric.replace(/_(count|bucket|sum)$/, '')}'`), `${alert}: ${metric}`)
      }
      assert.ok(runbooks.includes(`\n## ${alert}\n`), alert)
      assert.equal(annotations.runbook_url, `https://runbooks.example/r.md#${alert.toLowerCase()}`)
    }
    const headings = runbooks.match(/^## .*/gm) ?? []
    assert.equal(headings.length, alerts.length)
  })
})

suite('keys that are changed', () => {
  test('each key may have another beside it, under its own name or yours', async () => {
    const otherOf = async (deployment: string, ...sets: string[]) =>
      Object.fromEntries(
        (podsOf(await renderChart(...sets)).get(`Deployment/${deployment}`)?.spec.containers[0]?.env ?? [])
          .filter(({ name }) => name.endsWith('_OTHER'))
          .map(({ name, valueFrom }) => [name, valueFrom?.secretKeyRef]),
      )
    const own = (key: string) => ({ name: 'mytaek1-auth', key, optional: true })
    assert.deepEqual(await otherOf('mytaek1-commerce'), {
      SERVICE_TOKEN_OTHER: own('service-token-other'),
      TOKEN_PRIVATE_KEY_OTHER: own('token-private-key-other'),
    })
    const yours = ['auth.existingSecret=keys', 'auth.secretKeys.serviceToken=TOKEN']
    assert.deepEqual(await otherOf('mytaek1-payment', ...yours), {
      SERVICE_TOKEN_OTHER: { name: 'keys', key: 'TOKEN-other', optional: true },
      CARD_TOKEN_KEY_OTHER: { name: 'keys', key: 'card-token-key-other', optional: true },
    })
  })
})

/** What `monitoring.enabled` renders, read for tests: rules, dashboards, and the metrics that they name. */
import { z } from 'zod'
import { find, renderChart } from '../helm.ts'

const ruleShape = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string(),
  labels: z.object({ severity: z.enum(['page', 'ticket']) }),
  annotations: z.object({ summary: z.string(), runbook_url: z.string() }),
})
const rulesShape = z.looseObject({
  spec: z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(ruleShape) })) }),
})
const dashboardShape = z.looseObject({
  uid: z.string(),
  title: z.string(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string() })) }),
  panels: z.array(
    z.looseObject({
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      fieldConfig: z.object({ defaults: z.looseObject({ unit: z.string() }) }),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
})

/** One alert as Prometheus has it. */
export type Rule = z.infer<typeof ruleShape>
/** One dashboard as Grafana has it. */
export type Dashboard = z.infer<typeof dashboardShape>

/** Where runbooks are in these renders. */
export const runbooksUrl = 'https://runbooks.example/r.md'

const on = ['monitoring.enabled=true', `monitoring.runbooksUrl=${runbooksUrl}`]

/** The objects of a release with monitoring. */
export const monitored = (...sets: string[]) => renderChart(...on, ...sets)

/** Groups of rules, as they are in the PrometheusRule. */
export async function ruleGroups(...sets: string[]) {
  return rulesShape.parse(find(await monitored(...sets), 'PrometheusRule', 'mytaek1-monitoring')).spec.groups
}

/** All alerts. */
export async function alerts(...sets: string[]): Promise<Rule[]> {
  return (await ruleGroups(...sets)).flatMap(({ rules }) => rules)
}

/** The four dashboards. */
export async function dashboards(): Promise<Dashboard[]> {
  return (await monitored())
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.includes('-dashboard-'))
    .flatMap(({ data }) => Object.values(data).map((text) => dashboardShape.parse(JSON.parse(text))))
}

/** Names of metrics in an expression: whatever has a selector. */
export const metricsIn = (expr: string): string[] => [
  ...new Set([...expr.matchAll(/([a-z_][a-z0-9_]*)\{/g)].map(([, name = '']) => name)),
]

/** A dashboard's expression with what Grafana puts in. */
export const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll('$namespace', 'default')

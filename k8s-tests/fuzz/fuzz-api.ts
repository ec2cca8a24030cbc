/**
 * `make fuzz-api`: REQUESTS (20,000) valid and invalid requests to the running services, made from their own OpenAPI
 * documents, as nobody, a viewer, a seller and an admin. Every answer must be one that the document describes, and none
 * a server error. The last line is one JSON object; exit code 1 when there is a finding.
 */
import { pathsFor } from '../cluster/host/paths.ts'
import { ensureTools } from '../cluster/build/toolchain.ts'
import { ensureSchemathesis, runPass, type PassReport } from './schemathesis.ts'
import { startServices } from './services.ts'
import { makeWorld, type World } from './world.ts'

const wanted = Number(process.env.REQUESTS ?? 20_000)
const roundOf = 2_500 // requests: tokens end after ten minutes, and a pass that is cut off has no report
const runSeconds = 3_600
const only = process.env.ONLY // for debugging: a part of a pass's name, such as `payment`

type Caller = readonly [service: 'commerce' | 'payment', caller: keyof World['tokens'] | 'nobody', share: number]

// share of all requests: the documents differ in size, and callers in what they may reach
const callers: readonly Caller[] = [
  ['commerce', 'seller', 0.35],
  ['commerce', 'viewer', 0.2],
  ['commerce', 'admin', 0.15],
  ['commerce', 'nobody', 0.1],
  ['payment', 'viewer', 0.1],
  ['payment', 'seller', 0.05],
  ['payment', 'nobody', 0.05],
]

interface Row {
  name: string
  report: PassReport
  seconds: number
}

const paths = pathsFor(process.env)
const { versitygw } = await ensureTools(paths.cache, ['versitygw'])
const program = await ensureSchemathesis(paths.cache)
const services = await startServices({ versitygw })
const rows: Row[] = []
try {
  const deadline = Date.now() + runSeconds * 1_000
  console.log('pass                  requests    2xx    3xx    4xx    5xx  findings  seconds')
  // rounds until there are enough: how many requests an example makes is the fuzzer's to say
  for (let seed = 1; sum(rows, requestsOf) < wanted && Date.now() < deadline; seed += 1) {
    const world = await makeWorld(services) // tokens end after ten minutes, and single-use things were used up
    for (const each of callers) {
      if (only !== undefined && !each.join(' ').includes(only)) continue
      const row = await fuzz(each, world, seed, deadline)
      rows.push(row)
      showRow(row)
    }
  }
} finally {
  await services.stop()
}

const requests = sum(rows, requestsOf)
const serverErrors = sum(rows, ({ report }) => countOf(report, 5) + report.lost)
const undocumented = sum(rows, ({ report }) => sum(report.findings, ({ count }) => count))
const failedPasses = rows.filter(({ report }) => report.errors.length > 0)
showFindings(rows)
showReach(rows)
for (const { name, report } of failedPasses) console.log(`\n${name} itself failed: ${report.errors.join('\n')}`)
if (requests < wanted) console.log(`\nOnly ${requests} of ${wanted} requests in ${runSeconds} s`)
console.log(JSON.stringify({ requests, serverErrors, undocumented }))
process.exitCode = serverErrors + undocumented + failedPasses.length > 0 || requests < wanted ? 1 : 0

async function fuzz([service, caller, share]: Caller, world: World, seed: number, deadline: number): Promise<Row> {
  const startedAt = Date.now()
  const documentUrl = `${service === 'commerce' ? services.commerceUrl : services.paymentUrl}/api/${service}/v1/openapi.json`
  const { paths: operations } = (await (await fetch(documentUrl)).json()) as { paths: Record<string, object> }
  const pass = {
    documentUrl,
    token: caller === 'nobody' ? undefined : world.tokens[caller],
    examples: Math.max(
      1,
      Math.ceil((Math.min(wanted, roundOf) * share) / Object.values(operations).flatMap(Object.keys).length),
    ),
    seed,
    deadlineSeconds: Math.max(60, Math.ceil((deadline - startedAt) / 1_000)),
  }
  const report = await runPass(program, pass, world)
  return { name: `${service} as ${caller}`, report, seconds: (Date.now() - startedAt) / 1_000 }
}

function showRow({ name, report, seconds }: Row): void {
  const cells = [requestsOf({ report }), ...[2, 3, 4, 5].map((hundreds) => countOf(report, hundreds))]
  const findings = sum(report.findings, ({ count }) => count) + report.lost
  console.log(
    `${name.padEnd(20)} ${`${cells[0]}`.padStart(9)} ${cells
      .slice(1)
      .map((cell) => `${cell}`.padStart(6))
      .join(' ')} ${`${findings}`.padStart(9)} ${seconds.toFixed(0).padStart(8)}`,
  )
}

function showFindings(all: readonly Row[]): void {
  for (const { name, report } of all) {
    if (report.lost > 0) console.log(`\n${name}: ${report.lost} requests were not answered`)
    for (const { operation, status, title, count, samples } of report.findings) {
      console.log(`\n${name}: ${operation} → ${status}: ${title} (${count} times)`)
      for (const { request, answer, why } of samples)
        console.log(`  ${request}\n    ${answer}\n    ${why.replaceAll('\n', '\n    ')}`)
    }
  }
}

// A fuzzer that only ever meets refusals shows little.
function showReach(all: readonly Row[]): void {
  const answers = all.flatMap(({ report }) => report.answers)
  const operations = new Set(answers.map(({ operation }) => operation))
  const succeeded = new Set(answers.filter(({ status }) => status < 300).map(({ operation }) => operation))
  const never = [...operations].filter((operation) => !succeeded.has(operation))
  console.log(`\n${succeeded.size} of ${operations.size} operations succeeded at least once`)
  if (never.length > 0) console.log(`never: ${never.join(', ')}`)
}

function sum<T>(all: readonly T[], valueOf: (each: T) => number): number {
  return all.reduce((total, each) => total + valueOf(each), 0)
}

function countOf(report: PassReport, hundreds: number): number {
  return sum(report.answers, ({ status, count }) => (Math.floor(status / 100) === hundreds ? count : 0))
}

function requestsOf({ report }: Pick<Row, 'report'>): number {
  return sum(report.answers, ({ count }) => count) + report.lost
}

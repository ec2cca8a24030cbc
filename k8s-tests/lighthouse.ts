/**
 * What a phone makes of the built pages, home and a show that is live: Lighthouse's scores (mobile, simulated slow 4G, 4 × CPU),
 * and INP and layout shift while a show runs, as our own beacon measures them. The pages and their server are those of a release;
 * the APIs are answered from memory, and the stream is ffmpeg's, so that figures are the pages'.
 *
 *   SECONDS=30 node k8s-tests/lighthouse.ts
 */
import { printTable, round } from '../services/commerce/bench/stock-parts.ts'
import { buildSite } from '../services/storefront/src/testing/built-site.ts'
import { startLiveStream } from '../services/storefront/src/testing/live-stream.ts'
import { startSite } from '../services/storefront/src/testing/site.ts'
import { measureShow } from './pages/measure-show.ts'
import { runLighthouse, type Audit } from './pages/run-lighthouse.ts'

const seconds = Number(process.env['SECONDS'] ?? 30)
const pages = { home: '/', watch: '/watch/b-live' }
const atLeast = { performance: 95, accessibility: 100, 'best-practices': 100 }
const atMost = { lcpMs: 1_500, inpMs: 100, cls: 0.02 }

const { folder, remove } = await buildSite()
const stream = await startLiveStream()
const site = await startSite(folder)
site.api.hlsFolder = stream.folder
try {
  await run()
} finally {
  await site.close()
  await stream.stop()
  await remove()
}

async function run(): Promise<void> {
  const audits: (Audit & { name: string })[] = []
  for (const [name, path] of Object.entries(pages)) audits.push({ name, ...(await runLighthouse(site.url + path)) })
  printTable(
    ['page', 'performance', 'accessibility', 'best practices', 'LCP ms', 'CLS', 'TBT ms', 'KB'],
    audits.map(({ name, scores, lcpMs, cls, tbtMs, bytes }) => [
      name,
      ...Object.values(scores),
      lcpMs,
      cls.toFixed(3),
      tbtMs,
      bytes / 1_000,
    ]),
  )
  for (const { name, faults } of audits) for (const fault of faults) console.log(`${name}: ${fault}`)
  const show = await measureShow({ url: site.url, api: site.api, seconds })
  printTable(
    ['a show that runs', 'INP ms', 'CLS', 'interactions'],
    [['watch', show.inpMs, show.cls.toFixed(4), show.interactions]],
  )
  const least = (key: keyof typeof atLeast) => Math.min(...audits.map(({ scores }) => scores[key]))
  const figures = {
    performance: least('performance'),
    accessibility: least('accessibility'),
    bestPractices: least('best-practices'),
    lcpMs: Math.max(...audits.map(({ lcpMs }) => lcpMs)),
    inpMs: round(show.inpMs),
    cls: Math.max(show.cls, ...audits.map(({ cls }) => cls)),
  }
  console.log(JSON.stringify({ ...figures, cls: Number(figures.cls.toFixed(4)) }))
  const isLow = (Object.keys(atLeast) as (keyof typeof atLeast)[]).some((key) => least(key) < atLeast[key])
  const isLate = (Object.keys(atMost) as (keyof typeof atMost)[]).some((key) => !(figures[key] <= atMost[key]))
  if (isLow || isLate) process.exitCode = 1
}

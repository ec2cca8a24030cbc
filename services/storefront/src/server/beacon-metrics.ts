import { Counter, Histogram, type Registry } from 'prom-client'
import type { Report } from './beacon-report.ts'

/** The metrics of what pages tell; labels have few values, which the report's shape fixes. */
export function beaconMetrics(registry: Registry): {
  count: (report: Report) => void
  refuse: (why: 'limited' | 'invalid') => void
} {
  const registers = [registry]
  const reports = new Counter({
    name: 'storefront_beacons_total',
    help: 'Reports of pages: taken, limited (too many) or invalid',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['taken', 'limited', 'invalid']) reports.inc({ outcome }, 0)
  const visits = new Counter({
    name: 'storefront_visits_total',
    help: 'Pages that were loaded and told of it',
    labelNames: ['page'],
    registers,
  })
  const faults = new Counter({
    name: 'storefront_page_faults_total',
    help: 'Uncaught errors and rejections that pages told of: own, or of foreign scripts',
    labelNames: ['page', 'kind', 'source'],
    registers,
  })
  const firstPicture = new Histogram({
    name: 'storefront_first_picture_seconds',
    help: 'Seconds to the first picture of a show on air: from the load of its page, from the way to it within the site, or from going on air',
    labelNames: ['begun'],
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 30],
    registers,
  })
  const stalls = new Histogram({
    name: 'storefront_stall_seconds',
    help: 'Seconds that a picture stood still, beyond the first',
    buckets: [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64],
    registers,
  })
  const played = new Counter({ name: 'storefront_played_seconds_total', help: 'Seconds of pictures shown', registers })
  const seconds = { labelNames: ['page'] as const, registers }
  const lcp = new Histogram({
    name: 'storefront_largest_paint_seconds',
    help: 'Largest Contentful Paint',
    buckets: [0.25, 0.5, 1, 1.5, 2, 2.5, 4, 6, 10],
    ...seconds,
  })
  const inp = new Histogram({
    name: 'storefront_interaction_seconds',
    help: 'Interaction to Next Paint, of each page until it was first left',
    buckets: [0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2],
    ...seconds,
  })
  const cls = new Histogram({
    name: 'storefront_layout_shift_score',
    help: 'Cumulative Layout Shift (no unit), of each page until it was first left',
    buckets: [0.001, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1],
    ...seconds,
  })
  return {
    refuse: (outcome) => reports.inc({ outcome }),
    count: ({ page, first, vitals, player, faults: told = [] }) => {
      reports.inc({ outcome: 'taken' })
      if (first) visits.inc({ page })
      for (const { kind, own } of told) faults.inc({ page, kind, source: own ? 'own' : 'foreign' })
      for (const { begun, ms } of player?.firstPictures ?? []) firstPicture.observe({ begun }, ms / 1_000)
      for (const ms of player?.stallsMs ?? []) stalls.observe(ms / 1_000)
      played.inc((player?.playedMs ?? 0) / 1_000)
      if (vitals?.lcpMs !== undefined) lcp.observe({ page }, vitals.lcpMs / 1_000)
      if (vitals?.inpMs !== undefined) inp.observe({ page }, vitals.inpMs / 1_000)
      if (vitals?.cls !== undefined) cls.observe({ page }, vitals.cls)
    },
  }
}

import type { Middleware } from 'koa'
import type { Registry } from 'prom-client'
import { AppError } from '@mytaek1/platform/errors.ts'
import { sendProblem } from '@mytaek1/platform/http-app.ts'
import { readJson } from '@mytaek1/platform/json-body.ts'
import type { Logger } from '@mytaek1/platform/logger.ts'
import { BeaconBudget, budget } from './beacon-budget.ts'
import { beaconMetrics } from './beacon-metrics.ts'
import { reportShape } from './beacon-report.ts'
import { scrubText } from './scrub-text.ts'

const limitBytes = 8 * 1024

/**
 * `POST /beacon`: what pages tell of how they go for their visitors becomes metrics and, of faults, log lines. It is here and
 * not in commerce because pages and their server are one release, and because what is told when commerce is away matters most.
 *
 * @param options.percent of a hundred visits so many are to tell; documents say so, and 0 takes the route away.
 */
export function beacon(options: { log: Logger; registry: Registry; percent: number; now?: () => number }): Middleware {
  const { log, percent, now = Date.now } = options
  const metrics = beaconMetrics(options.registry)
  const left = new BeaconBudget(now)
  return async (ctx, next) => {
    if (percent < 100) ctx.set('server-timing', `beacon;desc="${percent}"`)
    if (ctx.path !== '/beacon' || ctx.method !== 'POST' || percent === 0) return await next()
    ctx.state.route = 'beacon'
    if (!left.take(ctx.ip)) {
      metrics.refuse('limited')
      ctx.set('retry-after', '60')
      const detail = `Too many reports: ${budget.address} of an address within 60 s are read`
      return sendProblem(ctx, { status: 429, code: 'rate_limited', detail })
    }
    try {
      const report = await readJson(ctx, reportShape, limitBytes)
      metrics.count(report)
      for (const { kind, own, text, at } of report.faults ?? []) {
        if (!left.takeLine()) break // counted all the same
        log.warn('page.fault', { page: report.page, kind, own, text: scrubText(text), at: scrubText(at) })
      }
      ctx.status = 204
    } catch (error) {
      if (error instanceof AppError) metrics.refuse('invalid')
      throw error
    }
  }
}

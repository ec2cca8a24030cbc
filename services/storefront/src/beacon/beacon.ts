/**
 * Tells the storefront's server how the page goes for its visitor: uncaught faults at once, the rest once a minute and when
 * the page is left or hidden, for after that nothing may run. What was measured before this code came is read back: the
 * browser keeps it (`buffered`).
 */
import { onCLS, onINP, onLCP } from 'web-vitals'
import type { Fault, Report } from '../server/beacon-report.ts'
import { describeFault } from './describe-fault.ts'
import { beginStory, hear, lookAway, tell } from './player-story.ts'

const everyMs = 60_000
const mostFaults = 5 // of one page: what fails in a loop is told once, and not by the thousand
const mostMs = 600_000 // a system that slept is no stall

const landedOn = pageOf(location.pathname)
const sampled = Math.random() * 100 < percentAsked()
const told = new Set<string>()
const vitals: NonNullable<Report['vitals']> = {}
let vitalsTold = false
let first = true
let story = beginStory(landedOn === 'watch')

/** Begins to listen. Call once. */
export function startBeacon(): void {
  if (!sampled) return
  onLCP(({ value }) => void (vitals.lcpMs = value))
  onINP(({ value }) => void (vitals.inpMs = value))
  onCLS(({ value }) => void (vitals.cls = value))
  new PerformanceObserver((marks) => {
    for (const mark of marks.getEntries()) story = hear(story, mark)
  }).observe({ type: 'mark', buffered: true })
  setInterval(() => send({ leaves: false }), everyMs)
  // after web-vitals, which listens on the way down
  addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return
    story = lookAway(story)
    send({ leaves: true })
  })
}

/** Tells of one fault. */
export function tellFault(event: ErrorEvent | PromiseRejectionEvent): void {
  const fault = describeFault(event, location.origin)
  if (!sampled || fault === undefined || told.size >= mostFaults || told.has(fault.text)) return
  told.add(fault.text)
  send({ leaves: false, faults: [fault] })
}

function send({ leaves, faults }: { leaves: boolean; faults?: Fault[] }): void {
  const [after, player] = tell(story, performance.now())
  story = after
  const report: Report = { page: faults ? pageOf(location.pathname) : landedOn }
  if (first) report.first = true
  if (faults) report.faults = faults
  if (player) report.player = bounded(player)
  first = false
  if (leaves && !vitalsTold) {
    vitalsTold = true
    report.vitals = vitals
  }
  if (Object.keys(report).length === 1) return
  navigator.sendBeacon('/beacon', new Blob([JSON.stringify(report)], { type: 'application/json' }))
}

function bounded({ firstPictures, stallsMs, playedMs }: NonNullable<Report['player']>): Report['player'] {
  const most = (ms: number) => Math.min(Math.round(ms), mostMs)
  return {
    firstPictures: firstPictures.map(({ begun, ms }) => ({ begun, ms: most(ms) })),
    stallsMs: stallsMs.map(most),
    playedMs: most(playedMs),
  }
}

/** Of how many visits in a hundred the server wants to hear: its document says so, where it does not want all. */
function percentAsked(): number {
  const [document] = performance.getEntriesByType('navigation')
  const asked = document?.serverTiming?.find(({ name }) => name === 'beacon')
  return asked === undefined ? 100 : Number(asked.description)
}

function pageOf(path: string): Report['page'] {
  const [, part = ''] = path.split('/')
  switch (part) {
    case '':
      return 'home'
    case 'watch':
    case 'studio':
    case 'admin':
      return part
    case 'products':
    case 'sellers':
    case 'search':
    case 'orders':
    case 'pay':
      return 'shop'
    case 'account':
    case 'sign-in':
    case 'sign-up':
      return 'account'
    default:
      return 'other'
  }
}

import type { Fault } from '../server/beacon-report.ts'

const mostText = 500
const noise = /^ResizeObserver loop/ // browsers say so of a layout that they put off to the next frame

/** What is told of a fault: its text, and the first of the site's own files in its stack; undefined: it is none. */
export function describeFault(event: ErrorEvent | PromiseRejectionEvent, origin: string): Fault | undefined {
  const thrown: unknown = 'reason' in event ? event.reason : event.error
  const said = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : undefined
  const text = said ?? ('message' in event ? event.message : plain(thrown))
  if (noise.test(text)) return undefined
  const traces = [thrown instanceof Error ? thrown.stack : '', 'filename' in event ? placeOf(event) : '']
  const at = traces.map((trace) => ownPlace(trace ?? '', origin)).find((place) => place !== '') ?? ''
  const kind = 'reason' in event ? 'unhandledrejection' : 'error'
  // what was thrown without a stack is taken for the site's; of other origins' scripts browsers say this only
  const own = at !== '' || (traces.join('') === '' && text !== 'Script error.')
  return { kind, own, text: text.slice(0, mostText), at }
}

const placeOf = ({ filename, lineno, colno }: ErrorEvent) => (filename === '' ? '' : `${filename}:${lineno}:${colno}`)

function ownPlace(trace: string, origin: string): string {
  const from = trace.indexOf(`${origin}/`)
  return from < 0 ? '' : (/^\/[\w./-]{1,90}(:\d{1,7}){0,2}/.exec(trace.slice(from + origin.length))?.[0] ?? '')
}

function plain(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'what was thrown has no text'
  }
}

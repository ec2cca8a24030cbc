import type { LiveEvent } from '@mytaek1/contracts/live-events.ts'

/** An event as it goes over the wire; without an id a browser's Last-Event-ID stays what it was. */
export interface Frame {
  id?: string
  text: string
}

/**
 * Writes a server-sent event. JSON has no line breaks, so one `data:` line is enough.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function frameOf(event: LiveEvent, id?: string): Frame {
  const text = `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
  return { id, text }
}

/** Ids of live events: those that Redis gives the entries of a stream, `<milliseconds>-<sequence>`. */

/** Whether text may be such an id; anything else in Last-Event-ID is treated as if there were none. */
export const isEventId = (text: string) => /^\d{1,15}-\d{1,15}$/.test(text)

/** Whether event `a` came after event `b`. */
export function isAfter(a: string, b: string): boolean {
  const [aTime = '', aSequence = ''] = a.split('-')
  const [bTime = '', bSequence = ''] = b.split('-')
  return aTime === bTime ? Number(aSequence) > Number(bSequence) : Number(aTime) > Number(bTime)
}

import { createHash } from 'node:crypto'

/** Owner of the operator's fields in server-side apply. */
export const fieldManager = 'operator'

/**
 * The name of a Pod made for a broadcast: fixed by what it succeeds, so that a crash between any two writes leads to the
 * same Pod again and never to a second one.
 *
 * @param succeeds UID of the Pod it replaces; empty for the first.
 */
export function livePodName(broadcast: { name: string; uid: string }, succeeds: string): string {
  const hash = createHash('sha256').update(`${broadcast.uid}/${succeeds}`).digest('hex').slice(0, 8)
  return `stream-${broadcast.name.slice(0, 46).replace(/-+$/, '')}-${hash}` // a host name has at most 63 characters
}

/** Where viewers find the broadcast. */
export const playlistUrl = (publicHttpUrl: string, name: string) =>
  `${publicHttpUrl.replace(/\/$/, '')}/hls/${name}/index.m3u8`

import { useEffect } from 'preact/hooks'
import type { Broadcast } from '../api/model.ts'

/** Names the show where the system shows what plays: the lock screen, a headset, the bar of notifications. */
export function useMediaSession({ title, sellerName, imageUrls }: Broadcast): void {
  const src = imageUrls?.card.jpeg
  useEffect(() => {
    if (!('mediaSession' in navigator)) return undefined
    const artwork = src === undefined ? [] : [{ src }]
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist: sellerName, artwork })
    return () => {
      navigator.mediaSession.metadata = null
    }
  }, [title, sellerName, src])
}

import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Without a word of it: what most phones send. */
const expectedRatio = 9 / 16
const waitMs = 1_000 // for the preview, which the document has asked for already; longer than that nobody is shown nothing

/**
 * Width by height of the picture in a video element, as it comes and changes; before it comes that of the stream's preview, so
 * that the page need not be laid out anew when it does; the document has it preloaded (server/link-preview.ts).
 *
 * @param previewUrl a picture of the stream, where it has one.
 * @returns undefined for the moment in which it is not known yet: then nothing is to be shown that would jump.
 */
export function usePictureRatio(
  video: RefObject<HTMLVideoElement>,
  previewUrl: string | undefined,
): number | undefined {
  const [ratio, setRatio] = useState(previewUrl === undefined ? expectedRatio : undefined)
  useEffect(() => {
    const element = video.current
    if (!element) return undefined
    const guess = (value: number) => setRatio((known) => known ?? value)
    const read = () => {
      if (element.videoWidth > 0 && element.videoHeight > 0) setRatio(element.videoWidth / element.videoHeight)
    }
    const preview = new Image()
    const look = () => guess(preview.naturalWidth / preview.naturalHeight || expectedRatio)
    preview.addEventListener('load', look)
    preview.addEventListener('error', look)
    if (previewUrl !== undefined) preview.src = previewUrl
    const timer = setTimeout(look, waitMs)
    read()
    element.addEventListener('resize', read)
    return () => {
      clearTimeout(timer)
      element.removeEventListener('resize', read)
    }
  }, [])
  return ratio
}

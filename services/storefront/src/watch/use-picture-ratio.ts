import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Until the picture is there: what most phones send. */
const expectedRatio = 9 / 16

/** Width by height of the picture in a video element, as it comes and changes. */
export function usePictureRatio(video: RefObject<HTMLVideoElement>): number {
  const [ratio, setRatio] = useState(expectedRatio)
  useEffect(() => {
    const element = video.current
    if (!element) return undefined
    const read = () => {
      if (element.videoWidth > 0 && element.videoHeight > 0) setRatio(element.videoWidth / element.videoHeight)
    }
    read()
    element.addEventListener('resize', read)
    return () => element.removeEventListener('resize', read)
  }, [])
  return ratio
}

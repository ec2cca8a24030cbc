import { useState } from 'preact/hooks'
import type { ImageUrls } from '../api/model.ts'

/**
 * An uploaded image in the best format the browser knows, or a calm surface with the first letter where there is none.
 *
 * @param alt empty where the name stands beside it, so that it is not read twice.
 */
export function Picture({
  urls,
  size,
  alt = '',
  letter,
}: {
  urls: ImageUrls | null
  size: keyof ImageUrls
  alt?: string
  letter: string
}) {
  const [failed, setFailed] = useState(false)
  const files = urls?.[size]
  if (!files || failed) {
    return (
      <span
        class="picture picture-empty"
        data-letter={letter.slice(0, letter.codePointAt(0) === letter.charCodeAt(0) ? 1 : 2)}
        aria-hidden="true"
      />
    )
  }
  return (
    <picture class="picture">
      <source type="image/avif" srcset={files.avif} />
      <source type="image/webp" srcset={files.webp} />
      <img src={files.jpeg} alt={alt} loading="lazy" decoding="async" onError={() => setFailed(true)} />
    </picture>
  )
}

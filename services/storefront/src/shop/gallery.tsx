import { useState } from 'preact/hooks'
import type { ProductDetails } from '../api/model.ts'
import { testIds } from '../testing/test-ids.ts'
import { Picture } from '../ui/picture.tsx'
import { shopText } from './catalogue-texts.ts'

/** A product's pictures: one large, the others to choose from below it. */
export function Gallery({ product: { name, pictures } }: { product: ProductDetails }) {
  const [chosenId, choose] = useState<string>()
  const shown = pictures.find(({ id }) => id === chosenId) ?? pictures[0]
  const count = pictures.length
  const labelOf = (index: number) => shopText('product.picture', { place: index + 1, count })
  return (
    <div class="gallery" role="group" aria-label={shopText('product.pictures')}>
      <div class="gallery-large" data-testid={testIds.galleryPicture} data-picture={shown?.id}>
        <Picture key={shown?.id} urls={shown?.imageUrls ?? null} size="full" letter={name} alt={shown?.alt || name} />
      </div>
      {count > 1 && (
        <ul class="gallery-small">
          {pictures.map((picture, index) => (
            <li key={picture.id}>
              <button
                type="button"
                aria-label={[labelOf(index), picture.alt].filter((part) => part !== '').join(': ')}
                aria-pressed={picture === shown}
                data-testid={testIds.galleryChoice(index + 1)}
                onClick={() => choose(picture.id)}
              >
                <Picture urls={picture.imageUrls} size="list" letter={name} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

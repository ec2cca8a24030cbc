import { useEffect, useRef, useState } from 'preact/hooks'
import { addPicture, arrangePictures, readOwnProduct, removePicture } from '../api/catalogue.ts'
import type { ProductPicture } from '../api/model.ts'
import { explain } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { Picture } from '../ui/picture.tsx'
import { useAction } from '../ui/use-action.ts'
import { useResource } from '../ui/use-resource.ts'
import { catalogueText as text } from './catalogue-texts.ts'
import { imageTypes } from './image-types.ts'
// oxlint-disable-next-line import/no-unassigned-import -- styles that come with the studio
import '../styles/picture-editor.css'

const maxPictures = 8

/** The pictures of a product: added, described, put in order by buttons, removed. Each deed is saved at once. */
export function PictureEditor({ productId, onChanged }: { productId: string; onChanged: () => void }) {
  const read = useResource(() => readOwnProduct(productId), { key: productId })
  const [changed, setChanged] = useState<ProductPicture[]>()
  const [news, setNews] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const focusNext = useRef<string | undefined>(undefined)
  const pictures = changed ?? read.value?.pictures ?? []
  const { run, busy, error } = useAction(
    async (deed: () => Promise<ProductPicture[]>, told: (count: number) => string) => {
      const now = await deed()
      setChanged(now)
      setNews(told(now.length))
      onChanged()
    },
  )
  // what was moved keeps the focus: taking an element to another place takes it away
  useEffect(() => {
    const wanted = focusNext.current
    focusNext.current = undefined
    if (wanted === undefined) return
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>(`[data-picture="${wanted}"] button`) ?? [])]
    buttons.find((button) => button.getAttribute('aria-disabled') !== 'true')?.focus()
  }, [changed])

  const move = (from: number, by: 1 | -1) => {
    const to = from + by
    const picture = pictures[from]
    if (picture === undefined || pictures[to] === undefined) return
    focusNext.current = picture.id
    run(
      () => arrangePictures(productId, pictures.toSpliced(from, 1).toSpliced(to, 0, picture)),
      (count) => text('pictures.moved', { place: to + 1, count }),
    )
  }
  const describe = (id: string, alt: string) => {
    if (pictures.find((each) => each.id === id)?.alt === alt) return
    const described = pictures.map((each) => (each.id === id ? { ...each, alt } : each))
    run(
      () => arrangePictures(productId, described),
      () => text('pictures.saved'),
    )
  }
  const add = (files: readonly File[]) => {
    const failed: string[] = []
    run(
      async () => {
        let now = pictures
        for (const file of files) {
          setNews(text('pictures.adding', { name: file.name }))
          try {
            now = await addPicture(productId, file)
            setChanged(now) // the next one may be refused
          } catch (error) {
            failed.push(text('pictures.failed', { name: file.name, reason: explain(error) }))
          }
        }
        return now
      },
      (count) => [text('pictures.added', { count }), ...failed].join(' '),
    )
  }
  return (
    <section class="stack picture-editor" aria-label={text('pictures.title')} tabIndex={-1}>
      <h4>{text('pictures.title')}</h4>
      <p class="muted small">{text('pictures.hint', { count: maxPictures })}</p>
      <ul ref={list} class="picture-rows" data-testid={testIds.pictureRows}>
        {pictures.map((picture, index) => (
          <Row
            key={picture.id}
            picture={picture}
            place={index + 1}
            count={pictures.length}
            busy={busy}
            onMove={(by) => move(index, by)}
            onDescribe={(alt) => describe(picture.id, alt)}
            onRemove={() =>
              run(
                () => removePicture(productId, picture.id),
                (count) => text('pictures.removed', { count }),
              )
            }
          />
        ))}
      </ul>
      <label class={`button ${busy || pictures.length >= maxPictures ? 'is-off' : ''}`}>
        {text('pictures.add')}
        <input
          type="file"
          class="visually-hidden"
          multiple
          accept={imageTypes}
          disabled={busy || pictures.length >= maxPictures}
          data-testid={testIds.addPictures}
          onChange={({ currentTarget }) => {
            add([...(currentTarget.files ?? [])])
            currentTarget.value = ''
          }}
        />
      </label>
      <ErrorNote error={error ?? read.error} />
      <p role="status" class="muted small">
        {news}
      </p>
    </section>
  )
}

function Row({
  picture,
  place,
  count,
  busy,
  onMove,
  onDescribe,
  onRemove,
}: {
  picture: ProductPicture
  place: number
  count: number
  busy: boolean
  onMove: (by: 1 | -1) => void
  onDescribe: (alt: string) => void
  onRemove: () => void
}) {
  return (
    <li class="picture-row field" data-picture={picture.id}>
      <Picture urls={picture.imageUrls} size="list" letter="?" alt={picture.alt} />
      <input
        type="text"
        maxLength={200}
        defaultValue={picture.alt}
        readOnly={busy} // what is typed while another deed is saved would be left out
        aria-label={text('pictures.alt', { place })}
        placeholder={text('pictures.alt', { place })}
        data-testid={testIds.pictureAlt(place)}
        onChange={({ currentTarget }) => onDescribe(currentTarget.value.trim())}
      />
      <div class="picture-deeds">
        <Deed
          label={text('pictures.forward', { place })}
          icon="back"
          off={busy || place === 1}
          onPress={() => onMove(-1)}
        />
        <Deed
          label={text('pictures.back', { place })}
          icon="back"
          off={busy || place === count}
          onPress={() => onMove(1)}
        />
        <Deed label={text('pictures.remove', { place })} icon="close" off={busy} onPress={onRemove} />
      </div>
    </li>
  )
}

// Not disabled but said to be: what is pressed by keyboard must not lose the focus while it works.
function Deed({
  label,
  icon,
  off,
  onPress,
}: {
  label: string
  icon: 'back' | 'close'
  off: boolean
  onPress: () => void
}) {
  return (
    <button
      type="button"
      class="button button-quiet icon-button"
      aria-label={label}
      title={label}
      aria-disabled={off}
      onClick={() => off || onPress()}
    >
      <Icon name={icon} />
    </button>
  )
}

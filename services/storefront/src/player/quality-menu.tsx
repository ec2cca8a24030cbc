import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import type { LivePlayer } from './live-player.ts'
import type { Quality } from './quality.ts'

const nameOf = ({ label, source }: Quality) => (source ? t('watch.qualitySource', { name: label }) : label)

/** Chooses a rendition, or leaves the choice to the player; the button tells which one is on screen. */
export function QualityMenu({ player }: { player: LivePlayer }) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!open) return undefined
    const close = (event: Event) => {
      const escaped = event instanceof KeyboardEvent && event.key === 'Escape'
      const outside = event instanceof PointerEvent && !event.composedPath().includes(root.current ?? window)
      if (escaped || outside) setOpen(false)
      if (escaped) root.current?.querySelector('button')?.focus()
    }
    document.addEventListener('pointerdown', close)
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('pointerdown', close)
      document.removeEventListener('keydown', close)
    }
  }, [open])

  const shown = player.shown.value
  const chosen = player.chosen.value
  if (player.qualities.value.length === 0) return null
  const auto = shown === undefined ? t('watch.qualityAuto') : t('watch.qualityAutoNow', { name: shown.label })
  const choose = (quality: Quality | undefined) => {
    player.choose(quality)
    setOpen(false)
    root.current?.querySelector('button')?.focus()
  }
  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class="stage-button"
        aria-expanded={open}
        aria-label={`${t('watch.quality')}: ${chosen === undefined ? auto : chosen.label}`}
        data-testid={testIds.qualityMenu}
        data-quality={shown?.name}
        data-chosen={chosen?.name ?? 'auto'}
        onClick={() => setOpen(!open)}
      >
        {chosen === undefined ? t('watch.qualityAuto') : chosen.label}
      </button>
      {open && (
        <ul class="menu-list" aria-label={t('watch.quality')}>
          <Option name="auto" label={auto} pressed={chosen === undefined} onPress={() => choose(undefined)} />
          {player.qualities.value.map((quality) => (
            <Option
              key={quality.level}
              name={quality.name}
              label={nameOf(quality)}
              pressed={chosen?.level === quality.level}
              onPress={() => choose(quality)}
            />
          ))}
        </ul>
      )}
    </div>
  )
}

function Option({
  name,
  label,
  pressed,
  onPress,
}: {
  name: string
  label: string
  pressed: boolean
  onPress: () => void
}) {
  return (
    <li>
      <button type="button" aria-pressed={pressed} data-testid={testIds.qualityOption(name)} onClick={onPress}>
        <span class="menu-check">{pressed && <Icon name="check" />}</span>
        {label}
      </button>
    </li>
  )
}

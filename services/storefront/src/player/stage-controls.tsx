import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import type { LivePlayer } from './live-player.ts'
import { QualityMenu } from './quality-menu.tsx'
import { SeekBar } from './seek-bar.tsx'
import { setSound } from './sound.ts'

/** The bar to look back with and, below it, play, sound, the way back to live, quality, picture in picture and full screen. */
export function StageControls({
  video,
  player,
  frame,
}: {
  video: RefObject<HTMLVideoElement>
  player: LivePlayer
  frame: RefObject<HTMLElement>
}) {
  const { paused, muted } = useVideoFlags(video)
  const toggle = () => (paused ? player.resume() : player.pause())
  const toggleSound = () => {
    if (video.current) setSound(video.current, video.current.muted)
  }
  const toggleFullscreen = () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen()
    change?.catch(() => undefined) // refused by the browser: the page stays as it is
  }
  const togglePip = () => {
    const change = document.pictureInPictureElement
      ? document.exitPictureInPicture()
      : video.current?.requestPictureInPicture()
    change?.catch(() => undefined) // no picture yet, or not allowed: the page stays as it is
  }
  return (
    <div class="player-bar" role="group" aria-label={t('watch.controls')} tabIndex={-1}>
      <SeekBar player={player} />
      <div class="controls">
        <button
          type="button"
          class="stage-button"
          aria-label={paused ? t('watch.play') : t('watch.pause')}
          onClick={toggle}
        >
          <Icon name={paused ? 'play' : 'pause'} />
        </button>
        <button
          type="button"
          class="stage-button"
          aria-label={muted ? t('watch.unmute') : t('watch.mute')}
          aria-pressed={!muted}
          onClick={toggleSound}
        >
          <Icon name={muted ? 'muted' : 'sound'} />
        </button>
        <BackToLive player={player} />
        <span class="grow" />
        <QualityMenu player={player} />
        {document.pictureInPictureEnabled && (
          <button type="button" class="stage-button roomy" aria-label={t('watch.pictureInPicture')} onClick={togglePip}>
            <Icon name="pip" />
          </button>
        )}
        {document.fullscreenEnabled && (
          <button
            type="button"
            class="stage-button roomy"
            aria-label={t('watch.fullscreen')}
            onClick={toggleFullscreen}
          >
            <Icon name="fullscreen" />
          </button>
        )}
      </div>
    </div>
  )
}

/** The big ways in: sound is off because browsers only let muted video start by itself. */
export function StageInvitations({ video, player }: { video: RefObject<HTMLVideoElement>; player: LivePlayer }) {
  const { muted } = useVideoFlags(video)
  if (player.blocked.value) {
    return (
      <button type="button" class="button button-primary invitation" onClick={() => player.play()}>
        <Icon name="play" /> {t('watch.play')}
      </button>
    )
  }
  if (!muted || player.state.value !== 'playing') return null
  return (
    <button
      type="button"
      class="button invitation invitation-quiet"
      data-testid={testIds.unmute}
      onClick={() => {
        if (video.current) setSound(video.current, true)
      }}
    >
      <Icon name="muted" /> {t('watch.unmute')}
    </button>
  )
}

function BackToLive({ player }: { player: LivePlayer }) {
  if (!player.behindLive.value) return null
  return (
    <button
      type="button"
      class="stage-button back-to-live"
      aria-label={`${t('watch.seekLive')}: ${t('watch.backToLive')}`}
      data-testid={testIds.backToLive}
      onClick={() => player.backToLive()}
    >
      <span class="dot dot-off" />
      <span class="wide">{t('watch.backToLive')}</span>
      <span class="narrow-only">{t('watch.seekLive')}</span>
    </button>
  )
}

function useVideoFlags(video: RefObject<HTMLVideoElement>): { paused: boolean; muted: boolean } {
  const [flags, setFlags] = useState({ paused: true, muted: true })
  useEffect(() => {
    const element = video.current
    if (!element) return undefined
    const read = () => setFlags({ paused: element.paused, muted: element.muted })
    const names = ['play', 'pause', 'volumechange', 'ended']
    for (const name of names) element.addEventListener(name, read)
    read()
    return () => names.forEach((name) => element.removeEventListener(name, read))
  }, [])
  return flags
}

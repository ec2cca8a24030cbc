import { useState } from 'preact/hooks'
import { formatClock } from '../i18n/format.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { seekStepSeconds } from './dvr-window.ts'
import type { LivePlayer } from './live-player.ts'

/**
 * The part of the broadcast that can be looked at again, as one bar, and the distance from live beside it. Its value is
 * the distance behind live, below zero: it stands still while the picture and the window move on. Always there once the
 * picture is, so that nothing jumps when the window becomes long enough.
 */
export function SeekBar({ player }: { player: LivePlayer }) {
  const [dragged, setDragged] = useState<number>()
  const { lengthSeconds, behindSeconds } = player.dvr.value ?? { lengthSeconds: 0, behindSeconds: 0 }
  const steps = player.behindLive.value ? Math.round(behindSeconds / seekStepSeconds) : 0
  const value = dragged ?? -Math.min(steps * seekStepSeconds, lengthSeconds)
  const share = lengthSeconds === 0 ? 1 : 1 + value / lengthSeconds
  return (
    <div class="seek">
      <input
        type="range"
        class="seek-bar"
        style={{ '--played': `${(share * 100).toFixed(2)}%` }}
        min={-lengthSeconds}
        max={0}
        step={seekStepSeconds}
        value={value}
        disabled={lengthSeconds === 0}
        aria-label={t('watch.seek')}
        aria-valuetext={value === 0 ? t('watch.seekLive') : behindText(-value)}
        data-testid={testIds.seekBar}
        onInput={({ currentTarget }) => setDragged(currentTarget.valueAsNumber)}
        onChange={({ currentTarget }) => {
          setDragged(undefined)
          player.seekBehind(-currentTarget.valueAsNumber) // once, when let go: each seek may ask for another segment
        }}
      />
      <Latency player={player} dragged={dragged} />
    </div>
  )
}

function Latency({ player, dragged }: { player: LivePlayer; dragged: number | undefined }) {
  const seconds = player.latencySeconds.value
  const shown = dragged !== undefined ? -dragged : player.state.value === 'playing' ? seconds : undefined
  return (
    <span class="latency" data-testid={testIds.latency} data-seconds={seconds?.toFixed(3)}>
      {shown !== undefined && behindText(shown, 1)}
    </span>
  )
}

const behindText = (seconds: number, digits = 0) =>
  seconds < 60
    ? t('watch.latency', { seconds: seconds.toFixed(digits) })
    : t('watch.latencyLong', { time: formatClock(seconds) })

import { useEffect, useState } from 'preact/hooks'
import { serverNow } from '../api/server-clock.ts'
import { formatClock } from '../i18n/format.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { secondsLeft } from './seconds-left.ts'

/** Counts down to the end of a reservation by the server's clock; tells once when a minute is left, and when it is over. */
export function Countdown({ expiresAt, onOver }: { expiresAt: string; onOver: () => void }) {
  const seconds = useSecondsLeft(expiresAt)
  const over = seconds === 0
  useEffect(() => {
    if (over) onOver()
  }, [over])
  return (
    <p class={`countdown ${seconds < 60 ? 'countdown-short' : ''}`}>
      <span role="timer" aria-label={t('checkout.timeLeft')} data-testid={testIds.countdown} data-seconds={seconds}>
        {formatClock(seconds)}
      </span>
      <span class="visually-hidden" aria-live="polite">
        {seconds < 60 && !over ? t('checkout.minuteLeft') : ''}
      </span>
    </p>
  )
}

/** Whole seconds until a time by the server's clock, as they pass; 0: it is over. */
export function useSecondsLeft(until: string): number {
  const [seconds, setSeconds] = useState(() => secondsLeft(until, serverNow()))
  useEffect(() => {
    const look = () => setSeconds(secondsLeft(until, serverNow()))
    look()
    const timer = setInterval(look, 250)
    return () => clearInterval(timer)
  }, [until])
  return seconds
}

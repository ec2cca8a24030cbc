import { useEffect, useState } from 'preact/hooks'
import { serverNow } from '../api/server-clock.ts'
import { formatClock } from '../i18n/format.ts'
import { t } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { secondsLeft } from './seconds-left.ts'

/** Counts down to the end of a reservation by the server's clock; tells once when a minute is left, and when it is over. */
export function Countdown({ expiresAt, onOver }: { expiresAt: string; onOver: () => void }) {
  const [seconds, setSeconds] = useState(() => secondsLeft(expiresAt, serverNow()))
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsLeft(expiresAt, serverNow())), 250)
    return () => clearInterval(timer)
  }, [expiresAt])
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

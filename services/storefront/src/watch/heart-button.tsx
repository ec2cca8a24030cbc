import { useEffect, useRef, useState } from 'preact/hooks'
import { giveHearts } from '../api/follows.ts'
import { account } from '../api/session.ts'
import { formatCount } from '../i18n/format.ts'
import { locale } from '../i18n/translate.ts'
import { testIds } from '../testing/test-ids.ts'
import { Icon } from '../ui/icon.tsx'
import { audienceText } from './audience-texts.ts'
import { flying, pressed } from './heart-count.ts'

const gatherMs = 1_000
const flightMs = 1_400

/**
 * Gives hearts: those of a second go in one request, and fly at once. What others give flies when the sum grows, a few however
 * many; where the system asks for less motion nothing flies.
 */
export function HeartButton({
  broadcastId,
  hearts,
  onSignIn,
}: {
  broadcastId: string
  hearts: number
  onSignIn: () => void
}) {
  const own = useRef({ waiting: 0, sentNotTold: 0, timer: undefined as ReturnType<typeof setTimeout> | undefined })
  const [shown, setShown] = useState(hearts) // what is told and, at once, what of the own ones is not: in one, or some count twice
  const { flights, fly } = useFlights()
  const told = useRef(hearts)
  const show = () => setShown(told.current + own.current.waiting + own.current.sentNotTold)
  useEffect(() => {
    const others = hearts - told.current - own.current.sentNotTold
    own.current.sentNotTold = Math.max(0, own.current.sentNotTold - (hearts - told.current))
    told.current = hearts
    show()
    fly(flying(0, others))
  }, [hearts])
  useEffect(() => () => clearTimeout(own.current.timer), [])
  const send = () => {
    const { waiting } = own.current
    Object.assign(own.current, { waiting: 0, timer: undefined, sentNotTold: own.current.sentNotTold + waiting })
    giveHearts(broadcastId, waiting).catch(() => {
      // too many, or no answer: they were nothing but a greeting
      own.current.sentNotTold = Math.max(0, own.current.sentNotTold - waiting)
      show()
    })
  }
  const press = () => {
    if (!account.value) return onSignIn()
    own.current.waiting = pressed(own.current.waiting)
    own.current.timer ??= setTimeout(send, gatherMs)
    show()
    fly(1)
  }
  const count = formatCount(shown, locale.value)
  return (
    <button
      type="button"
      class="stage-button heart"
      aria-label={audienceText('hearts', { count })}
      data-testid={testIds.heart}
      data-hearts={shown}
      onClick={press}
    >
      <Icon name="heart" />
      <span aria-hidden="true">{count}</span>
      <span class="flights" aria-hidden="true">
        {flights.map(({ id, left }) => (
          <span key={id} class="flight" style={{ left: `${left}%` }}>
            <Icon name="heart" />
          </span>
        ))}
      </span>
    </button>
  )
}

interface Flight {
  id: number
  left: number
}

/** Hearts in the air: each for as long as its way takes. */
function useFlights() {
  const next = useRef(0)
  const [flights, setFlights] = useState<readonly Flight[]>([])
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())
  useEffect(() => () => timers.current.forEach(clearTimeout), [])
  const fly = (count: number) => {
    if (count === 0 || matchMedia('(prefers-reduced-motion: reduce)').matches) return
    const started = Array.from({ length: count }, () => ({ id: next.current++, left: Math.random() * 60 }))
    setFlights((before) => [...before, ...started].slice(-20))
    const timer = setTimeout(() => {
      timers.current.delete(timer)
      setFlights((before) => before.filter(({ id }) => !started.some((each) => each.id === id)))
    }, flightMs)
    timers.current.add(timer)
  }
  return { flights, fly }
}

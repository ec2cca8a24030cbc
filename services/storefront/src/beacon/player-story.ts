/**
 * What a viewer saw of the player, out of the marks that it leaves (`player.<state>`, User Timing): pure, times in ms of
 * performance.now().
 *
 *   connecting ──▶ playing: the first picture, of a show that is on air; counted once a player
 *   playing ──▶ stalled ──▶ playing: a stall, beyond the second that the player waits before it says so
 */
import type { Report } from '../server/beacon-report.ts'

type Told = NonNullable<Report['player']>

const atOnceMs = 1_000 // of a show that is on air already the player hears within that
const mostStalls = 50 // of one report; whoever has more is not told of better
const mostPictures = 10

/** A mark of User Timing. */
export interface Mark {
  readonly name: string
  readonly startTime: number
}

/** A picture that is waited for. */
interface Wait {
  readonly begun: Told['firstPictures'][number]['begun']
  readonly sinceMs: number
  readonly connectingAtMs: number
  readonly onAir: boolean
}

export interface PlayerStory {
  /** The page was loaded for a show, whose visitor waits from then on. */
  readonly loadsShow: boolean
  readonly wait: Wait | undefined
  readonly state: 'out' | 'playing' | 'stalled'
  readonly sinceMs: number // the state began, or was told
  readonly untold: Told
}

const nothing: Told = { firstPictures: [], stallsMs: [], playedMs: 0 }

/** Before any player. */
export const beginStory = (loadsShow: boolean): PlayerStory => ({
  loadsShow,
  wait: undefined,
  state: 'out',
  sinceMs: 0,
  untold: nothing,
})

/** Takes one mark; those of others change nothing. */
export function hear(before: PlayerStory, { name, startTime: now }: Mark): PlayerStory {
  if (!name.startsWith('player.')) return before
  const story = settle(before, now)
  switch (name) {
    case 'player.connecting':
      return { ...story, state: 'out', loadsShow: false, wait: waitFrom(story, now) }
    case 'player.expected':
      return { ...story, wait: story.wait && onAir(story.wait, now) }
    case 'player.playing':
      return { ...story, state: 'playing', wait: undefined, untold: withPicture(story, now) }
    case 'player.stalled':
      return { ...story, state: 'stalled' }
    default: // finished, stopped, cannot play: nothing is waited for
      return { ...story, state: 'out', wait: undefined }
  }
}

/** Nobody looks: what comes late from now on is nobody's wait. */
export const lookAway = (story: PlayerStory): PlayerStory => ({ ...story, wait: undefined })

/** What is to be told now, if there is something, and the story with that told; a stall that goes on is told in pieces. */
export function tell(before: PlayerStory, now: number): [PlayerStory, Told | undefined] {
  const story = settle(before, now)
  const { firstPictures, stallsMs, playedMs } = story.untold
  const isEmpty = firstPictures.length + stallsMs.length === 0 && playedMs === 0
  return [{ ...story, untold: nothing }, isEmpty ? undefined : story.untold]
}

function waitFrom({ loadsShow }: PlayerStory, now: number): Wait {
  const begun = loadsShow ? 'load' : 'page'
  return { begun, sinceMs: loadsShow ? 0 : now, connectingAtMs: now, onAir: false }
}

/** Who was there before the show went on air waits since then. */
function onAir(wait: Wait, now: number): Wait {
  if (wait.onAir || now - wait.connectingAtMs < atOnceMs) return { ...wait, onAir: true }
  return { ...wait, begun: 'air', sinceMs: now, onAir: true }
}

function withPicture({ wait, untold }: PlayerStory, now: number): Told {
  if (!wait?.onAir || untold.firstPictures.length >= mostPictures) return untold
  return { ...untold, firstPictures: [...untold.firstPictures, { begun: wait.begun, ms: now - wait.sinceMs }] }
}

/** Counts the time in the state so far. */
function settle(story: PlayerStory, now: number): PlayerStory {
  const ms = Math.max(0, now - story.sinceMs)
  const { untold } = story
  const settled = { ...story, sinceMs: now }
  if (story.state === 'playing') return { ...settled, untold: { ...untold, playedMs: untold.playedMs + ms } }
  if (story.state === 'out' || ms === 0 || untold.stallsMs.length >= mostStalls) return settled
  return { ...settled, untold: { ...untold, stallsMs: [...untold.stallsMs, ms] } }
}

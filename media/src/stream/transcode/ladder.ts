/** Which rungs a source is transcoded to. */
import type { RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'

/** One rung of a stream: its name is its folder in the URL, e.g. `480p`. */
export interface Rung extends RungSpec {
  name: string
}

/** Rungs offered when nobody says otherwise. Few, because every rung costs CPU on the Pod that must not stall. */
const defaultRungs: readonly RungSpec[] = [
  { height: 480, bitrateBps: 1_200_000 },
  { height: 360, bitrateBps: 600_000 },
  { height: 240, bitrateBps: 300_000 },
]
const defaultCount = 2
const longestLadder = 6

/**
 * Lists the rungs for a source of `sourceHeight` lines, tallest first; never as tall as the source, for the source
 * rendition is there already. `wanted` (from the Broadcast or the values) replaces the default ladder; an empty list
 * means no transcoding.
 */
export function ladderFor(sourceHeight: number, wanted?: readonly RungSpec[]): Rung[] {
  const below = (wanted ?? defaultRungs)
    .filter((rung) => rung.height < sourceHeight)
    .toSorted((a, b) => b.height - a.height)
    .filter((rung, index, all) => all.findIndex((other) => other.height === rung.height) === index)
  return below.slice(0, wanted ? longestLadder : defaultCount).map((rung) => ({ ...rung, name: `${rung.height}p` }))
}

/** Which rungs a source is transcoded to. */
import type { RungSpec } from '@mytaek1/contracts/broadcast-resource.ts'

/** One rung of a stream: its name is its folder in the URL, e.g. `480p`; its size is in square pixels, both even. */
export interface Rung {
  name: string
  width: number
  height: number
  bitrateBps: number // the encoder's cap
}

/** Rungs offered when nobody says otherwise. Few, because every rung costs CPU on the Pod that must not stall. */
const defaultRungs: readonly RungSpec[] = [
  { height: 720, bitrateBps: 2_500_000 },
  { height: 480, bitrateBps: 1_200_000 },
  { height: 360, bitrateBps: 600_000 },
]
/** ... and one more where of these fewer than two are below the source. */
const smallestRung: RungSpec = { height: 240, bitrateBps: 300_000 }
const longestLadder = 6

/**
 * Lists the rungs for a source that is shown in `width` x `height` square pixels, largest first. A rung's `height` is that of
 * its short side, as people name qualities: the "480p" of an upright phone is 480 wide. None is as large as the source, for
 * the source rendition is there already.
 *
 * @param wanted (from the Broadcast or the values) replaces the default ladder; an empty list means no transcoding.
 */
export function ladderFor(source: { width: number; height: number }, wanted?: readonly RungSpec[]): Rung[] {
  const shortSide = Math.min(source.width, source.height)
  const isBelow = ({ height }: RungSpec) => height < shortSide
  const usual = defaultRungs.filter(isBelow)
  const specs = wanted ?? (usual.length < 2 ? [...usual, smallestRung] : usual)
  return specs
    .filter(isBelow)
    .toSorted((a, b) => b.height - a.height)
    .filter((rung, index, all) => all.findIndex((other) => other.height === rung.height) === index)
    .slice(0, longestLadder)
    .map(({ height, bitrateBps }) => ({
      name: `${height}p`,
      width: even((source.width * height) / shortSide),
      height: even((source.height * height) / shortSide),
      bitrateBps,
    }))
}

/** 4:2:0 video demands it. */
function even(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2)
}

/** Frame rates as they are meant: a frame of 59.94 fps lasts 1501.5 ticks, and counted in whole ones it would be 59.92. */
import { videoTimescale } from './boxes.ts'

/** Film, PAL, NTSC and their multiples: frames per second. */
const nominalRates = [24, 25, 30, 48, 50, 60, 120].flatMap((rate) => [rate, (rate * 1000) / 1001])
/** Rounding a frame to whole ticks moves its rate by less than this part of it; a rate and its NTSC one lie further apart. */
const tolerance = 0.0008

/** @returns the frames per second that frames of `frameTicks` (1/90000 s) are meant to be. */
export function nominalRate(frameTicks: number): number {
  const rate = videoTimescale / frameTicks
  return nominalRates.find((nominal) => Math.abs(nominal - rate) <= tolerance * nominal) ?? rate
}

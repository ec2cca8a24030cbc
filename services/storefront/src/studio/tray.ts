/** What a press at the desk makes of pins and tray, as values. */
import type { TrayItem } from '../api/tray.ts'

const maxPins = 3

/** Pins a product or takes its pin away; of more than three the one that was pinned first goes. */
export function withPin(pinned: readonly string[], productId: string): string[] {
  if (pinned.includes(productId)) return pinned.filter((id) => id !== productId)
  return [...pinned, productId].slice(-maxPins)
}

/** Moves a product by one place up (-1) or down (1); at an end it stays. */
export function moved(items: readonly TrayItem[], productId: string, step: -1 | 1): TrayItem[] {
  const from = items.findIndex((item) => item.productId === productId)
  const item = items[from]
  const to = from + step
  if (item === undefined || to < 0 || to >= items.length) return [...items]
  return items.toSpliced(from, 1).toSpliced(to, 0, item)
}

/** Hides a product from viewers, or shows it again. */
export const withHidden = (items: readonly TrayItem[], productId: string): TrayItem[] =>
  items.map((item) => (item.productId === productId ? { ...item, hidden: !item.hidden } : item))

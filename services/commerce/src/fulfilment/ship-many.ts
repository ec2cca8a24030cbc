import { AppError } from '@mytaek1/platform/errors.ts'
import type { Person } from './fulfilment.ts'
import { moveOrder, type MoveDeps } from './move-order.ts'
import { readShipmentLines, type ShipmentLine } from './shipment-lines.ts'

/** Lines of one request: what a seller packs in a day, in a few seconds. */
export const linesMax = 500
const atOnce = 4

/** How a line ended; `code` is null when the order is on its way. */
export interface ShippedLine {
  line: number
  orderId: string | null
  code: string | null
}

/** Ships the orders that pasted lines name, each by itself: one that is refused does not hold the others back. */
export async function shipMany(
  deps: MoveDeps,
  { text, actor }: { text: string; actor: Person },
): Promise<ShippedLine[]> {
  const lines = readShipmentLines(text)
  const results: ShippedLine[] = []
  for (let from = 0; from < lines.length; from += atOnce) {
    results.push(...(await Promise.all(lines.slice(from, from + atOnce).map((line) => shipLine(deps, line, actor)))))
  }
  return results
}

async function shipLine(deps: MoveDeps, given: ShipmentLine, actor: Person): Promise<ShippedLine> {
  const { line, orderId } = given
  if ('error' in given) return { line, orderId, code: given.error }
  try {
    await moveOrder(deps, { orderId: given.orderId, actor, deed: 'ship', shipment: given.shipment })
    return { line, orderId, code: null }
  } catch (error) {
    if (error instanceof AppError && error.kind !== 'unavailable') return { line, orderId, code: error.code }
    throw error // sent again, what is shipped already is shipped again, by the same number
  }
}

import type { Shipment } from './move-order.ts'
import { shipmentShape } from './shipment.ts'

/** One line that a seller pasted: what it says, or why it says nothing. Lines count from 1. */
export type ShipmentLine =
  | { line: number; orderId: string; shipment: Shipment }
  | { line: number; orderId: string | null; error: 'malformed' | 'repeated' }

const orderIdPattern = /^[0-9a-z_-]{1,32}$/

/**
 * Reads pasted lines of `order number, carrier, tracking number`: separated by commas, or by tabs as a spreadsheet copies
 * them; quotes around cells and empty lines are nothing. An order that is named twice counts the first time.
 */
export function readShipmentLines(text: string): ShipmentLine[] {
  const seen = new Set<string>()
  return text.split(/\r\n?|\n/).flatMap((content, index): ShipmentLine[] => {
    if (content.trim() === '') return []
    const line = index + 1
    const cells = content.split(content.includes('\t') ? '\t' : ',').map((cell) => unquoted(cell.trim()))
    const [orderId = '', carrier, trackingNumber, ...others] = cells
    const known = orderIdPattern.test(orderId) ? orderId : null
    const shipment = shipmentShape.safeParse({ carrier, trackingNumber })
    const isWhole = others.every((cell) => cell === '')
    if (known === null || !shipment.success || !isWhole) return [{ line, orderId: known, error: 'malformed' }]
    if (seen.has(known)) return [{ line, orderId: known, error: 'repeated' }]
    seen.add(known)
    return [{ line, orderId: known, shipment: shipment.data }]
  })
}

const unquoted = (cell: string) => (/^".*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"').trim() : cell)

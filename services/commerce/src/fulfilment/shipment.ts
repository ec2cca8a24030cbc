import { z } from 'zod'
import { lineOfText } from '../text.ts'

/** Which carrier has a parcel, and its number there. */
export const shipmentShape = z
  .strictObject({
    carrier: lineOfText(1, 40).describe('as it is called; parcels of those that we know can be looked for by a link'),
    trackingNumber: z
      .string()
      .trim()
      .regex(/^[0-9A-Za-z-]{4,40}$/, 'must be 4 to 40 letters, digits and hyphens'),
  })
  .meta({ id: 'Shipment' })

/** Calls of the seller's desk for orders; pages of buyers load none of it. */
import type { Claim, Page, Sale, SaleDetail, ShippedLine } from './model.ts'
import { operateSignedIn } from './session.ts'

const base = '/api/commerce/v1'

/** Orders of the signed-in seller's products that were paid for, newest first. */
export const listSales = (query: {
  state?: Sale['fulfilment']['state'] & string
  late?: 'true'
  claims?: 'open'
  q?: string
  cursor?: string
}): Promise<Page<Sale>> => operateSignedIn('get', `${base}/sales`, { query })

export const readSale = (id: string, signal?: AbortSignal): Promise<SaleDetail> =>
  operateSignedIn('get', `${base}/sales/{id}`, { params: { id }, signal })

export const prepareSale = (id: string): Promise<Sale> =>
  operateSignedIn('post', `${base}/sales/{id}/prepare`, { params: { id } })

export const shipSale = (id: string, body: { carrier: string; trackingNumber: string }): Promise<Sale> =>
  operateSignedIn('post', `${base}/sales/{id}/ship`, { params: { id }, body })

export const deliverSale = (id: string): Promise<Sale> =>
  operateSignedIn('post', `${base}/sales/{id}/deliver`, { params: { id } })

export const cancelSale = (id: string, reason: string): Promise<Claim> =>
  operateSignedIn('post', `${base}/sales/{id}/cancel`, { params: { id }, body: { reason, restock: true } })

/** Ships what pasted lines name; each line is answered. */
export async function shipLines(text: string): Promise<ShippedLine[]> {
  return (await operateSignedIn('post', `${base}/sales/shipments`, { body: { text } })).items
}

/** The text of a file for whoever packs. */
export async function readPackingFile(kind: 'labels' | 'pack-list', state: 'PAID' | 'PREPARING'): Promise<string> {
  const text: unknown = await operateSignedIn('get', `${base}/sales/files/{kind}`, {
    params: { kind },
    query: { state },
  })
  return String(text)
}

/** The text of a file with the sales of some days, both among them. */
export async function readSalesFile(from: string, to: string): Promise<string> {
  const text: unknown = await operateSignedIn('get', `${base}/sales.csv`, { query: { from, to } })
  return String(text)
}

export const collectClaim = (id: string): Promise<Claim> =>
  operateSignedIn('post', `${base}/claims/{id}/collect`, { params: { id } })

/** Grants a claim: the money goes back; what sending cost with the last units, or when it is said. */
export const completeClaim = (id: string, body: { restock: boolean; refundShipping?: boolean }): Promise<Claim> =>
  operateSignedIn('post', `${base}/claims/{id}/complete`, { params: { id }, body })

export const rejectClaim = (id: string, answer: string): Promise<Claim> =>
  operateSignedIn('post', `${base}/claims/{id}/reject`, { params: { id }, body: { answer } })

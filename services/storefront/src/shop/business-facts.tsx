import { Fragment } from 'preact'
import type { SellerBusiness } from '../api/model.ts'
import { receiptText } from './receipt-texts.ts'

const fields = ['name', 'representative', 'businessNumber', 'mailOrderNumber', 'address', 'phone'] as const

/** Whose business a seller's is, as the law has shops and receipts show it. */
export function BusinessFacts({ business }: { business: SellerBusiness }) {
  return (
    <dl class="receipt-facts">
      {fields.map((field) => (
        <Fragment key={field}>
          <dt>{receiptText(`business.${field}`)}</dt>
          <dd>{business[field]}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

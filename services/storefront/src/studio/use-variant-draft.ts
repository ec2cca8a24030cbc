import { useState } from 'preact/hooks'
import { readVariants } from '../api/commerce.ts'
import type { Product, Variants } from '../api/model.ts'
import { useResource } from '../ui/use-resource.ts'
import { draftOf, emptyDraft, isTooMany, type VariantDraft } from './variant-draft.ts'

/** What a seller's form knows of a product's variants. */
export interface TypedVariants {
  /** The product had options when the form was opened. */
  had: boolean
  /** What they were then; undefined until they were read. */
  before: Variants | undefined
  draft: VariantDraft
  change: (draft: VariantDraft) => void
  /** The draft can't be saved; what is as the service has it can, however much it is. */
  tooMany: boolean
  /** Why they could not be read. */
  error: unknown
}

/** The options and variants of a form: as the service has them, until something is typed. */
export function useVariantDraft(product: Product | undefined): TypedVariants {
  const had = Boolean(product?.options?.length) // a service of the version before knows none
  const read = async (signal: AbortSignal) => (had && product ? await readVariants(product.id, signal) : undefined)
  const { value: before, error } = useResource(read, { key: product?.id })
  const [typed, change] = useState<VariantDraft>()
  const draft = typed ?? (before ? draftOf(before) : emptyDraft)
  return { had, before, draft, change, tooMany: typed !== undefined && isTooMany(typed), error }
}

import type { Endpoint } from '@mytaek1/platform/openapi.ts'

/** Adds to an operation's documented answers those that follow from how it is declared. */
export function withCommonAnswers(each: Endpoint): Endpoint {
  const takesInput = each.params ?? each.query ?? each.headers ?? each.body
  const common: Endpoint['responses'] = {
    503: { description: '`database_unavailable`: send the same request again, see Retry-After' },
  }
  if (takesInput) common[400] = { description: '`invalid_request`: `errors` names each bad field' }
  if (each.access !== 'public') common[401] = { description: '`unauthenticated`' }
  if (Array.isArray(each.access)) common[403] = { description: '`forbidden`: the role does not allow it' }
  if (each.body) {
    common[413] = { description: '`body_too_large`' }
    common[415] = { description: '`unsupported_media_type`: JSON is taken' }
  }
  return { ...each, responses: { ...common, ...each.responses } }
}

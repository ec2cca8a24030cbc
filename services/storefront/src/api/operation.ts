/** Types a call by the services' OpenAPI documents: its path, what it takes and what it answers. */
import type { paths as CommercePaths } from './commerce-openapi.ts'
import type { ApiRequest } from './http.ts'
import type { paths as PaymentPaths } from './payment-openapi.ts'

type Paths = CommercePaths & PaymentPaths
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** Paths that have the method, as the documents write them: `/api/commerce/v1/orders/{id}`. */
export type PathOf<M extends Method> = {
  [P in keyof Paths]: Paths[P] extends { [K in M]: { responses: unknown } } ? P : never
}[keyof Paths]

type Operation<M extends Method, P extends PathOf<M>> = Paths[P] extends { [K in M]: infer Found } ? Found : never

/** The body of the operation's success. */
export type Answer<M extends Method, P extends PathOf<M>> =
  Operation<M, P> extends { responses: infer Responses } ? Json<Responses[keyof Responses & (200 | 201 | 202)]> : never

/** What the operation takes: a JSON body, path and query parameters, each only if it has them. */
export type Input<M extends Method, P extends PathOf<M>> = (Operation<M, P> extends { requestBody: infer Taken }
  ? Json<Taken> extends undefined
    ? unknown
    : { body: Json<Taken> }
  : unknown) &
  (Operation<M, P> extends { parameters: { path: infer Params } } ? { params: Params } : unknown) &
  (Operation<M, P> extends { parameters: { query?: infer Query } } ? { query?: Query } : unknown) &
  Pick<ApiRequest, 'file' | 'idempotencyKey' | 'signal' | 'keepalive'>

/** The request of an operation: parameters go into the path, escaped, and after it. */
export function requestOf<M extends Method, P extends PathOf<M>>(method: M, path: P, input: Input<M, P>): ApiRequest {
  const { params, query, ...rest } = input as { params?: object; query?: object }
  let filled: string = path
  for (const [name, value] of Object.entries(params ?? {}))
    filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)))
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return { ...rest, method: upperCase[method], path: search === '' ? filled : `${filled}?${search}` }
}

const upperCase = Object.freeze({ get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const)

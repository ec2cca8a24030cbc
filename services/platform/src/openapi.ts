/** Endpoints are declared once: the same schemas validate requests and make the OpenAPI 3.1 document. */
import { Router } from '@koa/router'
import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'
import type { AccessTokenClaims, Role } from '@mytaek1/contracts/access-token.ts'
import { problemShape } from '@mytaek1/contracts/problem.ts'
import { authenticate, type TokenVerifier } from './auth.ts'
import { MethodNotAllowedError } from './errors.ts'
import { check, formTypes, readForm, readJson } from './json-body.ts'

const defaultBodyLimitBytes = 64 * 1024

/** Who may call: anybody, any signed-in account, or accounts of the given roles. */
export type Access = 'public' | 'account' | readonly Role[]

/** What a handler answers; `body` undefined means the handler wrote to `ctx` itself, or there is none. */
export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** A request after validation. */
export interface EndpointInput<A extends Access, P, Q, H, B> {
  params: P
  query: Q
  headers: H
  body: B
  caller: A extends 'public' ? undefined : AccessTokenClaims
}

/** One operation of the API. `path` is as in OpenAPI, relative to the API's base: `/orders/{id}`. */
export interface Endpoint<
  A extends Access = Access,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  H extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  path: string
  summary: string
  access: A
  params?: P
  query?: Q
  /** Names in lower case. */
  headers?: H
  /** JSON body; absent means none is read. */
  body?: B
  /** The body is a form, and no JSON. */
  bodyIsForm?: boolean
  bodyLimitBytes?: number
  /** Media types that the handler reads from `ctx.req` itself, e.g. images. */
  streamedBody?: readonly string[]
  /** Answers by status; a problem+json answer needs only its description. */
  responses: Record<number, { description: string; schema?: z.ZodType; contentType?: string }>
  handle(input: EndpointInput<A, z.infer<P>, z.infer<Q>, z.infer<H>, z.infer<B>>, ctx: Context): Promise<Reply> | Reply
}

/** Types an endpoint: the handler's input follows from its schemas. */
export function endpoint<
  A extends Access,
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  H extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
>(definition: Endpoint<A, P, Q, H, B>): Endpoint {
  return definition // bivariant `handle`: apiRoutes calls it only with checked input
}

/** What an API is called and where it lives. */
export interface ApiInfo {
  title: string
  version: string
  basePath: string
  description?: string
  /** Whether JSON answers to GET have an ETag, and callers that hold them are answered 304 (RFC 9110 section 13). */
  conditionalGet?: boolean
}

/** The OpenAPI 3.1 document of the endpoints; needs nothing running. */
export function openApiDocument(info: ApiInfo, endpoints: readonly Endpoint[]) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const each of endpoints) {
    const path = (paths[info.basePath + each.path] ??= {})
    path[each.method] = operationOf(each, info)
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version, description: info.description },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  })
}

/** Koa middleware that serves the endpoints and their document at `<basePath>/openapi.json`. */
export function apiRoutes(info: ApiInfo, endpoints: readonly Endpoint[], verify: TokenVerifier): Middleware[] {
  const router = new Router({ prefix: info.basePath })
  const document = JSON.stringify(openApiDocument(info, endpoints))
  router.get('/openapi.json', (ctx) => {
    ctx.state.route = '/openapi.json'
    ctx.type = 'application/json'
    ctx.body = document
  })
  const direct = new Map<string, Middleware>()
  for (const each of endpoints) {
    const serving = serve(each, verify)
    router.register(each.path.replaceAll(/\{(\w+)\}/g, ':$1'), [each.method], serving)
    if (!each.path.includes('{')) direct.set(`${each.method.toUpperCase()} ${info.basePath}${each.path}`, serving)
  }
  // the router tries every pattern on every request; a path without parameters needs none
  const goDirect: Middleware = (ctx, next) => direct.get(`${ctx.method} ${ctx.path}`)?.(ctx, next) ?? next()
  return [goDirect, router.routes() as Middleware, otherMethods(router)]
}

// Where a path is known and the method is not one of its: 405 with Allow (RFC 9110 section 15.5.6). The router's own
// answers are not problem+json, and a method that no route has is 501 there, which reads as a failure of ours.
function otherMethods(router: Router): Middleware {
  return async (ctx, next) => {
    const allowed = [...new Set(router.match(ctx.path, ctx.method).path.flatMap(({ methods }) => methods))]
    if (allowed.length === 0) return await next()
    ctx.set('allow', allowed.join(', '))
    if (ctx.method !== 'OPTIONS') throw new MethodNotAllowedError(ctx.method, allowed)
    ctx.status = 204
  }
}

function serve(each: Endpoint, verify: TokenVerifier): Middleware {
  const read = each.bodyIsForm ? readForm : readJson
  return async (ctx) => {
    ctx.state.route = each.path
    const caller = each.access === 'public' ? undefined : await authenticate(ctx, verify, rolesOf(each.access))
    const reply = await each.handle(
      {
        params: each.params ? check(each.params, ctx.params, 'path') : {},
        query: each.query ? check(each.query, { ...ctx.query }, 'query') : {},
        headers: each.headers ? check(each.headers, { ...ctx.headers }, 'header') : {},
        body: each.body && (await read(ctx, each.body, each.bodyLimitBytes ?? defaultBodyLimitBytes)),
        caller,
      },
      ctx,
    )
    if (reply.headers) ctx.set(reply.headers)
    if (reply.body !== undefined) ctx.body = reply.body
    else if (ctx.body === undefined) ctx.body = null
    ctx.status = reply.status // after the body: for Koa none at all means 204, also where it is a redirect
  }
}

const rolesOf = (access: Access): readonly Role[] | undefined => (Array.isArray(access) ? access : undefined)

// What follows from how an operation is declared.
function commonAnswers(each: Endpoint, info: ApiInfo): Endpoint['responses'] {
  const answers: Endpoint['responses'] = {
    503: {
      description: '`database_unavailable` or another part is down: send the same request again, see Retry-After',
    },
  }
  if (each.params ?? each.query ?? each.headers ?? each.body) {
    answers[400] = { description: '`invalid_request`: errors names each bad field' }
  }
  if (info.conditionalGet && each.method === 'get' && each.responses[200]?.schema) {
    answers[304] = { description: 'what `If-None-Match` names is still so' }
  }
  if (each.access !== 'public') answers[401] = { description: '`unauthenticated`: no valid access token' }
  if (Array.isArray(each.access)) answers[403] = { description: '`forbidden`: the role does not allow it' }
  if (each.body) {
    answers[408] = { description: '`body_too_slow`' }
    answers[413] = { description: '`body_too_large`' }
    answers[415] = { description: `\`unsupported_media_type\`: ${each.bodyIsForm ? 'a form' : 'JSON'} is taken` }
  }
  return answers
}

// Headers that every answer of a status has.
const challenge = { 'WWW-Authenticate': { required: true, schema: { type: 'string', const: 'Bearer' } } } as const
const retryAfter = {
  'Retry-After': { required: true, description: 'seconds', schema: { type: 'integer', minimum: 1 } },
} as const
const headersOf: Readonly<Record<number, typeof retryAfter | typeof challenge>> = {
  401: challenge,
  429: retryAfter,
  503: retryAfter,
}

function operationOf(each: Endpoint, info: ApiInfo): ZodOpenApiOperationObject {
  const responses: ZodOpenApiOperationObject['responses'] = {}
  for (const [status, { description, schema, contentType }] of Object.entries({
    ...commonAnswers(each, info),
    ...each.responses,
  })) {
    const failed = Number(status) >= 400
    const shape = schema ?? (failed ? problemShape : undefined)
    responses[`${Number(status)}` as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description,
      ...(headersOf[Number(status)] && { headers: headersOf[Number(status)] }),
      ...(shape && {
        content: { [contentType ?? (failed ? 'application/problem+json' : 'application/json')]: { schema: shape } },
      }),
    }
  }
  const streamed = Object.fromEntries(
    (each.streamedBody ?? []).map((type) => [type, { schema: z.string().meta({ format: 'binary' }) }]),
  )
  const bodyTypes = each.bodyIsForm ? formTypes : ['application/json']
  const asBody = (schema: z.ZodType) => Object.fromEntries(bodyTypes.map((type) => [type, { schema }]))
  return {
    summary: each.summary,
    requestParams: {
      ...(each.params && { path: each.params }),
      ...(each.query && { query: each.query }),
      ...(each.headers && { header: each.headers }),
    },
    ...(each.body && { requestBody: { required: true, content: asBody(each.body) } }),
    ...(each.streamedBody && { requestBody: { required: true, content: streamed } }),
    ...(each.access !== 'public' && { security: [{ bearer: [] }] }),
    responses,
  }
}

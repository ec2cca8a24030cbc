/**
 * Renders the services' OpenAPI documents as TypeScript types, with nothing running:
 *   npm run api:types -w @mytaek1/storefront           writes src/api/*-openapi.ts
 *   npm run api:types -w @mytaek1/storefront -- check  exits 1 when what is there is not what the services say now
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { openApiDocument } from '@mytaek1/platform/openapi.ts'
import { api, endpointsOf } from '../../commerce/src/app.ts'
import { paymentDocument } from '../../payment/src/app.ts'

const folder = join(import.meta.dirname, '../src/api')
const head = '// Generated from the service’s OpenAPI document by `npm run api:types`; changed there, not here.\n\n'

// the generator writes these even when a document has none of them
const unused = /^export type (webhooks|\$defs|operations) = Record<string, never>;$/gm

// Endpoints are declared by functions of what their handlers need, and a document calls no handler.
const nothing = {} as never
const commerce = openApiDocument(
  api,
  endpointsOf({
    accounts: nothing,
    catalog: nothing,
    broadcasts: nothing,
    live: nothing,
    chat: nothing,
    follows: nothing,
    report: nothing,
    orders: nothing,
    waiting: nothing,
    fulfilment: nothing,
  }),
)

const rendered = new Map([
  ['commerce-openapi.ts', await render(commerce)],
  ['payment-openapi.ts', await render(paymentDocument())],
  ['error-codes.ts', renderCodes([commerce, paymentDocument()])],
])
const checking = process.argv[2] === 'check'
for (const [name, text] of rendered) {
  const path = join(folder, name)
  if (!checking) writeFileSync(path, text)
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${name} is not what the service says now: npm run api:types -w @mytaek1/storefront\n`)
    process.exitCode = 1
  }
}

async function render(document: unknown): Promise<string> {
  const nodes = await openapiTS(successesOf(document), { alphabetize: true, defaultNonNullable: false })
  return format(head + astToString(nodes).replaceAll(unused, ''))
}

/** The codes of all refusals, as the documents name them: in backquotes, in the words of each refused answer. */
function renderCodes(documents: readonly unknown[]): string {
  const words = documents.flatMap((document) => refusalsOf(document))
  const codes = new Set(
    words.flatMap((word) => [...word.matchAll(/`([a-z][a-z0-9_]*)`/g)].map(([, code = '']) => code)),
  )
  const lines = [...codes].toSorted().map((code) => `  | '${code}'`)
  return format(
    `${head}/** Codes of refusals that the services' documents name. */\nexport type ErrorCode =\n${lines.join('\n')}\n`,
  )
}

function refusalsOf(document: unknown): string[] {
  const { paths = {} } = document as OpenAPI3
  return Object.values(paths)
    .flatMap((path) => Object.values(path as Record<string, { responses?: Record<string, { description?: string }> }>))
    .flatMap(({ responses = {} }) => Object.entries(responses))
    .flatMap(([status, { description = '' }]) => (Number(status) >= 400 ? [description] : []))
}

/** The document without refusals: each is the same problem+json, which `problem.ts` reads, and their texts change often. */
function successesOf(document: unknown): OpenAPI3 {
  const copy = structuredClone(document) as OpenAPI3
  for (const path of Object.values(copy.paths ?? {})) {
    for (const operation of Object.values(path as Record<string, { responses?: Record<string, unknown> }>)) {
      for (const status of Object.keys(operation.responses ?? {})) {
        if (Number(status) >= 400) delete operation.responses?.[status]
      }
    }
  }
  return copy
}

function format(text: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'mytaek1-api-types-'))
  const file = join(scratch, 'types.ts')
  writeFileSync(file, text)
  const config = join(import.meta.dirname, '../../../.oxfmtrc.json')
  const { status, stderr } = spawnSync('oxfmt', ['-c', config, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`oxfmt failed: ${stderr}`)
  const formatted = readFileSync(file, 'utf8')
  rmSync(scratch, { recursive: true })
  return formatted
}

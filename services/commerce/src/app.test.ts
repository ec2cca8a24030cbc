/** The API as its document says it: every operation, called with whatever a caller may send, answers as documented. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anything, assert as check, asyncProperty, constantFrom, oneof, record, string } from 'fast-check'
import { aBroadcast, aProduct, signedIn } from './testing/factories.ts'
import { startTestApp } from './testing/test-app.ts'

interface Operation {
  summary: string
  responses: Record<string, { content?: Record<string, unknown> }>
  requestBody?: { content: Record<string, unknown> }
}

const base = '/api/commerce/v1'
const app = await startTestApp({ LIMIT_SIGN_UPS_PER_HOUR: '1000000', LIMIT_SIGN_IN_FAILURES_PER_ADDRESS: '1000000' })
const document = (await (await fetch(`${app.url}${base}/openapi.json`)).json()) as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

test('the document is OpenAPI 3.1, its references lead somewhere, and every refusal is problem+json', () => {
  assert.equal(document.openapi, '3.1.0')
  assert.ok(operations.length >= 29)
  const text = JSON.stringify(document)
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    assert.ok(name in document.components.schemas, name)
  }
  for (const { path, method, operation } of operations) {
    assert.ok(operation.summary.length > 5, `${method} ${path}`)
    for (const [status, { content }] of Object.entries(operation.responses)) {
      if (Number(status) >= 400) assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'])
    }
  }
})

test('whatever is sent, no operation fails or answers what is not documented', async () => {
  const seller = await signedIn(app.url)
  const product = await aProduct(seller)
  const broadcast = await aBroadcast(seller, [product.id])
  const ids = constantFrom(product.id, broadcast.id, seller.id, 'b-x', '%2e%2e', "'; --", '한글', 'x'.repeat(40))
  const body = oneof(
    anything(),
    record({ email: string(), password: string(), displayName: string() }, { requiredKeys: [] }),
    record({ name: string(), price: anything(), stock: anything() }, { requiredKeys: [] }),
    record({ title: string(), productIds: anything(), scheduledAt: string() }, { requiredKeys: [] }),
    record({ productId: ids, quantity: anything(), units: anything(), text: string() }, { requiredKeys: [] }),
  )
  // endless by nature, and sign-out, which would make the rest anonymous
  const callable = operations.filter(
    ({ path, method }) => !path.endsWith('/events') && !(method === 'DELETE' && path.endsWith('/current')),
  )
  await check(
    asyncProperty(
      constantFrom(...callable),
      ids,
      ids,
      body,
      constantFrom('application/json', 'text/plain', 'image/png'),
      async (each, id, other, value, type) => {
        const path = each.path.replace('{id}', encodeURIComponent(id)).replace('{chatId}', encodeURIComponent(other))
        const sent = each.operation.requestBody === undefined ? undefined : Buffer.from(JSON.stringify(value) ?? '')
        const answer = await seller.call(each.method, path.slice(base.length), sent, {
          'content-type': type,
          'idempotency-key': 'fuzz',
        })
        const documented = each.operation.responses[String(answer.status)]
        assert.ok(documented, `${each.method} ${each.path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
        assert.ok(answer.status < 500, `${each.method} ${each.path} answered ${answer.status}`)
        if (answer.status >= 400) assert.equal(typeof answer.body.code, 'string')
      },
    ),
    { numRuns: 600, seed: 1 }, // the same ones each time: `make fuzz-api` looks for others
  )
})

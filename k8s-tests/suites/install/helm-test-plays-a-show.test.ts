import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectStatus } from '../../framework/http.ts'
import { helm, kubectl, namespace, release } from '../../framework/platform-under-test.ts'

const played = [
  'pages answer',
  'the shop answers',
  'payment answers',
  "the encoders' door opens",
  'a seller signs up and in',
  'a buyer signs up and in',
  'a product of two units is made, as a draft',
  'a show opens, in no list',
  'the show is live',
  'a viewer sees the picture move',
  'the buyer orders what the show sells',
  'the buyer pays by a simulated card, and the order is PAID',
  'no unit is held',
  'the product is off sale',
  'the encoder is stopped',
  'the show is ended',
  "the buyer's account is deleted",
  'the shop shows nothing of it',
  "the seller's account is deleted",
]

/** The first page of each list, as anybody sees it. */
async function lists(): Promise<string[][]> {
  const pages = ['products', 'broadcasts', 'broadcasts?state=live'].map((what) =>
    expectStatus(200, 'GET', `/api/commerce/v1/${what}`),
  )
  return (await Promise.all(pages)).map(({ body }) => (body['items'] as { id: string }[]).map(({ id }) => id))
}

test(
  'helm test goes live, watches, orders and pays from inside the cluster, and the shop is as before',
  { timeout: 600_000 },
  async () => {
    const before = await lists()
    let said = '' // what a Pod says Helm 3 prints beside its own output
    const onOutput = (chunk: string) => void (said += chunk)
    await helm(['test', release, '--namespace', namespace, '--timeout', '5m'], { onOutput })
    const steps = said.split('\n').flatMap((line) => /(?:ok {3}|FAIL )(.*?)(?: \(\d+\.\d s\))?$/.exec(line)?.[1] ?? [])
    assert.deepEqual(steps, played, said)
    assert.doesNotMatch(said, /FAIL|live_[0-9a-z]{8}/)
    assert.deepEqual(await lists(), before)
    assert.equal(await kubectl(['get', 'pod', `${release}-test`, '--ignore-not-found']), '')
  },
)

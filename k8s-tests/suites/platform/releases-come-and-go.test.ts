import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { publish } from '../../framework/broadcaster.ts'
import { madeByUp } from '../../cluster/install/own-release.ts'
import { waitForCondition } from '../../framework/broadcast-status.ts'
import { call } from '../../framework/http.ts'
import { endBroadcast, openBroadcast, signUp } from '../../framework/people.ts'
import { helm, kubectl, namespace, release } from '../../framework/platform-under-test.ts'
import { notYet, waitFor } from '../../framework/wait-for.ts'

const chart = path.resolve(import.meta.dirname, '../../../charts/mytaek1')
const upgrade = (...values: string[]) =>
  helm(['upgrade', release, chart, '--namespace', namespace, '--reuse-values', '--wait', '--timeout', '5m', ...values])
const kinds =
  'deployments,statefulsets,replicasets,pods,services,ingresses,jobs,configmaps,horizontalpodautoscalers,poddisruptionbudgets,roles,rolebindings,serviceaccounts,leases,persistentvolumeclaims,secrets,broadcasts,mediapools'
const objects = async (selector = '') => {
  const names = await kubectl(['get', kinds, '-l', selector, '-o', 'name', '--ignore-not-found'])
  return names
    .trim()
    .split('\n')
    .filter((name) => name !== '')
}
const releases = async () =>
  JSON.parse(await helm(['list', '--all', '--filter', `^${release}$`, '-n', namespace, '-o', 'json'])) as {
    status: string
  }[]
/** Made by the operator, by commerce or by Helm for itself, without the release's label. */
const ofTheRelease =
  /^(secret\/sh\.helm\.release\.|lease\.coordination\.k8s\.io\/(mytaek1|stream)-|broadcast\.|mediapool\.|pod\/)/
const kept = /^persistentvolumeclaim\/data-mytaek1-(mariadb|redis|s3)-\d$/

test('helm refuses a value that the chart does not know, by its name', { timeout: 600_000 }, async () => {
  await assert.rejects(upgrade('--dry-run', '--set', 'commerce.replicaz=3'), /replicaz/)
  await assert.rejects(upgrade('--dry-run', '--set', 'nonsense=1'), /nonsense/)
})

test(
  'helm uninstall leaves only the definitions and the volumes it says it keeps, and an install brings the data back and streams',
  { timeout: 900_000 },
  async (t) => {
    const seller = await signUp('keeper')
    const values = await helm(['get', 'values', release, '--namespace', namespace, '--output', 'json'])
    const install = async () => {
      const how = ['--install', '--namespace', namespace, '--labels', madeByUp, '--wait', '--timeout', '8m']
      await helm(['upgrade', release, chart, ...how, '--values', '-'], { input: values })
    }
    // the suites after this one need the release, whatever happens here
    t.after(async () => {
      const [found] = (await releases()).map(({ status }) => status)
      if (found !== 'deployed') await install()
    })
    // what people and the cluster have put into the namespace beside the release is nobody's to remove
    const others = (await objects('app.kubernetes.io/instance!=mytaek1')).filter((name) => !ofTheRelease.test(name))
    await helm(['uninstall', release, '--namespace', namespace, '--wait', '--timeout', '5m'])
    const left = await waitFor('everything but what is kept to go', 180, async () => {
      const names = await objects()
      const unexpected = names.filter((name) => !others.includes(name) && !kept.test(name))
      return unexpected.length === 0 ? names : notYet(unexpected)
    })
    assert.deepEqual(
      others.filter((name) => !left.includes(name)),
      [],
      'removed, and not of the release',
    )
    assert.ok(
      left.some((name) => name.includes('mytaek1-mariadb')),
      left.join(),
    )
    assert.match(await kubectl(['get', 'crds', '-o', 'name']), /broadcasts\.live\.mytaek1\.dev/)
    await install()
    const token = await waitFor('the account made before to sign in', 120, async () => {
      const answer = await call('POST', '/api/commerce/v1/sessions', {
        body: { email: seller.email, password: seller.password },
      })
      return answer.status === 201 ? String(answer.body['accessToken']) : notYet(answer.text)
    })
    const back = { ...seller, token }
    const broadcast = await openBroadcast(back, 'opened after the second install', [])
    t.after(() => endBroadcast(back, broadcast.id))
    publish(t, seller.streamKey, { width: 640, height: 360 })
    await waitForCondition(broadcast.id, 'Playable', 'True')
  },
)

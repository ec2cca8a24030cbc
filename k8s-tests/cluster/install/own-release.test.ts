/** What `make up` and the suites may do to a release on a cluster of someone else, with Helm and a real apiserver. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, suite, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { startLocalApiserver, type LocalApiserver } from '../node/local-apiserver.ts'
import { ForeignReleaseError, findRelease, madeByUp, refusal, releaseName, requireOwnRelease } from './own-release.ts'
import { pathsFor } from '../host/paths.ts'
import { installRelease } from './release.ts'
import { run } from '../host/run.ts'
import { ensureTools } from '../build/toolchain.ts'

test('a release that is being changed is left alone, also one of `make up`', () => {
  const found = { revision: '2', updated: 'now', isOurs: true }
  assert.equal(refusal(undefined), undefined)
  for (const status of ['deployed', 'failed']) assert.equal(refusal({ ...found, status }), undefined)
  for (const status of ['pending-install', 'pending-upgrade', 'pending-rollback', 'uninstalling'])
    assert.match(refusal({ ...found, status }) ?? '', new RegExp(`revision 2.* is ${status}`))
})

suite('on a cluster that others use', () => {
  let server: LocalApiserver
  let helm: string
  let kubectl: string[]
  let kubeArgs: string[]
  let chart: string

  before(async () => {
    const tools = await ensureTools(pathsFor(process.env).cache, ['kube', 'helm'])
    server = await startLocalApiserver()
    helm = tools.helm
    kubeArgs = ['--kubeconfig', server.kubeconfigPath]
    kubectl = [tools.kube, 'kubectl', ...kubeArgs]
    chart = path.join(server.folder, 'chart')
    await mkdir(path.join(chart, 'templates'), { recursive: true })
    await writeFile(path.join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: mytaek1\nversion: 0.0.1\n')
    await writeFile(
      path.join(chart, 'templates/map.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {said: {{ .Values.said | default "" | quote }}}\n',
    )
  })
  after(() => server.stop())

  const asked = async () =>
    JSON.parse(await run(helm, ['get', 'values', releaseName, '-n', releaseName, '-o', 'json', ...kubeArgs])) as unknown
  const upByUs = (values: object) => installRelease({ helm, kubectl, kubeArgs, values, chart, isShared: true })

  test('no release: `make up` makes it, and finds it again as its own', async () => {
    assert.equal(await findRelease(helm, kubeArgs), undefined)
    await upByUs({ said: 'first' })
    assert.equal((await findRelease(helm, kubeArgs))?.isOurs, true)
  })

  test('a namespace that `make up` made takes none but restricted Pods; one of others keeps its labels', async () => {
    const [program = '', ...first] = kubectl
    const namespaced = [...first, '-n', releaseName]
    const pod = (spec: object) =>
      run(program, [...namespaced, 'create', '--dry-run=server', '-f', '-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec }),
      })
    await assert.rejects(
      pod({ hostNetwork: true, containers: [{ name: 'a', image: 'b' }] }),
      /violates PodSecurity "restricted/,
    )
    const label = 'pod-security.kubernetes.io/enforce'
    await run(program, [...first, 'label', '--overwrite', 'namespace', releaseName, `${label}=baseline`])
    await upByUs({ said: 'first' })
    const asked = ['get', 'namespace', releaseName, '-o', `jsonpath={.metadata.labels.${label.replaceAll('.', '\\.')}}`]
    assert.equal(await run(program, [...first, ...asked]), 'baseline')
  })

  test('values that were given to it by hand are kept by the next `make up`', async () => {
    await run(helm, [
      'upgrade',
      releaseName,
      chart,
      '-n',
      releaseName,
      '--reuse-values',
      '--set',
      'replicas=6',
      ...kubeArgs,
    ])
    await upByUs({ said: 'second' })
    assert.deepEqual(await asked(), { said: 'second', replicas: 6 })
  })

  test("another's upgrade that is under way is not rolled back", async () => {
    const revision = (await findRelease(helm, kubeArgs))?.revision
    const record = `sh.helm.release.v1.${releaseName}.v${revision}`
    const [program = '', ...first] = kubectl
    const mark = (status: string) =>
      run(program, [...first, '-n', releaseName, 'label', '--overwrite', 'secret', record, `status=${status}`])
    const body = async () =>
      run(program, [...first, '-n', releaseName, 'get', 'secret', record, '-o', 'jsonpath={.data.release}'])
    const text = await body()
    // Helm's record: gzip in base64 in base64
    const pending = rewrite(text, (json) => json.replace('"status":"deployed"', '"status":"pending-upgrade"'))
    const put = (data: string) =>
      run(program, [
        ...first,
        '-n',
        releaseName,
        'patch',
        'secret',
        record,
        '-p',
        JSON.stringify({ data: { release: data } }),
      ])
    await mark('pending-upgrade')
    await put(pending)
    await assert.rejects(upByUs({ said: 'third' }), (error) => {
      assert.ok(error instanceof ForeignReleaseError)
      assert.match(error.message, /pending-upgrade/)
      return true
    })
    assert.equal((await findRelease(helm, kubeArgs))?.revision, revision)
    await mark('deployed')
    await put(text)
  })

  test('a release that somebody made with helm is neither upgraded nor given other values', async () => {
    await run(helm, ['uninstall', releaseName, '-n', releaseName, ...kubeArgs])
    await run(helm, ['install', releaseName, chart, '-n', releaseName, '--set', 'said=theirs', ...kubeArgs])
    await assert.rejects(upByUs({ said: 'ours' }), /was not made by `make up` and stays as it is/)
    assert.deepEqual(await asked(), { said: 'theirs' })
    assert.equal((await findRelease(helm, kubeArgs))?.revision, '1')
    // handed over by the words of the refusal
    const [program = '', ...first] = kubectl
    await run(program, [
      ...first,
      '-n',
      releaseName,
      'label',
      'secret',
      '-l',
      `owner=helm,name=${releaseName}`,
      madeByUp,
    ])
    await requireOwnRelease(helm, kubeArgs)
  })
})

function rewrite(text: string, change: (json: string) => string): string {
  const inner = Buffer.from(Buffer.from(text, 'base64').toString(), 'base64')
  const json = change(gunzipSync(inner).toString())
  return Buffer.from(gzipSync(json).toString('base64')).toString('base64')
}

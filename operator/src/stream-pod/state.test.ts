import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods } from '../kubernetes/api.ts'
import { cpuToRaise, isFinished } from './state.ts'
import { troubleOf } from './trouble.ts'

const ended = { terminated: { exitCode: 1 } }
const running = { running: {} }

/** A stream Pod as the apiserver has it: the stream container and its sidecar. */
function podOf(options: { stream?: object; transcoder?: object; requests?: [string, string]; annotations?: object }) {
  const { stream, transcoder, requests = ['20m', '5m'], annotations = {} } = options
  const metadata = {
    name: 'p',
    namespace: 'n',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  }
  const container = (name: string, cpu: string) => ({ name, resources: { requests: { cpu } } })
  return pods.parse({
    metadata: { ...metadata, annotations },
    spec: { containers: [container('stream', requests[0])], initContainers: [container('transcoder', requests[1])] },
    status: {
      phase: 'Running',
      containerStatuses: stream && [{ name: 'stream', image: 'media:2', state: stream }],
      initContainerStatuses: transcoder && [{ name: 'transcoder', image: 'media:2', state: transcoder }],
    },
  })
}

test('a Pod is finished when its containers have ended, not when a sidecar has', () => {
  assert.equal(isFinished(podOf({})), false)
  assert.equal(isFinished(podOf({ stream: running, transcoder: ended })), false)
  assert.equal(isFinished(podOf({ stream: ended, transcoder: running })), true)
})

test('an image that a sidecar waits for is what the Pod waits for', () => {
  const pull = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } }
  const pod = podOf({ stream: { waiting: { reason: 'PodInitializing' } }, transcoder: pull })
  assert.deepEqual(troubleOf(pod), {
    reason: 'ImagePullFailed',
    message: 'the image media:2 of container transcoder cannot be pulled',
  })
})

test('an adopted Pod gets what is missing, in sidecars too', () => {
  const annotations = { 'live.mytaek1.dev/live-cpu': '{"stream":"150m","transcoder":"150m"}' }
  assert.deepEqual(cpuToRaise(podOf({ annotations })), { stream: '150m', transcoder: '150m' })
  assert.deepEqual(cpuToRaise(podOf({ annotations, requests: ['150m', '5m'] })), { transcoder: '150m' })
  assert.equal(cpuToRaise(podOf({ annotations, requests: ['150m', '150m'] })), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcastShape } from '@mytaek1/contracts/broadcast-resource.ts'
import { Heartbeats } from './heartbeats.ts'

const broadcast = (bitrateBps: number | undefined, podUID = 'u-1') =>
  broadcastShape.parse({
    apiVersion: 'live.mytaek1.dev/v1alpha1',
    kind: 'Broadcast',
    metadata: { name: 'b-1', namespace: 'shop', uid: 'u', resourceVersion: '1' },
    spec: { title: 't', seller: 's', streamKey: {} },
    status: {
      podUID,
      ...(bitrateBps === undefined
        ? {}
        : {
            health: {
              bitrateBps,
              frameRate: 30,
              keyFrameIntervalSeconds: 2,
              width: 1,
              height: 1,
              droppedFrames: 0,
              rungs: [],
            },
          }),
    },
  })

test('a stream process is heard of when its health changes, not when others write the object', () => {
  const beats = new Heartbeats()
  assert.equal(beats.silentMs('shop/b-1', 0), Number.POSITIVE_INFINITY)
  beats.changed(broadcast(1), undefined, 1_000)
  beats.changed(broadcast(1), broadcast(1), 2_000)
  assert.equal(beats.silentMs('shop/b-1', 3_000), 2_000)
  beats.changed(broadcast(2), broadcast(1), 4_000)
  assert.equal(beats.silentMs('shop/b-1', 5_000), 1_000)
})

test('what a predecessor wrote is not its successor heard; without health nothing is', () => {
  const beats = new Heartbeats()
  beats.changed(broadcast(1), undefined, 0)
  beats.changed(broadcast(1, 'u-2'), broadcast(1), 10)
  assert.equal(beats.silentMs('shop/b-1', 10), Number.POSITIVE_INFINITY)
  beats.changed(broadcast(2, 'u-2'), broadcast(1, 'u-2'), 20)
  beats.changed(broadcast(undefined, 'u-2'), broadcast(2, 'u-2'), 30)
  assert.equal(beats.silentMs('shop/b-1', 30), Number.POSITIVE_INFINITY)
})

/** The short form of `make faults-node`, which takes minutes and has all faults. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openControlPlane } from '../../faults/control-plane.ts'
import { endure, LiveStream } from '../../faults/endure.ts'
import { faultsOf } from '../../faults/faults.ts'

const short = ['apiserver down', 'kubelet killed', 'operator gone']

// Another's cluster (CLUSTER=current) is not ours to break.
if (process.env['CLUSTER'] !== 'current') {
  test(
    'a live stream does not notice that the apiserver, the kubelet or the operator is gone, and all act again soon after',
    { timeout: 600_000 },
    async (t) => {
      const plane = await openControlPlane()
      const stream = await LiveStream.start()
      t.after(() => stream.stop())
      for (const fault of faultsOf(plane, { apiserver: 10, frozen: 10, operator: 15 })) {
        if (!short.includes(fault.name)) continue
        const outcome = await endure(plane, stream, fault)
        t.diagnostic(JSON.stringify(outcome))
        assert.deepEqual(outcome.problems, [], fault.name)
      }
    },
  )
}

import { setPriority } from 'node:os'

/** As much as ten processes have, which is the embedded cluster's cgroup's (k8s-tests/cluster/node/cgroups.ts). */
const apartPriority = -10

/**
 * For encoders and viewers that stand for other machines: what else this one does must not keep their processor from them. For this
 * process and all that it starts from now on; only root may, others go on as they are.
 */
export function standApart(): void {
  try {
    setPriority(apartPriority)
  } catch (error) {
    if ((error as { info?: { code?: string } }).info?.code !== 'EACCES') throw error
  }
}

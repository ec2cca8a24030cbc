import { run } from '../host/run.ts'

/** The namespace and the release that `make up` installs. */
export const releaseName = 'mytaek1'

/** The label of Helm's record of a release that says who made it; `helm upgrade` by hand leaves it there. */
export const madeByUp = 'mytaek1.dev/made-by=make-up'

/** A release as `helm list` tells it; `isOurs`: `make up` made it. */
export type FoundRelease = { status: string; revision: string; updated: string; isOurs: boolean }

/** `make up` and the suites leave a release alone that `make up` did not make, or that somebody is changing right now. */
export class ForeignReleaseError extends Error {
  readonly code = 'foreign_release'
}

/**
 * Says why a release on a cluster that others use must not be touched; `undefined`: it may be.
 *
 * Another's upgrade that is under way is not ours to roll back, and values that somebody gave are not ours to reset.
 */
export function refusal(found: FoundRelease | undefined): string | undefined {
  if (found === undefined) return undefined
  const which = `the release ${releaseName} in the namespace ${releaseName} (revision ${found.revision} of ${found.updated})`
  if (!found.isOurs)
    return (
      `CLUSTER=current: ${which} was not made by \`make up\` and stays as it is. Upgrade it with helm and your own values; ` +
      `or hand it over: kubectl -n ${releaseName} label secret -l owner=helm,name=${releaseName} ${madeByUp}`
    )
  if (found.status.startsWith('pending-') || found.status === 'uninstalling')
    return (
      `CLUSTER=current: ${which} is ${found.status}: somebody is changing it, or was cut off. When nobody is: ` +
      `helm rollback ${releaseName} -n ${releaseName}, or helm uninstall after a first install`
    )
  return undefined
}

/** The release that `make up` would upgrade; `undefined`: there is none. */
export async function findRelease(helm: string, kubeArgs: readonly string[]): Promise<FoundRelease | undefined> {
  const list = async (...more: string[]) => {
    const where = ['-n', releaseName, '--all', '--filter', `^${releaseName}$`, ...kubeArgs]
    const text = await run(helm, ['list', ...where, '-o', 'json', ...more], { timeoutMs: 60_000 })
    return JSON.parse(text) as Omit<FoundRelease, 'isOurs'>[]
  }
  const [found] = await list()
  if (found === undefined) return undefined
  const { status, revision, updated } = found
  return { status, revision, updated, isOurs: (await list('--selector', madeByUp)).length > 0 }
}

/**
 * Ends an `up` or a run of the suites before it touches a release on a cluster that others use.
 *
 * @throws {ForeignReleaseError} it is not of `make up`, or somebody is changing it.
 */
export async function requireOwnRelease(helm: string, kubeArgs: readonly string[]): Promise<void> {
  const reason = refusal(await findRelease(helm, kubeArgs))
  if (reason !== undefined) throw new ForeignReleaseError(reason)
}

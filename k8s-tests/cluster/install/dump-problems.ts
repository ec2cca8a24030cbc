import { say } from '../host/progress.ts'
import { tryRun } from '../host/run.ts'

type Pod = {
  metadata: { name: string }
  spec: { containers: { name: string }[]; initContainers?: { name: string }[] }
  status: {
    phase: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { name: string; restartCount: number }[]
  }
}

/** How much of each log is shown. */
const logLines = '12'

/** Prints the events and the last log lines of every Pod in a namespace that is not ready. */
export async function dumpProblems(kubectl: readonly string[], namespace: string): Promise<void> {
  const [program, ...first] = kubectl
  if (program === undefined) return
  const ask = async (...args: string[]): Promise<string> =>
    (await tryRun(program, [...first, '-n', namespace, ...args])) ?? ''
  const { items } = JSON.parse((await ask('get', 'pods', '-o', 'json')) || '{"items":[]}') as { items: Pod[] }
  const unready = items.filter(
    ({ status }) =>
      status.phase !== 'Succeeded' && !status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  )
  if (unready.length === 0)
    say(
      'every Pod is ready; the last events:\n' +
        indent((await ask('get', 'events', '--sort-by=.lastTimestamp')).split('\n').slice(-10).join('\n')),
    )
  for (const pod of unready) {
    const { name } = pod.metadata
    say(`\n─── ${name} (${pod.status.phase}) events`)
    const columns = '-o=custom-columns=AGE:.lastTimestamp,TYPE:.type,REASON:.reason,MESSAGE:.message'
    say(
      indent(
        await ask(
          'get',
          'events',
          '--field-selector',
          `involvedObject.name=${name}`,
          '--sort-by=.lastTimestamp',
          columns,
        ),
      ),
    )
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      const restarts = pod.status.containerStatuses?.find((one) => one.name === container.name)?.restartCount ?? 0
      // After a restart the current log is that of a start; the reason is in the one before.
      for (const which of restarts > 0 ? [['--previous'], []] : [[]]) {
        say(`─── ${name}/${container.name} log${which.length > 0 ? ' before its last restart' : ''}`)
        say(indent(await ask('logs', name, '-c', container.name, '--tail', logLines, ...which)))
      }
    }
  }
}

const indent = (text: string): string => text.trimEnd().replaceAll(/^/gm, '    ')

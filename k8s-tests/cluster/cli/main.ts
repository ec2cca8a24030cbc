import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { ensureToolsAndImages } from '../build/base-images.ts'
import { downCluster, ensureCluster } from '../install/cluster.ts'
import { componentActions, componentNames, disturb } from '../node/components.ts'
import { upCurrent } from '../install/current-context.ts'
import { ensureDemo, streamKeyFile, testPatternArgs } from '../install/demo.ts'
import { withFileLock } from '../host/file-lock.ts'
import { startLocalApiserver } from '../node/local-apiserver.ts'
import { releaseOverlay } from '../host/overlay.ts'
import {
  benchPackages,
  clusterPackages,
  installPackages,
  loadPackages,
  missingPackages,
  testPackages,
} from '../host/packages.ts'
import { pathsFor } from '../host/paths.ts'
import { readMachine } from '../install/machine-facts.ts'
import { preflight, PreflightError } from '../install/preflight.ts'
import { formatElapsed, say } from '../host/progress.ts'
import { publicUrls } from '../install/release.ts'
import { readPorts } from '../host/settings.ts'
import { kubeconfigOf, readState } from '../node/state.ts'
import { clusterStatus } from './status.ts'
import { toolPath } from '../build/tools.ts'
import { loadAppImages, up } from '../install/up.ts'

const help = `node k8s-tests/cluster/cli/main.ts COMMAND

  up          boot the cluster, build and load the images, install the chart, print how to use it
  down        end the cluster and remove its state; caches stay
  status      what runs, where, the addresses, and the memory it takes
  kubeconfig  print the path of the cluster's kubeconfig
  env         print shell lines that put kubectl, helm and the kubeconfig into a shell: eval "$(… env)"
  demo        go live with a test pattern as the demo seller, until Ctrl-C
  images      build the application images that changed and load them into the running cluster
  component   kill | stop | start | pause | resume, and a component's name: disturb the running node
  node-up     boot the cluster and its addons only
  toolchain   build the programs and base images only
  packages    install the Debian packages that the cluster and the tests need; "packages benches", "packages load": those too
  apiserver   start only a kube-apiserver, print its kubeconfig's path, run until SIGTERM

Environment: CLUSTER=current uses the reachable kubectl context (REGISTRY=host/prefix to push images to);
MYTAEK1_CACHE, MYTAEK1_HTTP_PORT, MYTAEK1_HTTPS_PORT, MYTAEK1_RTMP_PORT, MYTAEK1_RTMPS_PORT, MYTAEK1_DEBIAN_MIRROR.
`

const paths = pathsFor(process.env)

const commands: Record<string, () => Promise<number>> = {
  up: async () => {
    const started = performance.now()
    if (process.env['CLUSTER'] === 'current') return await upCurrent(paths)
    const ports = readPorts(process.env)
    const { isInstalled } = await up(paths, ports)
    await linkPrograms()
    if (isInstalled) await printHowToUse()
    say(`up took ${formatElapsed(performance.now() - started)}`)
    return 0
  },
  down: async () => {
    if (process.env['CLUSTER'] === 'current')
      throw new Error(
        'CLUSTER=current: the cluster is yours; remove the platform with `helm uninstall mytaek1 -n mytaek1`',
      )
    if (process.getuid?.() !== 0) throw new PreflightError(['root is needed to end the cluster: run `sudo make down`'])
    await withFileLock(path.join(paths.checkout, 'up.lock'), 'an `up` of this checkout', async () => {
      await downCluster(paths)
      await releaseOverlay(paths.cache)
    })
    say('The cluster is gone: no process, mount, interface, cgroup or route of it is left. The caches stay.')
    return 0
  },
  status: async () => {
    const { isRunning, lines } = await clusterStatus(paths)
    console.log(lines.join('\n'))
    return isRunning ? 0 : 1
  },
  kubeconfig: async () => {
    if ((await readState(paths)) === undefined)
      throw new Error('no cluster of this checkout runs; `make up` starts one')
    console.log(kubeconfigOf(paths))
    return 0
  },
  env: async () => {
    await linkPrograms()
    console.log(`export KUBECONFIG='${kubeconfigOf(paths)}'\nexport PATH='${path.join(paths.cache, 'bin')}':"$PATH"`)
    return 0
  },
  demo: async () => {
    const state = await readState(paths)
    if (state === undefined) throw new Error('no cluster of this checkout runs; `make up` starts one')
    const urls = publicUrls(state.ports)
    const demo = await ensureDemo(paths.state, urls.http)
    say(`Live in a few seconds: ${urls.http}/watch/${demo.broadcastId} (Ctrl-C ends the test pattern)`)
    const ffmpeg = spawn('ffmpeg', testPatternArgs(`${urls.rtmp}/${demo.streamKey}`), {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    // ffmpeg gets Ctrl-C itself and closes the stream; this process only waits for it.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => ffmpeg.kill('SIGTERM'))
    const [code] = (await once(ffmpeg, 'exit')) as [number | null]
    return code === 255 ? 0 : (code ?? 1)
  },
  images: async () => {
    const ports = readPorts(process.env)
    await preflight(paths, ports, readMachine)
    const images = await withFileLock(path.join(paths.checkout, 'up.lock'), 'an `up` of this checkout', async () =>
      loadAppImages(paths, await ensureCluster(paths, ports)),
    )
    for (const image of images ?? []) console.log(`${image.repository}:${image.tag}`)
    return images === undefined ? 1 : 0
  },
  component: async () => {
    const [, actionText, nameText] = process.argv.slice(2)
    const action = componentActions.find((one) => one === actionText)
    const name = componentNames.find((one) => one === nameText)
    if (action === undefined || name === undefined) {
      say(`component ${componentActions.join('|')} ${componentNames.join('|')}`)
      return 64
    }
    const node = (await readState(paths))?.node
    if (node === undefined) throw new Error('no cluster of this checkout runs; `make up` starts one')
    await disturb({ paths, node, action, name })
    return 0
  },
  'node-up': async () => {
    await preflight(paths, readPorts(process.env), readMachine)
    await withFileLock(path.join(paths.checkout, 'up.lock'), 'another `up` of this checkout', () =>
      ensureCluster(paths, readPorts(process.env)),
    )
    await linkPrograms()
    console.log(kubeconfigOf(paths))
    return 0
  },
  toolchain: async () => {
    await preflight(paths, undefined, readMachine)
    await ensureToolsAndImages(paths.cache)
    await linkPrograms()
    return 0
  },
  packages: async () => {
    const more = { benches: benchPackages, load: loadPackages }[process.argv[3] ?? ''] ?? []
    const missing = await missingPackages([...clusterPackages, ...testPackages, ...more])
    if (missing.length > 0 && process.getuid?.() !== 0)
      throw new PreflightError([`missing packages: apt-get install --no-install-recommends ${missing.join(' ')}`])
    if (missing.length > 0) await installPackages(missing)
    return 0
  },
  apiserver: async () => {
    const apiserver = await startLocalApiserver()
    console.log(apiserver.kubeconfigPath)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    await apiserver.stop()
    return 0
  },
}

const [name = '--help'] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  const isHelp = name === '--help' || name === '-h' || name === 'help'
  if (!isHelp) say(`unknown command: ${name}\n`)
  ;(isHelp ? process.stdout : process.stderr).write(help)
  process.exit(isHelp ? 0 : 64)
}
try {
  process.exitCode = await command()
} catch (error) {
  say(`\n${name}: ${error instanceof Error ? error.message : String(error)}`)
  if (process.env['DEBUG'] && error instanceof Error) say(error.stack ?? '')
  process.exitCode = 1
}

/** Puts kubectl and helm under their own names into one folder, for people's shells. */
async function linkPrograms(): Promise<void> {
  const folder = path.join(paths.cache, 'bin')
  await mkdir(folder, { recursive: true })
  const targets = { kubectl: await toolPath(paths.cache, 'kube'), helm: await toolPath(paths.cache, 'helm') }
  for (const [program, target] of Object.entries(targets)) {
    await rm(path.join(folder, program), { force: true })
    await symlink(target, path.join(folder, program))
  }
}

async function printHowToUse(): Promise<void> {
  const state = await readState(paths)
  if (state === undefined) return
  const urls = publicUrls(state.ports)
  const demo = await ensureDemo(paths.state, urls.http)
  const line = ['ffmpeg', ...testPatternArgs(`${urls.rtmp}/$(cat ${streamKeyFile(paths.state)})`)]
    .map((word) => (/[$\s]/.test(word) ? `"${word}"` : word))
    .join(' ')
  console.log(`
Storefront   ${urls.http}   (${urls.https} with a certificate of its own making)
RTMP         ${urls.rtmp}   stream key as the stream's name; ${urls.rtmps}
Demo seller  ${demo.seller.email}   ${demo.seller.password}
Demo buyer   ${demo.buyer.email}   ${demo.buyer.password}
Broadcast    ${urls.http}/watch/${demo.broadcastId}
kubectl      eval "$(node k8s-tests/cluster/cli/main.ts env)"

Go live with a test pattern (\`make demo\` runs this line):
${line}
`)
}

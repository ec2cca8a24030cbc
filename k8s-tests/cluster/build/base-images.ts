import { createHash } from 'node:crypto'
import { copyFile, cp, link, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { debianRelease, debianRootKey, ensureDebianRoot } from './base-image.ts'
import { buildah, buildImage, exportImage } from './buildah.ts'
import { withFileLock } from '../host/file-lock.ts'
import { step } from '../host/progress.ts'
import { run } from '../host/run.ts'
import { ensureTools } from './toolchain.ts'
import { toolImage, type ToolName, tools } from './tools.ts'

/** A finished image: its name, the key of what it was made from, and the archive to import. */
export type BuiltImage = { name: string; key: string; archive: string }

type Recipe = {
  name: string
  /** Everything after FROM. */
  lines: readonly string[]
  /** The recipe's base: another image of this list, or `scratch`. */
  from: string
  tool?: ToolName
  /** Puts more files into the build context. */
  prepare?: (context: string) => Promise<void>
}

/** The plain base; also what volumes are prepared with. */
export const debianImage = `docker.io/library/debian:${debianRelease}-slim`

/** The base of every application image; Dockerfiles name it `node:24-bookworm-slim`. */
export const nodeImage = `docker.io/library/node:24-${debianRelease}-slim`

const install = (packages: string): string =>
  `RUN apt-get update && apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/* /var/log/*`

const staticTool = (tool: ToolName): Recipe => ({
  name: toolImage(tool),
  from: 'scratch',
  tool,
  lines: [`COPY ${tool} /${tool}`, `ENTRYPOINT ["/${tool}"]`],
})

// The images that no Dockerfile of this repository makes: the Debian and Node bases and the chart's upstream images …
const plainRecipes: readonly Recipe[] = [
  { name: debianImage, from: 'scratch', lines: ['ADD rootfs.tar /', 'CMD ["bash"]'] },
  {
    name: nodeImage,
    from: debianImage,
    prepare: addNode,
    lines: [
      'RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node',
      'COPY node /usr/local/bin/node',
      'COPY npm /usr/local/lib/node_modules/npm',
      'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && node --version && npm --version',
      'CMD ["node"]',
    ],
  },
  {
    name: 'docker.io/library/mariadb:10.11',
    from: debianImage,
    // 999 is the user of the upstream images; Debian's packages pick another number when left alone.
    lines: [
      'RUN groupadd --system --gid 999 mysql && useradd --system --uid 999 --gid mysql --home-dir /var/lib/mysql mysql',
      install('mariadb-server'),
      'RUN rm -rf /var/lib/mysql && install -d -o mysql -g mysql /var/lib/mysql /run/mysqld',
      'USER mysql',
      'CMD ["mariadbd"]',
    ],
  },
  {
    name: 'docker.io/library/redis:7.0',
    from: debianImage,
    lines: [
      'RUN groupadd --system --gid 999 redis && useradd --system --uid 999 --gid redis --home-dir /var/lib/redis redis',
      install('redis-server redis-tools'),
      'RUN install -d -o redis -g redis /data',
      'WORKDIR /data',
      'USER redis',
      'CMD ["redis-server"]',
    ],
  },
  {
    // The chart's door takes either nginx with the Lua module: Debian's modules are loaded by files that the other lacks.
    name: 'docker.io/openresty/openresty:1.27.1.2-0-bookworm-fat',
    from: debianImage,
    lines: [install('nginx-light libnginx-mod-http-lua'), 'CMD ["nginx", "-g", "daemon off;"]'],
  },
]

// … and those that carry a program of the toolchain, the cluster's addons among them.
const toolRecipes: readonly Recipe[] = [
  staticTool('pause'),
  staticTool('coredns'),
  staticTool('metrics-server'),
  staticTool('local-path'),
  {
    name: `docker.io/versity/versitygw:${tools.versitygw.version}`,
    from: debianImage,
    tool: 'versitygw',
    lines: ['COPY versitygw /usr/local/bin/versitygw', 'CMD ["versitygw", "--help"]'],
  },
  staticTool('traefik'),
]

// Each image is built once per key and kept as an archive in the cache.
async function ensureImages(
  cache: string,
  recipes: readonly Recipe[],
  baseKeys: ReadonlyMap<string, string>,
  places?: Record<ToolName, string>,
): Promise<BuiltImage[]> {
  const built: BuiltImage[] = []
  const keys = new Map(baseKeys)
  for (const recipe of recipes) {
    const program = recipe.tool && places?.[recipe.tool]
    const key = recipeKey(recipe, keys.get(recipe.from) ?? debianRootKey, program)
    keys.set(recipe.name, key)
    const archive = path.join(cache, 'images', `${recipe.name.replaceAll(/[/:]/g, '_')}-${key}.tar`)
    if (!(await stat(archive).catch(() => undefined))) {
      await withFileLock(path.join(cache, 'images.lock'), `making ${recipe.name}`, async () => {
        if (await stat(archive).catch(() => undefined)) return
        await step(`making image ${recipe.name}`, (note) => makeImage({ cache, recipe, archive, program, note }))
      })
    }
    built.push({ name: recipe.name, key, archive })
  }
  return built
}

/**
 * Builds programs and images side by side: compiling takes the processor, Debian's packages and npm's take the network.
 *
 * @param onNodeImage builds what needs only the Node base, given its key.
 * @throws the first failure, once nothing is left running.
 */
export async function ensureToolsAndImages(
  cache: string,
  onNodeImage: (key: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ places: Record<ToolName, string>; images: BuiltImage[] }> {
  const toolchain = ensureTools(cache)
  const plain = ensureImages(cache, plainRecipes, new Map())
  const dependents = plain.then((images) => onNodeImage(keyOf(images, nodeImage)))
  const withTools = Promise.all([toolchain, plain]).then(([places, images]) =>
    ensureImages(cache, toolRecipes, new Map(images.map(({ name, key }) => [name, key])), places),
  )
  await Promise.allSettled([toolchain, dependents, withTools])
  const places = await toolchain
  await dependents
  return { places, images: [...(await plain), ...(await withTools)] }
}

/** The key of the image of that name. */
export function keyOf(images: readonly BuiltImage[], name: string): string {
  const key = images.find((image) => image.name === name)?.key
  if (key === undefined) throw new Error(`no recipe makes ${name}`)
  return key
}

function recipeKey(recipe: Recipe, baseKey: string, program: string | undefined): string {
  const parts = [recipe.name, recipe.from, baseKey, ...recipe.lines]
  // The folder of a tool is named by its key.
  if (program !== undefined) parts.push(path.basename(path.dirname(program)))
  if (recipe.name === nodeImage) parts.push(process.version)
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

async function makeImage(options: {
  cache: string
  recipe: Recipe
  archive: string
  program: string | undefined
  note: (detail: string) => void
}): Promise<void> {
  const { cache, recipe, archive, program } = options
  const context = `${archive}.context`
  await rm(context, { recursive: true, force: true })
  await mkdir(context, { recursive: true })
  if (program !== undefined) await linkOrCopy(program, path.join(context, path.basename(program)))
  if (recipe.name === debianImage) {
    const root = await ensureDebianRoot(cache, debianRootKey)
    await linkOrCopy(root, path.join(context, 'rootfs.tar'))
  }
  await recipe.prepare?.(context)
  await writeFile(path.join(context, 'Dockerfile'), [`FROM ${recipe.from}`, ...recipe.lines, ''].join('\n'))
  const lastLine = (chunk: string): void => options.note(chunk.trim().split('\n').at(-1)?.slice(0, 80) ?? '')
  await buildImage({
    cache,
    name: recipe.name,
    dockerfile: path.join(context, 'Dockerfile'),
    context,
    onOutput: lastLine,
  })
  await exportImage(cache, recipe.name, `${archive}.new`)
  await rename(`${archive}.new`, archive)
  await rm(context, { recursive: true, force: true })
  await buildah(cache, ['rmi', '--prune']).catch(() => '')
}

/** The Node binary that runs this very program, and the npm beside it on this machine. */
async function addNode(context: string): Promise<void> {
  await copyFile(process.execPath, path.join(context, 'node'))
  const npmProgram = await realpath((await run('sh', ['-c', 'command -v npm'])).trim())
  const npmFolder = path.resolve(path.dirname(npmProgram), '..')
  const manifest = JSON.parse(await readFile(path.join(npmFolder, 'package.json'), 'utf8')) as { name?: string }
  if (manifest.name !== 'npm')
    throw new Error(`expected the npm package in ${npmFolder}, found ${manifest.name ?? 'none'}`)
  await cp(npmFolder, path.join(context, 'npm'), { recursive: true })
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  // A hard link costs nothing; the context lies on the cache's own file system.
  await link(source, target).catch(() => copyFile(source, target))
}

import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run, type RunOptions } from '../host/run.ts'
import type { PackageStub } from './tools.ts'

/**
 * Copies the modules that stubs belong to, puts the stubs into the copies, and writes a go.mod that takes the copies in
 * place of the originals. Go's own `-overlay` refuses files of the module cache, and a wrapper program cannot choose:
 * Traefik's configuration names every provider's type.
 *
 * @param into an empty folder, which has to stay for the build.
 * @param inModule how `go` is run in the module that is built; its sums are checked as the originals are downloaded.
 * @returns the path for `go build -modfile`.
 */
export async function slimModules(options: {
  into: string
  module: string
  stubFolder: string
  stubs: readonly PackageStub[]
  inModule: RunOptions
}): Promise<string> {
  const { into, module, stubFolder, stubs, inModule } = options
  const copies = new Map<string, string>()
  for (const name of new Set(stubs.map((stub) => stub.module))) {
    const { Dir } = JSON.parse(await run('go', ['mod', 'download', '-json', name], inModule)) as { Dir: string }
    const copy = path.join(into, name.replaceAll('/', '_'))
    await cp(Dir, copy, { recursive: true })
    // Files of the module cache are read-only.
    await run('chmod', ['-R', 'u+w', copy])
    copies.set(name, copy)
  }
  for (const { module: name, folder, stub, keep } of stubs) {
    const place = path.join(copies.get(name) ?? '', folder)
    for (const file of await readdir(place)) {
      if (file.endsWith('.go') && !keep.includes(file)) await rm(path.join(place, file))
    }
    await cp(path.join(stubFolder, stub), place, { recursive: true })
  }
  const replaced = [...copies].map(([name, copy]) => `replace ${name} => ${copy}\n`)
  await mkdir(into, { recursive: true })
  const modfile = path.join(into, 'go.mod')
  await writeFile(modfile, `${await readFile(path.join(module, 'go.mod'), 'utf8')}\n${replaced.join('')}`)
  await cp(path.join(module, 'go.sum'), path.join(into, 'go.sum'))
  return modfile
}

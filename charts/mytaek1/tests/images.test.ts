/** The five images, as Dockerfiles, chart, skaffold and workflows name them. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chartFolder } from './helm.ts'

const root = path.resolve(chartFolder, '../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

const dockerfiles: Readonly<Record<string, string>> = {
  commerce: 'services/commerce/Dockerfile',
  payment: 'services/payment/Dockerfile',
  storefront: 'services/storefront/Dockerfile',
  operator: 'operator/Dockerfile',
  media: 'media/Dockerfile',
}

suite('images', () => {
  const manifests = (file: string) => read(file).split('\n\nFROM')[0]?.split('\n').slice(1).join('\n')

  test('all Dockerfiles begin with the same stage, so that its layers are built once', () => {
    assert.equal(new Set(Object.values(dockerfiles).map(manifests)).size, 1)
  })

  test('that stage has the manifest of every workspace: npm ci refuses to work without', () => {
    const { workspaces } = z.object({ workspaces: z.array(z.string()) }).parse(JSON.parse(read('package.json')))
    const files = workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }))
    assert.ok(files.length >= 8)
    for (const file of files)
      assert.ok(manifests('media/Dockerfile')?.includes(`COPY ${file} ${path.dirname(file)}/`), file)
  })

  for (const [name, file] of Object.entries(dockerfiles)) {
    test(`${name} runs as user 1000 and starts node itself, so that signals reach it`, () => {
      const last =
        read(file)
          .split(/^FROM /m)
          .at(-1) ?? ''
      assert.match(last, /^USER 1000:1000$/m)
      // itself, or by a shell that becomes it
      const entry =
        /^ENTRYPOINT \["node", (?:"--[^"]+", )*"([^"]+)"\]$/m.exec(last)?.[1] ??
        /^ENTRYPOINT \["sh", "-c", "[^"\\]*; exec node ([^\s"]+) \\"\$@\\"", "\w+"\]$/m.exec(last)?.[1]
      assert.ok(entry && existsSync(path.join(root, entry)), entry)
      assert.doesNotMatch(last.slice(last.indexOf('USER 1000')), /^(USER root|COPY)/m)
    })
  }

  test('chart, skaffold and both workflows know exactly these images', () => {
    const names = Object.keys(dockerfiles).toSorted()
    const values = z
      .object({ images: z.record(z.string(), z.object({ repository: z.string() })) })
      .parse(parse(read('charts/mytaek1/values.yaml')))
    const repositories = Object.entries(values.images).map(([name, { repository }]) => [name, repository])
    assert.deepEqual(
      Object.fromEntries(repositories),
      Object.fromEntries(names.map((name) => [name, `mytaek1/${name}`])),
    )
    const skaffold = z
      .object({
        build: z.object({
          artifacts: z.array(z.object({ image: z.string(), docker: z.object({ dockerfile: z.string() }) })),
        }),
        deploy: z.object({
          helm: z.object({ releases: z.array(z.object({ setValueTemplates: z.record(z.string(), z.string()) })) }),
        }),
      })
      .parse(parse(read('skaffold.yaml')))
    const built = skaffold.build.artifacts.map(({ image, docker }) => [
      image.replace('mytaek1/', ''),
      docker.dockerfile,
    ])
    assert.deepEqual(Object.fromEntries(built), dockerfiles)
    const set = skaffold.deploy.helm.releases.flatMap(({ setValueTemplates }) => Object.keys(setValueTemplates))
    assert.deepEqual(
      set.toSorted(),
      names.flatMap((name) => [`images.${name}.repository`, `images.${name}.tag`]),
    )
    for (const [file, job] of [
      ['ci.yaml', 'build'],
      ['release.yaml', 'images'],
    ] as const) {
      const jobShape = z.object({
        strategy: z.object({
          matrix: z.object({ include: z.array(z.object({ image: z.string(), dockerfile: z.string() })) }),
        }),
      })
      const { jobs } = z
        .object({ jobs: z.record(z.string(), z.unknown()) })
        .parse(parse(read(`.github/workflows/${file}`)))
      const { include } = jobShape.parse(jobs[job]).strategy.matrix
      assert.deepEqual(
        Object.fromEntries(include.map(({ image, dockerfile }) => [image, dockerfile])),
        dockerfiles,
        file,
      )
    }
  })
})

/**
 * What of Skaffold's v4beta13 configuration this repository uses, and nothing else: a misspelt field is refused. Skaffold
 * itself, with its whole schema, comes from no package registry.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const artifact = z.strictObject({
  image: z.string().regex(/^mytaek1\/[a-z]+$/),
  context: z.string(),
  docker: z.strictObject({ dockerfile: z.string() }),
})

const release = z.strictObject({
  name: z.string(),
  namespace: z.string(),
  createNamespace: z.boolean(),
  chartPath: z.string(),
  setValueTemplates: z.record(z.string(), z.string()),
})

const configuration = z.strictObject({
  apiVersion: z.literal('skaffold/v4beta13'),
  kind: z.literal('Config'),
  metadata: z.strictObject({ name: z.string() }),
  build: z.strictObject({
    tagPolicy: z.strictObject({ inputDigest: z.strictObject({}) }),
    local: z.strictObject({ useBuildkit: z.boolean(), concurrency: z.int().min(0) }),
    artifacts: z.array(artifact).min(1),
  }),
  deploy: z.strictObject({ helm: z.strictObject({ releases: z.array(release).min(1) }) }),
  portForward: z.array(
    z.strictObject({
      resourceType: z.enum(['service', 'pod', 'deployment']),
      resourceName: z.string(),
      namespace: z.string(),
      port: z.int().min(1).max(65_535),
      localPort: z.int().min(1).max(65_535),
    }),
  ),
})

/**
 * Everything that is wrong with a skaffold.yaml, as sentences: its shape, files that are not there, and images that are
 * built and not given to the chart, or given and not built.
 */
export function skaffoldProblems(
  text: string,
  options: { isThere: (file: string) => boolean; values: unknown },
): string[] {
  const parsed = configuration.safeParse(parse(text))
  if (!parsed.success)
    return parsed.error.issues.map(({ path: place, message }) => `${place.join('.') || 'the file'}: ${message}`)
  const { build, deploy } = parsed.data
  const problems: string[] = []
  for (const { docker } of build.artifacts)
    if (!options.isThere(docker.dockerfile)) problems.push(`${docker.dockerfile} does not exist`)
  const chartImages = Object.keys(z.object({ images: z.record(z.string(), z.unknown()) }).parse(options.values).images)
  for (const { chartPath, setValueTemplates } of deploy.helm.releases) {
    if (!options.isThere(path.join(chartPath, 'Chart.yaml'))) problems.push(`${chartPath} is no chart`)
    const wanted: Record<string, string> = {}
    for (const { image } of build.artifacts) {
      const name = image.slice('mytaek1/'.length)
      if (!chartImages.includes(name)) problems.push(`the chart knows no image ${name}`)
      // Skaffold's variables carry the image's name with every other character as _.
      wanted[`images.${name}.repository`] = `{{.IMAGE_REPO_mytaek1_${name}}}`
      wanted[`images.${name}.tag`] = `{{.IMAGE_TAG_mytaek1_${name}}}`
    }
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(setValueTemplates)]))
      if (wanted[key] !== setValueTemplates[key])
        problems.push(
          `setValueTemplates.${key} is ${setValueTemplates[key] ?? 'absent'}, not ${wanted[key] ?? 'absent'}`,
        )
  }
  return problems
}

if (import.meta.main) {
  const values: unknown = parse(readFileSync('charts/mytaek1/values.yaml', 'utf8'))
  const problems = skaffoldProblems(readFileSync('skaffold.yaml', 'utf8'), { isThere: existsSync, values })
  for (const problem of problems) console.error(`skaffold.yaml: ${problem}`)
  if (problems.length > 0) process.exit(1)
}

/** The media image's four processes, and what tests a release; each loads only what it runs. */
const commands: Readonly<Record<string, () => Promise<void>>> = Object.freeze({
  ingest: async () => (await import('./ingest/main.ts')).runIngest(),
  stream: async () => (await import('./stream/main.ts')).runStream(),
  transcoder: async () => (await import('./transcoder/main.ts')).runTranscoder(),
  edge: async () => (await import('./edge/main.ts')).runEdge(),
  'release-test': async () => (await import('./release-test/main.ts')).runReleaseTest(),
})

const command = commands[process.argv[2] ?? '']
if (command === undefined) {
  process.stderr.write('usage: node media/src/main.ts ingest|stream|transcoder|edge|release-test\n')
  process.exit(64) // EX_USAGE
}
await command()

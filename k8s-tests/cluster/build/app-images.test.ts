import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { appImage, copiedPaths, ignoredNames } from './app-images.ts'

test('a Dockerfile depends on what it copies from the context, not from its stages', () => {
  const dockerfile =
    'FROM a AS b\nCOPY package.json package-lock.json ./\nCOPY --from=b /app ./\nCOPY --chown=1:1 media/src/ media/src\nRUN echo COPY x y\n'
  assert.deepEqual(copiedPaths(dockerfile), ['media/src', 'package-lock.json', 'package.json'])
})

test('a COPY over several lines is read whole', () => {
  assert.deepEqual(copiedPaths('COPY a \\\n  b \\\n  target/\n'), ['a', 'b'])
})

test('names that .dockerignore keeps out of every folder do not count', () => {
  const patterns = ignoredNames('*\n!services\n**/*.test.ts\n**/dist\n')
  const isIgnored = (name: string): boolean => patterns.some((pattern) => pattern.test(name))
  assert.ok(isIgnored('x.test.ts') && isIgnored('dist'))
  assert.ok(!isIgnored('x.ts') && !isIgnored('services') && !isIgnored('distance'))
})

test('the tag follows the sources: a change of a test keeps it, a change of code moves it', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'mytaek1-tag-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await mkdir(path.join(root, 'operator/src'), { recursive: true })
  await writeFile(path.join(root, '.dockerignore'), '**/*.test.ts\n')
  await writeFile(path.join(root, 'operator/Dockerfile'), 'FROM x\nCOPY operator/src operator/src\n')
  await writeFile(path.join(root, 'operator/src/main.ts'), 'one')
  const first = await appImage('operator', 'base', root)
  await writeFile(path.join(root, 'operator/src/main.test.ts'), 'a test')
  assert.deepEqual(await appImage('operator', 'base', root), first)
  await writeFile(path.join(root, 'operator/src/main.ts'), 'two')
  const second = await appImage('operator', 'base', root)
  assert.notEqual(second.tag, first.tag)
  assert.notEqual((await appImage('operator', 'another base', root)).tag, second.tag)
})

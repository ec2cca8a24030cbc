import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overrideTemplate, parsePodTemplate, templateHash } from './template.ts'

const spec = {
  containers: [
    {
      name: 'stream',
      image: 'media:1',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    },
    { name: 'sidecar', image: 's:1' },
  ],
  nodeSelector: { zone: 'a' },
}

test('a bare Pod spec and one with metadata are both templates', () => {
  assert.deepEqual(parsePodTemplate(spec).spec, parsePodTemplate({ spec }).spec)
  assert.deepEqual(parsePodTemplate({ metadata: { labels: { a: 'b' } }, spec }).metadata.labels, { a: 'b' })
  assert.throws(() => parsePodTemplate({ spec: { containers: [] } }))
})

test('overrides merge containers and variables by name and leave the rest', () => {
  const over = overrideTemplate(parsePodTemplate(spec), {
    spec: {
      nodeSelector: null,
      containers: [
        {
          name: 'stream',
          image: 'media:2',
          env: [
            { name: 'B', value: '3' },
            { name: 'C', value: '4' },
          ],
        },
      ],
    },
  })
  assert.deepEqual(over.spec, {
    containers: [
      {
        name: 'stream',
        image: 'media:2',
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '3' },
          { name: 'C', value: '4' },
        ],
      },
      { name: 'sidecar', image: 's:1' },
    ],
  })
})

test('the hash changes with the template and only with it', () => {
  const template = parsePodTemplate(spec)
  assert.equal(templateHash(template), templateHash(parsePodTemplate(structuredClone(spec))))
  assert.notEqual(
    templateHash(template),
    templateHash(overrideTemplate(template, { spec: { nodeSelector: { zone: 'b' } } })),
  )
})

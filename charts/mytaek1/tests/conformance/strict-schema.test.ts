import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileOf, schemasOfApi, schemasOfDefinition } from './strict-schema.ts'

const swagger = {
  definitions: {
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { type: 'object', properties: { name: { type: 'string' } } },
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
    Tree: {
      description: 'of itself',
      type: 'object',
      properties: {
        $ref: { type: 'string' },
        port: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
        branch: { $ref: '#/definitions/Tree', default: {} },
        free: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    Kind: {
      type: 'object',
      required: ['spec'],
      properties: { spec: { $ref: '#/definitions/Tree' } },
      'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Kind' }],
    },
    Everywhere: {
      'x-kubernetes-group-version-kind': [
        { group: '', version: 'v1', kind: 'Options' },
        { group: 'apps', version: 'v1', kind: 'Options' },
      ],
    },
  },
}

test('a kind of the API is a file that stands for itself, in which no object has fields beyond those listed', () => {
  const files = schemasOfApi(swagger)
  assert.deepEqual([...files.keys()], ['kind-apps-v1.json'])
  assert.deepEqual(files.get('kind-apps-v1.json'), {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    required: ['spec', 'apiVersion', 'kind', 'metadata'],
    properties: {
      spec: { $ref: '#/definitions/Tree' },
      apiVersion: { enum: ['apps/v1'] },
      kind: { enum: ['Kind'] },
    },
    definitions: {
      Tree: {
        type: 'object',
        additionalProperties: false,
        properties: {
          $ref: { type: 'string' },
          port: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
          branch: { $ref: '#/definitions/Tree' },
          free: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { oneOf: [{ type: 'string' }, { type: 'integer' }] },
    },
  })
})

test('of a definition each version is a file: open where it says so, and not closed within a junctor', () => {
  const spec = {
    type: 'object',
    properties: {
      any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
      maybe: { type: 'string', nullable: true },
    },
    oneOf: [{ properties: { maybe: { type: 'string' } } }],
  }
  const files = schemasOfDefinition(
    {
      spec: {
        group: 'live.example.dev',
        names: { kind: 'Show' },
        versions: [
          { name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } },
          { name: 'v2', schema: { openAPIV3Schema: { type: 'object', properties: { metadata: { type: 'object' } } } } },
        ],
      },
    },
    swagger,
  )
  assert.deepEqual([...files.keys()], ['show-live-v1.json', 'show-live-v2.json'])
  const properties = files.get('show-live-v1.json')?.['properties'] as { spec: unknown; metadata: unknown }
  assert.deepEqual(properties.spec, {
    type: 'object',
    additionalProperties: false,
    properties: {
      any: { type: 'object', properties: { a: { type: 'string' } } },
      maybe: { type: ['string', 'null'] },
    },
    oneOf: [{ properties: { maybe: { type: 'string' } } }],
  })
  assert.deepEqual(properties.metadata, { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' })
})

test('files are called as kubeconform asks for them', () => {
  assert.equal(fileOf({ group: '', version: 'v1', kind: 'Service' }), 'service-v1.json')
  assert.equal(fileOf({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' }), 'role-rbac-v1.json')
})

/** The table of README.md that lists every value: made of values.yaml, its comments, and values.schema.json. */
import { parse } from 'yaml'

/** The marks between which README.md has the table. The formatter would pad each row to the longest: 300 KB. */
export const marks = { begin: '<!-- oxfmt-ignore-start -->', end: '<!-- oxfmt-ignore-end -->' } as const

/** One value: where it is, what it may be, what it is unless set, and what it does. */
export type Row = { value: string; type: string; preset: string; does: string }

/** A JSON schema, or a part of one. */
export type Schema = { readonly [keyword: string]: unknown }

/** Every value that has a comment, in the order of the file. A section is told by what is in it. */
export function rowsOf(file: string, schema: Schema): Row[] {
  const lines = file.split('\n')
  const presets: unknown = parse(file)
  const rows: Row[] = []
  const sections: { indent: number; key: string }[] = []
  let comment: string[] = []
  for (const [index, line] of lines.entries()) {
    const said = /^ *# (.*)$/.exec(line)
    if (said) {
      comment.push(said[1] ?? '')
      continue
    }
    const found = /^( *)([\w-]+):( .*)?$/.exec(line)
    if (!found) {
      comment = []
      continue
    }
    const [, { length: indent } = '', key = '', inline] = found
    while ((sections.at(-1)?.indent ?? -1) >= indent) sections.pop()
    const path = [...sections.map((one) => one.key), key]
    const isSection = inline === undefined && hasComments(lines.slice(index + 1), indent)
    if (!isSection && comment.length > 0) {
      const preset = path.reduce<unknown>((inner, one) => (inner as Record<string, unknown>)[one], presets)
      rows.push({
        value: path.join('.'),
        type: typeOf(path, schema),
        preset: JSON.stringify(preset),
        does: comment.join(' '),
      })
    }
    // what is below a value that was listed is a part of it
    sections.push({ indent, key })
    comment = []
  }
  return rows
}

/** The rows as a table of Markdown, between its marks. */
export function tableOf(rows: readonly Row[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const lines = rows.map(
    ({ value, type, preset, does }) => `| \`${value}\` | ${cell(type)} | \`${cell(preset)}\` | ${cell(does)} |`,
  )
  return [
    marks.begin,
    '',
    '| value | type | default | what it does |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    marks.end,
  ].join('\n')
}

/** README.md with the table in place of the one it had. */
export function withTable(readme: string, table: string): string {
  const begin = readme.indexOf(marks.begin)
  const end = readme.indexOf(marks.end)
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${marks.begin} … ${marks.end}`)
  return readme.slice(0, begin) + table + readme.slice(end + marks.end.length)
}

/** Whether the lines that are deeper than a section's head have comments of their own. */
function hasComments(rest: readonly string[], indent: number): boolean {
  for (const line of rest) {
    if (line.trim() === '') continue
    if (line.length - line.trimStart().length <= indent) return false
    if (line.trimStart().startsWith('#')) return true
  }
  return false
}

function typeOf(path: readonly string[], schema: Schema): string {
  const found = path.reduce<Schema>((inner, key) => {
    const properties = resolved(inner, schema)['properties'] as Record<string, Schema> | undefined
    const next = properties?.[key]
    if (next === undefined) throw new Error(`values.schema.json does not know ${path.join('.')}`)
    return next
  }, schema)
  return nameOf(resolved(found, schema), schema)
}

function nameOf(one: Schema, schema: Schema): string {
  if (Array.isArray(one['enum'])) return one['enum'].map((value) => JSON.stringify(value)).join(' or ')
  if (Array.isArray(one['type'])) return one['type'].join(' or ')
  if (one['type'] === 'array' && typeof one['items'] === 'object')
    return `list of ${nameOf(resolved(one['items'] as Schema, schema), schema)}s`
  return typeof one['type'] === 'string' ? one['type'] : 'string'
}

/** What a schema says, with the definitions that it refers to. */
function resolved(one: Schema, schema: Schema): Schema {
  const definitions = schema['definitions'] as Record<string, Schema>
  const parts = Array.isArray(one['allOf']) ? (one['allOf'] as Schema[]) : []
  const name = typeof one['$ref'] === 'string' ? one['$ref'].replace('#/definitions/', '') : ''
  const referred = definitions[name] === undefined ? parts : [...parts, definitions[name]]
  return referred.reduce<Schema>((all, part) => ({ ...resolved(part, schema), ...all }), one)
}

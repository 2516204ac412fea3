import type {z} from 'zod'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import type {ConfigDocument, ConfigPath, Position} from './document.js'

/** Something in a configuration that cannot be meant. */
export interface Mistake {
  path: ConfigPath
  /** Whether the key is wrong, or what it is set to. */
  at: 'key' | 'value'
  message: string
}

export const unknownWord = (what: string, word: string, known: readonly string[]): string => {
  const near = nearest(word, known)
  return `unknown ${what} "${word}"${near ? `, did you mean "${near}"?` : `; there are: ${known.join(', ')}`}`
}

/** A JSON schema, as far as its known keys are looked up in it. */
interface JsonSchema {
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

/** The keys that the schema has at a path. */
export function knownKeys(schema: JsonSchema, path: ConfigPath): string[] {
  if (schema.anyOf) return schema.anyOf.flatMap(choice => knownKeys(choice, path))
  const [first, ...rest] = path
  if (first === undefined) return Object.keys(schema.properties ?? {}).filter(key => key !== '$schema')
  const next = schema.properties?.[String(first)] ?? schema.items ?? schema.additionalProperties
  return typeof next === 'object' ? knownKeys(next, rest) : []
}

/** All that zod found, in words for whoever wrote the file. */
export function zodMistakes(issues: readonly z.core.$ZodIssue[], schema: JsonSchema, above: ConfigPath = []): Mistake[] {
  return issues.flatMap((issue): Mistake[] => {
    const path = [...above, ...(issue.path as ConfigPath)]
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map(key => ({path: [...path, key], at: 'key', message: unknownWord('key', key, knownKeys(schema, path))}))
      case 'invalid_union':
        return zodMistakes(chooseBranch(issue.errors), schema, path)
      case 'invalid_type':
        return [{path, at: 'value', message: describeType(issue.expected, issue.message)}]
      case 'invalid_key':
        return [{path, at: 'key', message: `"${String(path.at(-1))}" ${issue.issues[0]?.message ?? issue.message}`}]
      default:
        return [{path, at: 'value', message: issue.message}]
    }
  })
}

/** Of what was tried, that which got furthest: a table that lacks a key was meant as a table, not as a text. */
function chooseBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const isOfType = (issues: readonly z.core.$ZodIssue[]) => !issues.some(({code, path}) => code === 'invalid_type' && path.length === 0)
  const fitting = branches.find(isOfType)
  if (fitting) return fitting
  const expected = branches.flatMap(issues => issues.flatMap(issue => (issue.code === 'invalid_type' ? [TYPES[issue.expected] ?? ''] : [])))
  return [{code: 'custom', path: [], message: `must be ${[...new Set(expected)].join(' or ')}`, input: undefined}]
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table of names and values',
  record: 'a table of names and values',
}

function describeType(expected: string, message: string): string {
  if (message.endsWith('received undefined')) return 'is missing'
  const quoted = expected === 'string' && /received (number|boolean)/.test(message) ? ': put it in quotes' : ''
  return `must be ${TYPES[expected] ?? expected}${quoted}`
}

/** One error for all mistakes of a file, each with its place, in the order in which they stand there. */
export function refuseMistakes(file: string, document: ConfigDocument, root: ConfigPath, mistakes: readonly Mistake[]): void {
  const placed = mistakes.map(({path, at, message}) => {
    const name = path.filter(part => typeof part === 'string').join('.')
    const named = at === 'key' || name === '' ? message : `${name}: ${message}`
    return {position: document.position([...root, ...path], at), message: named}
  })
  refuse(file, [...document.errors, ...placed])
}

/** Of mistakes, which one character may make thousands of. */
const MOST_TOLD = 50

function refuse(file: string, found: readonly {position: Position; message: string}[]): void {
  if (found.length === 0) return
  const order = found.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
  const lines = order.map(({position: {line, column}, message}) => `${file}:${line}:${column}: ${message}`)
  const more = lines.length > MOST_TOLD ? [`and ${lines.length - MOST_TOLD} more`] : []
  const told = [...lines.slice(0, MOST_TOLD), ...more].join('\n  ')
  const message = lines.length === 1 ? lines[0] : `${lines.length} mistakes in the configuration:\n  ${told}`
  throw new XbuildError('bad-config', message as string, {
    hint: 'docs/projects.md shows what belongs there; "xbuild-env config --schema" prints a schema for editors',
  })
}

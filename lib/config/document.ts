import {type Document, isMap, isNode, LineCounter, type Node, parseDocument, visit} from 'yaml'

export type ConfigPath = readonly (string | number)[]

/** Both count from 1. */
export interface Position {
  line: number
  column: number
}

/** A configuration file, YAML or JSON (which is YAML too), that knows where each of its values stands. */
export interface ConfigDocument {
  value: unknown
  /** What keeps it from being read at all. */
  errors: readonly {position: Position; message: string}[]
  /** Of a value, or of the key before it; of what is nearest above where that is not there. */
  position: (path: ConfigPath, of: 'key' | 'value') => Position
}

/** Data only: no tag or alias of YAML's makes more than that. */
const startOf = (node: unknown) => (isNode(node) ? (node as Node).range?.[0] : undefined)

export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false, logLevel: 'error'})
  const positionAt = (offset: number): Position => {
    const {line, col} = lines.linePos(offset)
    return {line: Math.max(line, 1), column: Math.max(col, 1)}
  }
  const position = (path: ConfigPath, of: 'key' | 'value'): Position => {
    const parent = document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent) ? parent.items.find(({key}) => String(key) === String(path.at(-1))) : undefined
    const value = path.length === 0 ? document.contents : document.getIn(path, true)
    const offset = (of === 'key' ? startOf(pair?.key) : undefined) ?? startOf(value) ?? startOf(pair?.key)
    if (offset !== undefined) return positionAt(offset)
    return path.length === 0 ? {line: 1, column: 1} : position(path.slice(0, -1), 'value')
  }
  const errors = document.errors.map(({pos, message}) => ({position: positionAt(pos[0]), message}))
  if (errors.length > 0) return {value: undefined, errors, position}
  try {
    return {value: document.toJS({maxAliasCount: MOST_ALIASES}), errors, position}
  } catch (error) {
    return {value: undefined, errors: [{position: positionAt(firstAlias(document)), message: whyNoValue(error)}], position}
  }
}

/** Nobody writes so many; each may stand for all that the others do. */
const MOST_ALIASES = 100

/** Where an alias stands that names nothing, or else the first of all. */
function firstAlias(document: Document): number {
  const offsets: number[] = []
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) === undefined) offsets.unshift(startOf(node) ?? 0)
      else offsets.push(startOf(node) ?? 0)
    },
  })
  return offsets[0] ?? 0
}

/** What the parser says of aliases; that it goes too deep, the engine does. */
function whyNoValue(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP
  if (error instanceof ReferenceError) return `${error.message}: write the value itself`
  throw error
}

const TOO_DEEP = 'values lie too deep in each other'

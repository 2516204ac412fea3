import {isMap, isNode, LineCounter, type Node, parseDocument} from 'yaml'

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
export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false})
  const positionAt = (offset: number): Position => {
    const {line, col} = lines.linePos(offset)
    return {line: Math.max(line, 1), column: Math.max(col, 1)}
  }
  const startOf = (node: unknown) => (isNode(node) ? (node as Node).range?.[0] : undefined)
  const position = (path: ConfigPath, of: 'key' | 'value'): Position => {
    const parent = document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent) ? parent.items.find(({key}) => String(key) === String(path.at(-1))) : undefined
    const value = path.length === 0 ? document.contents : document.getIn(path, true)
    const offset = (of === 'key' ? startOf(pair?.key) : undefined) ?? startOf(value) ?? startOf(pair?.key)
    if (offset !== undefined) return positionAt(offset)
    return path.length === 0 ? {line: 1, column: 1} : position(path.slice(0, -1), 'value')
  }
  const errors = document.errors.map(({pos, message}) => ({position: positionAt(pos[0]), message}))
  return {value: errors.length > 0 ? undefined : document.toJS(), errors, position}
}

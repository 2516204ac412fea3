import {type CompareRules, type Difference, different, onlyIn, quote} from './difference.js'

/** A file, directory or link of a tree, as find(1) lists it: see `FIND_FORMAT`. */
export interface TreeEntry {
  /** Below the tree, `latin1`: one character for each byte, whatever encoding the name is in. Empty for the tree itself. */
  path: string
  /** A letter as find has it: f file, d directory, l link, p pipe, s socket … */
  type: string
  /** Octal. */
  mode: string
  size: number
  /** Numbers, as the session counts: `user:group`. */
  owner: string
  /** Of a symbolic link. */
  target: string
  /** Another where anything of the entry was changed: no program can set it. */
  stamp: string
}

/** man 1 find, -printf; a NUL ends each, since no file name has one. */
export const FIND_FORMAT = '%y\\0%m\\0%s\\0%U:%G\\0%l\\0%i %C@\\0%P\\0'

/** By path, of what find printed. */
export function parseTree(text: string): Map<string, TreeEntry> {
  const fields = text.split('\0')
  const entries = new Map<string, TreeEntry>()
  for (let at = 0; at + 7 < fields.length; at += 7) {
    const [type = '', mode = '', size = '', owner = '', target = '', stamp = '', path = ''] = fields.slice(at, at + 7)
    entries.set(path, {path, type, mode, size: Number(size), owner, target, stamp})
  }
  return entries
}

/** The paths that a build made, changed or removed, directories' times aside. */
export function changedPaths(before: ReadonlyMap<string, TreeEntry>, after: ReadonlyMap<string, TreeEntry>): Set<string> {
  const changed = new Set<string>()
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(path), after.get(path)]
    const same = old?.type === 'd' && now?.type === 'd' ? old.mode === now.mode && old.owner === now.owner : old?.stamp === now?.stamp
    if (!same) changed.add(path)
  }
  return changed
}

const TYPES: Readonly<Record<string, string>> = {f: 'a file', d: 'a directory', l: 'a symbolic link', p: 'a pipe', s: 'a socket'}
const describeType = (entry: TreeEntry) => TYPES[entry.type] ?? `of type ${entry.type}`

/** What differs of two entries besides what a file holds. */
export function compareEntries(one: TreeEntry | undefined, other: TreeEntry | undefined, rules: CompareRules): Difference[] {
  if (!one && !other) return []
  if (!one || !other) return [onlyIn(one ? 'hybrid' : 'emulated', 'presence', (one ?? other)?.path ?? '', rules)]
  if (one.type !== other.type) return [different('type', `${describeType(one)} and ${describeType(other)}`)]
  return [
    ...(one.mode === other.mode ? [] : [different('mode', `${one.mode} and ${other.mode}`)]),
    ...(one.owner === other.owner ? [] : [different('owner', `${one.owner} and ${other.owner}`)]),
    ...(one.target === other.target ? [] : [different('target', `${quote(one.target)} and ${quote(other.target)}`)]),
  ]
}

import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {LeakRules} from '../core/compare/leaks.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {PRIVATE_DIRECTORY} from '../core/places.js'
import type {EmulatedRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'

/** What must not show up in what a hybrid build makes; `work` is where the built trees lie outside of their sessions. */
export function leakRules(store: Store, record: EmulatedRecord, work: string): LeakRules {
  const {machine, triple} = hostArchitecture()
  const twins = store.twinTree(record.twins)
  return {
    machine,
    isTwin: searchTwins(join(twins, 'usr')),
    texts: [
      {text: PRIVATE_DIRECTORY, tells: "where a session keeps the twins' libraries"},
      {text: '/proc/1/fd/', tells: 'by what the activator reaches the twins'},
      {text: 'gcc-cross', tells: "the cross compiler's own directories"},
      {text: triple, tells: "the host's triple"},
      {text: store.home, tells: "xbuild-env's data"},
      {text: work, tells: 'where the copies lie'},
    ],
  }
}

/** Looks for a file of the same bytes. The tree is listed when the first is asked for: few builds have any. */
function searchTwins(tree: string): (bytes: Buffer) => boolean {
  let bySize: Map<number, string[]> | undefined
  return bytes => {
    bySize ??= listBySize(tree)
    return (bySize.get(bytes.length) ?? []).some(path => readFileSync(path).equals(bytes))
  }
}

function listBySize(tree: string): Map<number, string[]> {
  const bySize = new Map<number, string[]>()
  for (const entry of readdirSync(tree, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const {size} = statSync(path)
    bySize.set(size, [...(bySize.get(size) ?? []), path])
  }
  return bySize
}

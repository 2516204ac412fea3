import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Store} from '../environment/store.js'
import {isThere} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {removeTree} from '../host/maker.js'
import {treeOf} from './used.js'

/** What is kept of projects whose trees are gone, unless they are being built. */
export async function findGoneProjects(store: Store): Promise<string[]> {
  const all = store.projects
  const found: string[] = []
  for (const project of isThere(all) ? (await readdir(all)).map(name => join(all, name)) : []) {
    if ((await isGone(project)) && (await isIdle(project))) found.push(project)
  }
  return found
}

/** Removes it. Returns what was removed. */
export async function removeGoneProjects(store: Store): Promise<string[]> {
  const found = await findGoneProjects(store)
  for (const project of found) await removeTree(project)
  return found
}

/** One that does not say where its tree is belongs to nobody. */
async function isGone(project: string): Promise<boolean> {
  const tree = await treeOf(project)
  return tree === undefined || !isThere(tree)
}

async function isIdle(project: string): Promise<boolean> {
  for (const name of (await readdir(project)).filter(one => one.endsWith('.lock'))) {
    const lock = await takeLock(join(project, name), 'exclusive', 'no')
    if (!lock) return false
    await lock.release()
  }
  return true
}

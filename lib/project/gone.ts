import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Store} from '../environment/store.js'
import {isThere, readFileIfThere} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {removeTree} from '../host/maker.js'
import {treeFile} from './paths.js'

/** Removes what is kept of projects whose trees are gone, unless they are being built. Returns what was removed. */
export async function removeGoneProjects(store: Store): Promise<string[]> {
  const all = store.projects
  const removed: string[] = []
  for (const project of isThere(all) ? (await readdir(all)).map(name => join(all, name)) : []) {
    if ((await isGone(project)) && (await isIdle(project))) {
      await removeTree(project)
      removed.push(project)
    }
  }
  return removed
}

/** One that does not say where its tree is belongs to nobody. */
async function isGone(project: string): Promise<boolean> {
  try {
    const {tree} = JSON.parse((await readFileIfThere(treeFile(project))) ?? '') as {tree: string}
    return !isThere(tree)
  } catch {
    return true
  }
}

async function isIdle(project: string): Promise<boolean> {
  for (const name of (await readdir(project)).filter(one => one.endsWith('.lock'))) {
    const lock = await takeLock(join(project, name), 'exclusive', 'no')
    if (!lock) return false
    await lock.release()
  }
  return true
}

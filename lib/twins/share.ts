import {linkSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, type Stats} from 'node:fs'
import {join} from 'node:path'

/**
 * Twin sets of one suite have most files alike, whatever their targets: what a tree has in common with those of sets that are there
 * becomes hard links to theirs. No session may use the tree yet: one that shows a file of it in another's place would lose that (rename(2)
 * over what is mounted on elsewhere). A file stays for as long as any set has it, and none changes once it is adapted. Their times may differ, by
 * which nothing goes: a route knows its twin by its path and size. Returns how many bytes were shared.
 */
export function shareFiles(tree: string, others: readonly string[]): number {
  let shared = 0
  for (const path of filesIn(tree, 'usr')) {
    const own = lstatSync(join(tree, path))
    if (own.size === 0) continue
    const same = others.map(other => join(other, path)).find(file => isSame(join(tree, path), own, file))
    if (same !== undefined && replaceByLink(same, join(tree, path))) shared += own.size
  }
  return shared
}

function filesIn(tree: string, within: string): string[] {
  return readdirSync(join(tree, within), {withFileTypes: true}).flatMap(entry => {
    const path = join(within, entry.name)
    return entry.isDirectory() ? filesIn(tree, path) : entry.isFile() ? [path] : []
  })
}

function isSame(path: string, own: Stats, other: string): boolean {
  const status = lstatSync(other, {throwIfNoEntry: false})
  if (!status?.isFile() || status.dev !== own.dev || status.ino === own.ino) return false
  if (status.size !== own.size || status.mode !== own.mode || status.uid !== own.uid || status.gid !== own.gid) return false
  return readFileSync(path).equals(readFileSync(other))
}

/** A file system may have no more links for it, or none at all: then the set has its own. man 2 link, EMLINK, EPERM */
function replaceByLink(file: string, path: string): boolean {
  const beside = `${path}.shared`
  try {
    linkSync(file, beside)
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['EMLINK', 'EPERM', 'EXDEV', 'EOPNOTSUPP'].includes(String(error.code))) return false
    throw error
  }
  try {
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, {force: true})
    throw error
  }
  return true
}

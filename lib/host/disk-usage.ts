import {isThere} from './files.js'
import {runAsMaker} from './maker.js'

/**
 * What trees take on the disk, in bytes, whoever owns their files. A file with several names counts once, for the first tree that
 * has it. What vanishes meanwhile takes nothing. man 1 du
 */
export async function measureTrees(paths: readonly string[]): Promise<Map<string, number>> {
  const there = [...new Set(paths)].filter(isThere)
  const sizes = new Map<string, number>(paths.map(path => [path, 0]))
  if (there.length === 0) return sizes
  const onLine = (line: string) => {
    const [, bytes, path = ''] = /^(\d+)\t(.*)$/.exec(line) ?? []
    if (bytes !== undefined) sizes.set(path, Number(bytes))
  }
  await runAsMaker(['du', '--summarize', '--block-size=1', '--', ...there], {onLine})
  return sizes
}

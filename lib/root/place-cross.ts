import {existsSync, linkSync, lstatSync, readFileSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, dirname, join, relative, resolve} from 'node:path'
import {makeDirectoryAtOnce} from '../host/files.js'
import {contentOf} from './host-file.js'
import {crossPath, type LayoutNames, rewriteLinkerScript} from './layout-rules.js'

export interface CrossPlace {
  names: LayoutNames
  /** Where the packages of the cross compiler are unpacked. */
  from: string
  /** Where what they have lies as the target's own. */
  to: string
  /** Headers that it has are for every architecture. */
  headers: string
}

/** Places the files of a package of the cross compiler's. Returns where they are now. */
export function placeCross({names, from: source, to: tree, headers}: CrossPlace, files: readonly string[]): string[] {
  const map = (path: string) => crossPath(path, names, header => existsSync(join(headers, header)))
  const placed: string[] = []
  for (const path of files) {
    const from = join(source, path)
    const to = map(path)
    const stats = to === undefined ? undefined : lstatSync(from)
    if (to === undefined || stats?.isDirectory()) continue
    makeDirectoryAtOnce(dirname(join(tree, to)))
    if (stats?.isSymbolicLink()) {
      const aim = map(resolve(dirname(path), readlinkSync(from)))
      if (aim === undefined) continue
      symlinkSync(relative(dirname(to), aim) || basename(aim), join(tree, to))
    } else if (isLinkerScript(from)) {
      writeNew(join(tree, to), rewriteLinkerScript(readFileSync(from, 'utf8'), names.target.triple))
    } else linkSync(from, join(tree, to))
    placed.push(to)
  }
  return placed
}

/**
 * What such a package says of who links it (shlibs, symbols), with the names that packages have in a root: `libc6-mips64-cross`,
 * and `libc6:mips64`, are the root's own libc6.
 */
export const ownNames = (text: string, {target: {architecture}}: LayoutNames) =>
  text.replaceAll(`-${architecture}-cross`, '').replace(new RegExp(`:${architecture}(?![a-z0-9-])`, 'g'), '')

/** Never into a file that is there: it may be a link to one of another tree. */
export const writeNew = (path: string, text: string | Buffer, mode = 0o644) => writeFileSync(path, text, {flag: 'wx', mode})

/** A library that is text: info ld, "Implicit Linker Scripts". */
const isLinkerScript = (path: string) => path.endsWith('.so') && contentOf(path, 0).kind === 'text'

import {HOLDS_NOTHING, type Holdings} from './kind.js'

/** Directories of PATH, in a merged /usr or before it. */
const PROGRAM = /^(usr\/)?(s?bin|games)\/[^/]+$/

/**
 * A linker's directories, of which the host's own is named by its triple: what it would take there. A library that only programs
 * load at run time, by its version, may be the package's own (apt's libapt-private.so.0.0), and headers may be for plugins (make).
 */
const LIBRARY = /^(usr\/)?lib(32|64|x32)?\/([a-z0-9_]+-linux-[a-z0-9_]+\/)?[^/]+\.(so|a)$/

/** Debian's Perl Policy, 2.3; of python, PEP 3149 and 384. */
const MODULE = /^usr\/lib\/([a-z0-9_]+-linux-[a-z0-9_]+\/perl5\/[\d.]+\/auto\/.*\.so|python3[\d.]*\/.*\.(cpython-\d+-[^./]+|abi3)\.so)$/

/** Which kinds of files these are: paths without a slash at their start. */
export const holdingsOf = (paths: Iterable<string>): Holdings => {
  let holds = HOLDS_NOTHING
  for (const path of paths) holds = withPath(holds, path)
  return holds
}

const withPath = (holds: Holdings, path: string): Holdings => {
  if (PROGRAM.test(path)) return {...holds, programs: true}
  if (LIBRARY.test(path)) return {...holds, libraries: true}
  return MODULE.test(path) ? {...holds, modules: true} : holds
}

/**
 * What an archive's list of contents says of each package: a path on each line, then the packages that have it, each behind its
 * section. https://wiki.debian.org/DebianRepository/Format#A.22Contents.22_indices
 */
export function parseContents(lines: Iterable<string>): Map<string, Holdings> {
  const found = new Map<string, Holdings>()
  for (const line of lines) {
    const at = line.search(/[ \t]+\S+$/)
    const path = at < 0 ? '' : line.slice(0, at)
    if (path === '' || withPath(HOLDS_NOTHING, path) === HOLDS_NOTHING) continue
    for (const place of line.slice(at).trim().split(',')) {
      const name = place.slice(place.lastIndexOf('/') + 1)
      found.set(name, withPath(found.get(name) ?? HOLDS_NOTHING, path))
    }
  }
  return found
}

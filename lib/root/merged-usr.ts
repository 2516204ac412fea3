import type {Suite} from '../config/profiles.js'
import {mergedDirectories} from '../core/debian/packages.js'
import type {Bootstrap} from './bootstrap.js'

/**
 * In a suite whose packages do not bring the links of a merged /usr, apt would choose `usrmerge`, which makes them of
 * directories; here they are there already, and `usr-is-merged` says so. man 5 apt_preferences: a version of negative priority is
 * never installed.
 */
const PREFER_LINKS = 'Package: usrmerge\nPin: release *\nPin-Priority: -1\n'
const PREFERENCES = '"$1"/etc/apt/preferences.d/xbuild-env-merged-usr'

/**
 * Makes the links before anything is unpacked, for a suite whose packages do not: mmdebstrap's own hooks for this are not the
 * same in any two of its releases, and some of them make no links.
 */
export function mergeHooks(kind: Suite['mergedUsr'], architecture: string): Bootstrap['hooks'] {
  const names = mergedDirectories(architecture)
  const links = `for name in ${names.join(' ')}; do mkdir -p "$1/usr/$name" && ln -s "usr/$name" "$1/$name"; done`
  const prefer = `mkdir -p "$1"/etc/apt/preferences.d && printf '${PREFER_LINKS.replaceAll('\n', '\\n')}' > ${PREFERENCES}`
  switch (kind) {
    case 'by-packages':
      return []
    case 'linked':
      return [{when: 'setup', command: links}]
    case 'linked-without-usrmerge':
      return [
        {when: 'setup', command: links},
        {when: 'setup', command: prefer},
        {when: 'customize', command: `rm ${PREFERENCES}`},
      ]
  }
}

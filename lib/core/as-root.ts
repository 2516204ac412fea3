import {shellLine} from './shell-words.js'

/** How commands become root's on this host, and by which words xbuild-env itself is called then. */
export interface RootAccess {
  /** `root`: whoever asks is root. `sudo`: it is installed. `other`: however this host's root is reached. */
  way: 'root' | 'sudo' | 'other'
  /** What root's PATH finds, or absolute paths. */
  xbuildEnv: readonly string[]
}

/** A command of root's as a line that can be pasted into a shell; without sudo, it says whose it is. */
export function asRoot({way}: RootAccess, argv: readonly string[]): string {
  const line = shellLine(argv)
  switch (way) {
    case 'root':
      return line
    case 'sudo':
      return `sudo ${line}`
    case 'other':
      return `as root: ${line}`
  }
}

/** The same for what only a shell can do, such as redirecting. */
export const scriptAsRoot = (access: RootAccess, script: string): string =>
  access.way === 'sudo' ? asRoot(access, ['sh', '-c', script]) : `${access.way === 'other' ? 'as root: ' : ''}${script}`

/** A command of xbuild-env's. */
export const ownAsRoot = (access: RootAccess, args: readonly string[]): string => asRoot(access, [...access.xbuildEnv, ...args])

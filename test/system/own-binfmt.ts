import {existsSync} from 'node:fs'
import {execa} from 'execa'
import {IS_ROOT} from './data.js'
import {CLI, plainVariables} from './rig.js'

/**
 * A shell script with "the system's" binfmt_misc to itself: an instance of a user namespace, in which it is root. The
 * kernel does the same there as with the host's own, which stays as it is. What else would be written is in memory.
 */
const SETUP = `set -eu
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
for directory in /var/lib /etc/binfmt.d /run/lock; do mount -t tmpfs tmpfs $directory; done
B=/proc/sys/fs/binfmt_misc
activator() { "$NODE" "$CLI" activator "$@"; }
cd "$1"
`

/** Why such scripts cannot be run here, or false. */
export const NO_OWN_BINFMT =
  (!existsSync('/proc/sys/fs/binfmt_misc') && 'this kernel has no binfmt_misc') ||
  (!existsSync('/etc/binfmt.d') && 'this host has no /etc/binfmt.d')

/** `activator` is the command, `$B` where binfmt_misc is mounted. */
export const withOwnBinfmt = (directory: string, script: string) =>
  execa(
    'unshare',
    ['--user', '--map-root-user', ...(IS_ROOT ? [] : ['--map-auto']), '--mount', 'sh', '-c', SETUP + script, 'sh', directory],
    {
      reject: false,
      extendEnv: false,
      env: plainVariables({NODE: process.execPath, CLI}),
      stripFinalNewline: false,
    },
  )

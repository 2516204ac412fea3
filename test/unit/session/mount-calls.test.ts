import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {isAtLeast} from '../../../lib/core/kernel.js'
import {PROJECT} from '../sources.js'

/**
 * What a session's mounts and namespaces are made with, and the kernel that each is of: man 2, VERSIONS (or HISTORY). A session
 * must work on Linux 6.1, which Debian 12 has; what is younger has to be asked for where it may be missing, and is not here.
 */
const CALLS: Readonly<Record<string, string>> = {
  SYS_clone: '2.0',
  SYS_pivot_root: '2.4',
  SYS_open_tree: '5.2',
  SYS_move_mount: '5.2',
  SYS_fsopen: '5.2',
  SYS_fsconfig: '5.2',
  SYS_fsmount: '5.2',
  SYS_pidfd_open: '5.3',
  SYS_pidfd_send_signal: '5.1',
  SYS_openat2: '5.6',
  SYS_mount_setattr: '5.12',
}
const OLDEST = '6.1'

t.test('sessions are made with calls that the oldest kernel has', async t => {
  const directory = join(PROJECT, 'shims/session')
  const used = new Set<string>()
  for (const name of readdirSync(directory).filter(name => name.endsWith('.c'))) {
    const text = readFileSync(join(directory, name), 'utf8')
    for (const [, call = ''] of text.matchAll(/\bsyscall\((SYS_\w+)/g)) used.add(call)
  }
  t.ok(used.has('SYS_open_tree'), 'the sources were read')
  for (const call of used)
    t.ok(call in CALLS && isAtLeast(OLDEST, CALLS[call] ?? ''), `${call} is in the list, of a kernel up to ${OLDEST}`)
})

t.test('no mount is made of a mount that is mounted nowhere, which Linux can since 6.15', async t => {
  const text = readFileSync(join(PROJECT, 'shims/session/mounts.c'), 'utf8') + readFileSync(join(PROJECT, 'shims/session/shared.c'), 'utf8')
  const clones = [...text.matchAll(/SYS_open_tree, (\w+)/g)].map(([, source]) => source)
  // Of paths of the host, of what was put into the session's first root, and of parts of its own tree.
  t.same(clones.sort(), ['part', 'source'])
})

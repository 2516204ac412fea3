import {execFileSync, spawnSync} from 'node:child_process'
import {chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {PATH_MAX} from '../../../lib/core/kernel.js'
import {findPrivileged} from '../../../lib/host/privileged.js'
import {ALONE, importing, nodeArguments, outputOf} from '../other-process.js'

const SET_USER_ID = 0o4755
const SET_GROUP_ID = 0o2755

function program(path: string, mode: number): void {
  writeFileSync(path, '')
  chmodSync(path, mode)
}

const pathsOf = (found: ReturnType<typeof findPrivileged>) => found.map(({path}) => path.toString('latin1'))

t.test('programs that have the rights of their owner or group are found, in all directories below, and no others', async t => {
  const directory = t.testdir({a: {deep: {}}, b: {}})
  program(join(directory, 'a/deep/user'), SET_USER_ID)
  program(join(directory, 'a/group'), SET_GROUP_ID)
  program(join(directory, 'b/plain'), 0o755)
  symlinkSync('../a/group', join(directory, 'b/link'))
  symlinkSync('../a', join(directory, 'b/directory'))
  chmodSync(join(directory, 'a/deep'), SET_GROUP_ID)
  const directories = [join(directory, 'b'), join(directory, 'a'), join(directory, 'none')]
  t.same(findPrivileged(directories, 0), [
    {
      path: Buffer.from(join(directory, 'a/deep/user')),
      inode: statSync(join(directory, 'a/deep/user')).ino,
      below: join(directory, 'a'),
      rights: 'owner',
    },
    {
      path: Buffer.from(join(directory, 'a/group')),
      inode: statSync(join(directory, 'a/group')).ino,
      below: join(directory, 'a'),
      rights: 'owner',
    },
  ])
})

t.test("what was so before is nobody's news; what only became so is", async t => {
  const directory = t.testdir({})
  const [before, now] = [join(directory, 'before'), join(directory, 'now')]
  program(before, SET_USER_ID)
  program(now, 0o755)
  const began = statSync(before).ctimeMs
  do chmodSync(now, SET_USER_ID)
  while (statSync(now).ctimeMs <= began) // the clock that files are stamped with goes in steps
  t.same(pathsOf(findPrivileged([directory], statSync(now).ctimeMs)), [now])
})

t.test('a name need not be UTF-8', async t => {
  const directory = t.testdir({})
  const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from('b\xff', 'latin1')])
  writeFileSync(path, '')
  chmodSync(path, SET_USER_ID)
  t.same(findPrivileged([directory], 0)[0]?.path, path)
})

/** man 2 setxattr: number 188 on x86-64. CAP_NET_RAW, permitted and effective: <linux/capability.h>, struct vfs_cap_data. */
const SET =
  'my ($path) = @ARGV; my ($name, $value) = ("security.capability", pack("VVVVV", 0x02000001, 1 << 13, 0, 0, 0)); exit(syscall(188, $path, $name, $value, 20, 0) != 0)'

t.test('programs with capabilities are found, unless nobody may execute them', async t => {
  const directory = t.testdir({})
  for (const [name, mode] of [
    ['capable', 0o755],
    ['data', 0o644],
  ] as const) {
    program(join(directory, name), mode)
    if (spawnSync('unshare', ['--user', '--map-root-user', 'perl', '-e', SET, join(directory, name)]).status !== 0) {
      t.pass('capabilities', {skip: 'this file system has none'})
      return
    }
  }
  const found = findPrivileged([directory], 0)
  t.same(pathsOf(found), [join(directory, 'capable')])
  t.equal(found[0]?.rights, 'capabilities')
})

t.test('so many are named that somebody can read them', async t => {
  const directory = t.testdir({})
  for (let i = 0; i < 15; i++) program(join(directory, `program${i}`), SET_USER_ID)
  const found = findPrivileged([directory], 0)
  t.equal(found.length, 10)
  t.same(pathsOf(found), [...pathsOf(found)].sort())
})

t.test('a path longer than the kernel takes hides nothing, and nothing stays open', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => execFileSync('rm', ['-rf', directory]))
  const own = process.cwd()
  process.chdir(directory)
  for (let i = 0; i < 45; i++) {
    mkdirSync('d'.repeat(200))
    process.chdir('d'.repeat(200))
  }
  program('deep', SET_USER_ID)
  process.chdir(own)
  const before = readdirSync('/proc/self/fd').length
  const [found] = pathsOf(findPrivileged([directory], 0))
  t.equal(found, `${directory}${`/${'d'.repeat(200)}`.repeat(45)}/deep`)
  t.ok((found?.length ?? 0) > 2 * PATH_MAX)
  t.equal(readdirSync('/proc/self/fd').length, before)
})

/** Puts a file in the place of standard input until the test has ended. */
function asInput(t: Pick<Test, 'teardown' | 'equal'>, path: string): void {
  closeSync(0)
  t.equal(openSync(path, 'r'), 0)
  t.teardown(() => {
    closeSync(0)
    openSync('/dev/null', 'r')
  })
}

t.test('a program behind a standard descriptor is found wherever it lies, unless it has no name any more', async t => {
  const directory = t.testdir({})
  const path = join(directory, 'program')
  program(path, SET_USER_ID)
  asInput(t, path)
  t.match(findPrivileged([], 0), [{path: Buffer.from(path), below: directory, rights: 'owner'}])
  execFileSync('rm', [path])
  t.same(findPrivileged([], 0), [])
})

t.test('another file system is not entered', async t => {
  const directory = t.testdir({mount: {}})
  const script = `${importing('findPrivileged', 'host/privileged')}
    console.log(JSON.stringify(findPrivileged([process.argv[1]], 0).map(({path}) => String(path))))`
  const shell =
    'mount -t tmpfs tmpfs "$1/mount" && touch "$1/mount/below" "$1/beside" && chmod 4755 "$1/mount/below" "$1/beside" && place=$1 && shift && exec "$@" "$place"'
  t.same(JSON.parse(await outputOf([...ALONE, 'sh', '-c', shell, 'sh', directory, ...nodeArguments(script)])), [join(directory, 'beside')])
})

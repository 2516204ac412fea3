import {execFileSync} from 'node:child_process'
import {constants} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const program = join(t.testdir(), 'sync')
const sources = [here('sync.c'), here('../../../shims/session/sync.c'), here('../../../shims/session/report.c')]

const run = (...args: string[]) => execFileSync(program, args, {encoding: 'utf8'})
const {EBADF, ENOMEM} = constants.errno

t.before(() => execFileSync('cc', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-o', program, ...sources]))

t.test('the kernel is asked to write to the disk, as anywhere', async t => {
  const line = [EBADF, EBADF, EBADF, EBADF, ENOMEM, EBADF].join(' ')
  t.equal(run(), `self ${line}\nchild ${line}\n`)
})

t.test('where syncs are dropped, each succeeds without being made, in every process that is started too', async t => {
  const line = [0, 0, 0, 0, 0, EBADF].join(' ')
  t.equal(run('drop'), `self ${line}\nchild ${line}\n`)
})

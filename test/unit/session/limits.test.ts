import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const program = join(t.testdir(), 'limits')
const sources = [here('limits.c'), here('../../../shims/session/limits.c'), here('../../../shims/session/report.c')]

const run = (...args: string[]) =>
  execFileSync('prlimit', ['--as=unlimited', '--data=unlimited', '--', program, ...args], {encoding: 'utf8'})

t.before(() => execFileSync('cc', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-o', program, ...sources]))

t.test('a limit is set, as anywhere', async t => t.equal(run(), 'as 0 set, data 0 set, fsize 0 set, both 0 told\n'))

t.test('where limits on memory are ignored, each is accepted and none is set; others are', async t =>
  t.equal(run('ignore'), 'as 0 ignored, data 0 ignored, fsize 0 set, both 0 told\n'),
)

t.test('where they are to be kept, all are set', async t => t.equal(run('ignore', 'keep'), run()))

import {chmodSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {processesWith} from '../../../lib/host/processes.js'
import {run, runFilter} from '../../../lib/host/run.js'
import {until, withVariables} from '../other-process.js'
import {refusal} from '../refusal.js'

t.test('any exit code is told with what was printed, each output by itself', async t => {
  t.same(await run('sh', ['-c', 'echo out; echo err >&2; exit 7']), {exitCode: 7, stdout: 'out', stderr: 'err'})
})

t.test('no shell takes the arguments apart', async t => {
  const {stdout} = await run('printf', ['[%s]', '$HOME *', '', '; id'])
  t.equal(stdout, '[$HOME *][][; id]')
})

t.test('a program sees the path, the locale and the home of a caller, and nothing else', async t => {
  const {stdout} = await run('env', [])
  t.same(
    stdout
      .split('\n')
      .map(line => line.split('=')[0])
      .sort(),
    ['HOME', 'LC_ALL', 'PATH'],
  )
  t.match(stdout, /^LC_ALL=C\.UTF-8$/m)
  t.equal((await run('/usr/bin/env', [], {variables: {ONLY: 'this'}})).stdout, 'ONLY=this')
})

t.test('nothing waits for input where there is none, and all that there is arrives', async t => {
  t.equal((await run('cat', [])).stdout, '')
  const input = 'line\n'.repeat(100_000)
  t.equal((await run('wc', ['-c'], {input})).stdout.trim(), String(input.length))
})

t.test('lines come while it runs, of both outputs', async t => {
  const lines: string[] = []
  const file = join(t.testdir({}), 'seen')
  const script = 'echo first; until [ -e "$1" ]; do sleep 0.02; done; echo second >&2'
  await run('sh', ['-c', script, 'sh', file], {
    onLine: line => {
      lines.push(line)
      writeFileSync(file, '')
    },
  })
  t.same(lines, ['first', 'second'])
})

t.test('an interruption ends it', async t => {
  const file = join(t.testdir({file: ''}), 'file')
  const end = new AbortController()
  const running = run('sh', ['-c', 'exec sleep 600 <"$1"', 'sh', file], {signal: end.signal})
  await until(() => processesWith(file).length === 1)
  end.abort()
  t.not((await running).exitCode, 0)
  t.same(processesWith(file), [])
})

t.test('a program that is not installed is told with the package that has it', async t => {
  const missing = (program: string, pack: string) =>
    refusal('missing-program', {message: `${program} is not installed`, hint: `apt-get install ${pack}`})
  await t.rejects(run('no-such-program', []), missing('no-such-program', 'no-such-program'))
  await t.rejects(runFilter('no-such-filter', [], Buffer.from(''), 1), missing('no-such-filter', 'no-such-filter'))
  await t.rejects(run('apt-ftparchive-none', [], {onLine: () => {}}), missing('apt-ftparchive-none', 'apt-ftparchive-none'))
})

t.test(
  'nor is it told as something else where a directory of the path may not be searched',
  {skip: process.getuid?.() === 0 && 'root may search all'},
  async t => {
    const directory = t.testdir({closed: {}})
    chmodSync(join(directory, 'closed'), 0)
    withVariables(t, {PATH: `${join(directory, 'closed')}:${process.env.PATH}`})
    await t.rejects(run('no-such-program', []), refusal('missing-program'))
    t.equal((await run('true', [])).exitCode, 0)
    chmodSync(join(directory, 'closed'), 0o755)
  },
)

t.test('a filter gives bytes as they are, up to a limit', async t => {
  const bytes = Buffer.from([0, 255, 10, 10])
  t.same(await runFilter('cat', [], bytes, 4), bytes)
  t.equal(await runFilter('cat', [], bytes, 3), undefined)
  t.equal(await runFilter('cat', [], Buffer.alloc(10_000_000), 1000), undefined)
})

t.test('of a filter that fails, or takes none of its input, nothing is taken', async t => {
  t.equal(await runFilter('sh', ['-c', 'cat; exit 1'], Buffer.from('x'), 10), undefined)
  t.equal(await runFilter('false', [], Buffer.alloc(10_000_000), 10), undefined)
})

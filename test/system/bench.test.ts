import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {BenchResult} from '../../lib/core/bench.js'
import {processesIn} from './data.js'
import {PROFILE, scratch, xbuild} from './rig.js'

const MAKEFILE = `all: hello
\t./hello
hello: hello.c
\t$(CC) -O2 -o $@ hello.c
`

/** A tree with one program, which is run, and a cache directory of its own. */
function tinyProject(t: Parameters<typeof scratch>[0]): {project: string; cache: string} {
  const directory = scratch(t)
  const project = join(directory, 'tiny')
  mkdirSync(project)
  writeFileSync(join(project, 'hello.c'), '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')
  writeFileSync(join(project, 'Makefile'), MAKEFILE)
  return {project, cache: join(directory, 'cache')}
}

const bench = (cache: string, args: readonly string[], options: Parameters<typeof xbuild>[1] = {}) =>
  xbuild(['bench', PROFILE, ...args], {...options, variables: {XDG_CACHE_HOME: cache, ...options.variables}})

/** What is in the cache directory: logs stay, trees do not. */
const leftIn = (cache: string) => readdirSync(join(cache, 'xbuild-env/bench')).sort()

t.test('a tree is built in each mode as often as asked, and what that used is told', async t => {
  const {project, cache} = tinyProject(t)
  const result = await bench(cache, [project, '--build', 'make', '--modes', 'native,hybrid,emulated', '--runs', '2', '--json'])
  t.equal(result.exitCode, 0, result.stderr)
  const {packages, machine, programs} = JSON.parse(result.stdout) as BenchResult
  const [tiny] = packages
  t.match(tiny, {name: 'tiny', build: 'make'})
  t.same(Object.keys(tiny?.modes ?? {}), ['native', 'hybrid', 'emulated'])
  for (const [mode, measured] of Object.entries(tiny?.modes ?? {})) {
    if (measured.kind !== 'measured') throw new Error(`${mode} was skipped`)
    t.equal(measured.runs.length, 2, mode)
    for (const {wallSeconds, cpuSeconds, peakBytes} of measured.runs) {
      t.ok(wallSeconds > 0 && wallSeconds < 300, `${mode}: ${wallSeconds} s`)
      t.ok(cpuSeconds > 0.01 && cpuSeconds < 300, `${mode}: ${cpuSeconds} s of CPU`)
      t.ok(peakBytes > 2 ** 20 && peakBytes < 2 ** 32, `${mode}: ${peakBytes} bytes`) // the compiler alone takes more
    }
  }
  t.equal(tiny?.ratios.native?.againstNative, 1)
  t.ok((tiny?.ratios.hybrid?.overEmulated ?? 0) > 0)
  t.ok(machine.cores > 0 && machine.memoryBytes > 2 ** 20 && machine.kernel !== '')
  t.ok(
    Object.keys(programs).some(name => name.startsWith('qemu-user')),
    Object.keys(programs).join(' '),
  )
  t.match(readFileSync(join(cache, 'xbuild-env/bench/tiny-hybrid.log'), 'utf8'), /^hello$/m)
  t.same(leftIn(cache), ['tiny-emulated.log', 'tiny-hybrid.log', 'tiny-native.log'])
  t.same(readdirSync(project).sort(), ['Makefile', 'hello.c'], 'the tree itself is as it was')
})

t.test('a build sees the same variables in each mode, and none of the caller', async t => {
  const {project, cache} = tinyProject(t)
  const build = "env | grep -Ev '^(HOSTTYPE|MACHTYPE|MAKE_HOST|OSTYPE|XBUILD_ENV|HOME|SHELL|PWD|_)=' | sort"
  const variables = {CFLAGS: '-O0', SOURCE_DATE_EPOCH: '1', NO_COLOR: '1', NODE_OPTIONS: ''}
  const result = await bench(cache, [project, '--build', build, '--modes', 'native,hybrid', '--runs', '1'], {variables})
  t.equal(result.exitCode, 0, result.stderr)
  const [native, hybrid] = ['native', 'hybrid'].map(mode => readFileSync(join(cache, `xbuild-env/bench/tiny-${mode}.log`), 'utf8'))
  t.equal(native, hybrid)
  t.match(native, /^LANG=C\.UTF-8$/m)
  t.notMatch(native, /CFLAGS|SOURCE_DATE_EPOCH|NO_COLOR/)
})

t.test('a mode that cannot be measured is skipped, with the reason, and the others are measured', async t => {
  const {project, cache} = tinyProject(t)
  const result = await bench(cache, [project, '--build', 'make', '--modes', 'native,cross', '--runs', '1', '--json'])
  t.equal(result.exitCode, 0, result.stderr)
  t.match((JSON.parse(result.stdout) as BenchResult).packages[0]?.modes, {
    native: {kind: 'measured'},
    cross: {kind: 'skipped', reason: /no command/, fix: '--cross-build CMD'},
  })
  t.match(result.stderr, /^tiny, cross: skipped, no command/m)
})

t.test('a build that fails ends the measuring: which mode, the end of its output, and where all of it is', async t => {
  const {project, cache} = tinyProject(t)
  const result = await bench(cache, [project, '--build', 'echo before; echo it is broken >&2; exit 3', '--modes', 'hybrid'])
  t.equal(result.exitCode, 125)
  t.equal(result.stdout, '')
  const log = join(cache, 'xbuild-env/bench/tiny-hybrid.log')
  t.match(
    result.stderr,
    `xbuild-env: tiny, hybrid: the build ended with 3: echo before; echo it is broken >&2; exit 3\n  | before\n  | it is broken\n`,
  )
  t.match(result.stderr, `  its full output is in ${log}\n`)
  t.match(readFileSync(log, 'utf8'), /it is broken/)
  t.same(leftIn(cache), ['tiny-hybrid.log'])
})

t.test('an interruption ends the build, and nothing of it is left', async t => {
  const {project, cache} = tinyProject(t)
  const end = new AbortController()
  const waiting = bench(cache, [project, '--build', 'echo here; sleep 600', '--modes', 'hybrid'], {
    cancelSignal: end.signal,
    killSignal: 'SIGINT',
  })
  const log = join(cache, 'xbuild-env/bench/tiny-hybrid.log')
  await until(() => readFileSync(log, 'utf8').includes('here'))
  t.not((await processesIn(project.replace(/tiny$/, ''))).length, 0)
  end.abort()
  const result = await waiting
  t.equal(result.exitCode, 130, result.stderr)
  t.match(result.stderr, /interrupted \(SIGINT\)/)
  t.same(leftIn(cache), ['tiny-hybrid.log'])
  t.same(await processesIn(project.replace(/tiny$/, '')), [])
})

t.test('what a killed one left is removed by the next, what is kept stays', async t => {
  const {project, cache} = tinyProject(t)
  const end = new AbortController()
  const waiting = bench(cache, [project, '--build', 'echo here; sleep 600', '--modes', 'hybrid'], {
    cancelSignal: end.signal,
    killSignal: 'SIGKILL',
  })
  const log = join(cache, 'xbuild-env/bench/tiny-hybrid.log')
  await until(() => readFileSync(log, 'utf8').includes('here'))
  end.abort()
  await waiting
  t.match(leftIn(cache).join(' '), /^tiny-hybrid\.log work-\w+ work-\w+\.lock$/)
  await until(async () => (await processesIn(project.replace(/tiny$/, ''))).length === 0)
  t.equal((await bench(cache, [project, '--build', 'true', '--modes', 'native', '--runs', '1', '--keep'])).exitCode, 0)
  t.equal((await bench(cache, [project, '--build', 'true', '--modes', 'native', '--runs', '1'])).exitCode, 0)
  t.match(leftIn(cache).join(' '), /^kept-\w+ tiny-hybrid\.log tiny-native\.log$/)
})

t.test('a report is written, and what was built is kept if that is asked for', async t => {
  const {project, cache} = tinyProject(t)
  const report = join(project, '../report.html')
  const result = await bench(cache, [project, '--build', 'make', '--modes', 'hybrid', '--runs', '1', '--keep', '--html', report])
  t.equal(result.exitCode, 0, result.stderr)
  t.match(readFileSync(report, 'utf8'), /^<!doctype html>.*class="chart".*tiny.*<\/html>\n$/s)
  const kept = /^what was built is in (.*)$/m.exec(result.stderr)?.[1] ?? ''
  t.ok(readdirSync(join(kept, 'tiny/hybrid-1/tree')).includes('hello'))
})

t.test('what cannot be measured is refused before anything is built', async t => {
  const {project, cache} = tinyProject(t)
  const refused = async (args: readonly string[], exitCode: number, stderr: RegExp) => {
    const result = await bench(cache, args)
    t.equal(result.exitCode, exitCode, args.join(' '))
    t.match(result.stderr, stderr)
  }
  await refused([project], 2, /measure what\?\n {2}a tree: --build CMD/)
  await refused(['--packages', 'libreoffice'], 2, /no package "libreoffice"/)
  await refused([project, '--packages', 'sed'], 2, /--packages brings its own/)
  await refused([project, '--build', 'make', '--modes', 'fast'], 2, /no mode "fast"/)
  await refused([project, '--build', 'make', '--runs', '0'], 2, /not a number of runs/)
  await refused([project, '--build', 'make', '--html', join(project, 'nowhere/report.html')], 2, /there is no directory/)
  await refused([join(project, 'nowhere'), '--build', 'make'], 125, /is not a source tree/)
  t.notOk(readdirSync(join(cache, '..')).includes('cache'))
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    try {
      if (await isSo()) return
    } catch {
      // not there yet
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

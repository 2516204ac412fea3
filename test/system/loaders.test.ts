import {chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync} from 'node:fs'
import {basename, join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {parseElf} from '../../lib/core/elf/header.js'
import {hostArchitecture} from '../../lib/core/hosts/hosts.js'
import {X86_64_PROCESSOR} from '../../lib/core/hosts/x86-64-processor.js'
import {HEAP_LOADER, LIBRARY_DIRECTORY, LOADER, loaderNames} from '../../lib/core/places.js'
import {copiedData, IS_ROOT, xbuildIn} from './data.js'
import {PROFILE} from './rig.js'

const host = hostArchitecture()
const data = await copiedData(t, ['roots', 'twins', 'routing'])
const run = (...argv: string[]) => xbuildIn(data, ['run', PROFILE, '--ephemeral', '--', ...argv], {cwd: '/'})
const loaders = join(data, 'loaders')
const twins = join(data, 'twins', String(readdirSync(join(data, 'twins')).find(name => !name.startsWith('.'))), 'tree')
const made = () => readdirSync(loaders).filter(name => !name.startsWith('.'))

const created = await xbuildIn(data, ['create', PROFILE], {cwd: '/'})
if (created.exitCode !== 0) throw new Error(created.stderr)

t.test('a session shows loaders that say of the processor what the twin set’s own found out', async t => {
  for (const name of loaderNames(host)) {
    const own = await execa(join(twins, 'usr/lib', host.triple, name), ['--list-diagnostics'])
    const shown = await run(join(LIBRARY_DIRECTORY, name), '--list-diagnostics')
    t.same(X86_64_PROCESSOR.fields(shown.stdout), X86_64_PROCESSOR.fields(own.stdout), shown.stderr)
  }
  t.equal(made().length, 1)
})

t.test('the linker names the loader for programs that need much memory, others the plain one', async t => {
  const programs = readdirSync(join(twins, 'usr/bin'))
  const linker = programs.filter(name => name.endsWith('-ld.bfd'))
  t.equal(linker.length, 1)
  for (const [name, loader] of [
    [String(linker[0]), HEAP_LOADER],
    ['dash', LOADER],
    ['make', LOADER],
  ] as const) {
    const bytes = readFileSync(join(twins, 'usr/bin', name)).subarray(0, 4096)
    const {offset = 0, size = 0} = parseElf(bytes)?.interpreter ?? {}
    t.equal(bytes.toString('latin1', offset, bytes.indexOf(0, offset)), loader, name)
    t.ok(size > loader.length)
  }
})

t.test('one that was cut short is told, and made anew once it is removed', async t => {
  const directory = join(loaders, String(made()[0]))
  const path = join(directory, basename(host.loader))
  const size = statSync(path).size
  chmodSync(path, 0o755)
  truncateSync(path, 5000)
  const failed = await run('true')
  t.equal(failed.exitCode, 125)
  t.equal(
    failed.stderr.replace(/^.* is not shown in the session\n/, ''),
    `xbuild-env: the twins' loader ${path} is damaged: it has 5000 of ${size} bytes\n  remove it, and the next session makes it again: rm -r ${directory}\n`,
  )
  rmSync(directory, {recursive: true})
  t.match(await run('echo', 'works'), {exitCode: 0, stdout: 'works\n'})
})

t.test('where nothing can be kept, a session does without', IS_ROOT ? {skip: 'root may write everywhere'} : {}, async t => {
  rmSync(loaders, {recursive: true})
  mkdirSync(loaders, {mode: 0o500})
  t.teardown(() => chmodSync(loaders, 0o700))
  t.match(await run('echo', 'works'), {exitCode: 0, stdout: 'works\n'})
  t.same(readdirSync(loaders), [])
})

t.test('they are kept as long as their twin set is', async t => {
  const remove = (...args: string[]) => xbuildIn(data, ['remove', ...args], {cwd: '/'})
  t.match(await run('echo', 'works'), {exitCode: 0, stdout: 'works\n'})
  const [key] = made()
  t.equal((await remove('--unused')).exitCode, 0)
  t.same(made(), [key])
  t.match(await remove('--unused', PROFILE), {exitCode: 0, stderr: new RegExp(join(loaders, String(key)))})
  t.same(made(), [])
})

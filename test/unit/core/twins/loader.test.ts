import {execFileSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import type {CpuField} from '../../../../lib/core/hosts/host.js'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import {X86_64_PROCESSOR} from '../../../../lib/core/hosts/x86-64-processor.js'
import {withCpuFeatures, withTunables} from '../../../../lib/core/twins/loader.js'

const {fields: cpuFields, bytes: cpuFeatures} = X86_64_PROCESSOR
const knowing = (loader: Buffer, fields: readonly CpuField[]) => withCpuFeatures(loader, fields, X86_64_PROCESSOR)

const LOADER = hostArchitecture().loader

const diagnose = (loader: string) => execFileSync(loader, ['--list-diagnostics'], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']})

/** The machine's own loader, where it is one of those that this is for. */
const isKnown = existsSync(LOADER) && cpuFields(diagnose(LOADER)).length > 0
const known = isKnown ? {} : {skip: "this machine's C library is none whose loader can be told"}

/** A copy of the loader with other content. */
function changed(t: {testdir: () => string}, content: Buffer | undefined): string {
  const path = join(t.testdir(), 'ld.so')
  if (!content) throw new Error('the loader was not changed')
  writeFileSync(path, content, {mode: 0o755})
  return path
}

t.test('what a loader is told of the processor it says itself, and runs programs', known, async t => {
  const fields = cpuFields(diagnose(LOADER))
  const path = changed(t, knowing(readFileSync(LOADER), fields))
  t.same(cpuFields(diagnose(path)), fields)
  t.equal(execFileSync(path, ['/bin/echo', 'works'], {encoding: 'utf8'}), 'works\n')
})

t.test('a loader believes what it is told, and does not ask the processor', known, async t => {
  const fields = cpuFields(diagnose(LOADER)).map(field => (field.name === 'level4_cache_size' ? {...field, value: 4711n} : field))
  t.same(cpuFields(diagnose(changed(t, knowing(readFileSync(LOADER), fields)))), fields)
})

t.test('a place that holds something is left alone', known, async t => {
  const fields = cpuFields(diagnose(LOADER))
  const once = knowing(readFileSync(LOADER), fields)
  t.ok(once)
  t.equal(once && knowing(once, fields), undefined)
})

t.test('a tunable in the loader counts as if GLIBC_TUNABLES named it', known, async t => {
  const path = changed(t, withTunables(readFileSync(LOADER), {'glibc.malloc.top_pad': 0x1000000}))
  t.match(execFileSync(path, ['--list-tunables'], {encoding: 'utf8'}), /^glibc\.malloc\.top_pad: 0x1000000 /m)
  const heap = (loader: string) => {
    const maps = execFileSync(loader, ['/bin/cat', '/proc/self/maps'], {encoding: 'utf8'})
    const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) .*\[heap\]$/m.exec(maps) ?? []
    return Number.parseInt(String(end), 16) - Number.parseInt(String(start), 16)
  }
  t.equal(heap(path) - heap(LOADER), 0x1000000 - 0x20000, 'malloc/malloc.c, DEFAULT_TOP_PAD')
})

t.test('files that are no such loader are left alone', async t => {
  const fields = [{name: 'basic.kind', value: 2n}]
  for (const bytes of [Buffer.alloc(0), Buffer.from('no ELF'), readFileSync(process.execPath)]) {
    t.equal(knowing(bytes, fields), undefined)
    t.equal(withTunables(bytes, {'glibc.malloc.top_pad': 1}), undefined)
  }
})

t.test('whatever its headers or its answers say, a loader that an archive brought ends no session', async t => {
  const loader = readFileSync(process.execPath).subarray(0, 2 ** 20)
  const untrue = Buffer.from(readFileSync('/bin/true'))
  untrue.writeBigUInt64LE(2n ** 60n, 32) // e_phoff: System V ABI, "ELF Header"
  for (const bytes of [loader, untrue]) t.equal(knowing(bytes, [{name: 'basic.kind', value: 2n}]), undefined)
  const said = ['version.version="2.36"', 'x86.cpu_features.basic.kind=0xfffffffff', `x86.cpu_features.x=0x${'f'.repeat(40)}`]
  t.equal(cpuFeatures(cpuFields(said.join('\n'))).toString('hex'), 'ffffffff')
})

t.test('fields are laid out as C does: bits in one word, long ones at a multiple of their size', async t => {
  const fields = [
    {name: 'basic.kind', value: 2n},
    {name: 'features[0x0].cpuid[0x0]', value: 0xffffffffn},
    {name: 'preferred.Fast_Rep_String', value: 0n},
    {name: 'preferred.Fast_Copy_Backward', value: 1n},
    {name: 'xsave_state_size', value: 0x9c0n},
    {name: 'xsave_state_full_size', value: 1n},
    {name: 'level4_cache_size', value: 0xffffffffffffffffn},
  ]
  t.equal(
    cpuFeatures(fields).toString('hex'),
    ['02000000', 'ffffffff', '02000000', '00000000', 'c009000000000000', '01000000', '00000000', 'ffffffffffffffff'].join(''),
  )
})

t.test('the number of the processor that was asked is none of what it can do', async t => {
  const said = (ebx: string) => cpuFields(`version.version="2.36"\nx86.cpu_features.features[0x0].cpuid[0x1]=0x${ebx}\n`)
  t.same(said('1020800'), said('20800'))
  t.same(said('1020800'), [{name: 'features[0x0].cpuid[0x1]', value: 0x20800n}])
})

t.test('nothing is known of other versions, and of other architectures', async t => {
  t.same(cpuFields('version.version="2.41"\nx86.cpu_features.basic.kind=0x2\n'), [])
  t.same(cpuFields('version.version="2.36"\ncpu_features.midr_el1=0x0\n'), [])
})

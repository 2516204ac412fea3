import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {readLinking} from '../../../../lib/core/elf/linking.js'
import {LIBRARY_DIRECTORY} from '../../../../lib/core/places.js'
import {findHostTexts} from '../../../../lib/core/twins/host-texts.js'
import {isSearchShown, leftOver, nameWhatIsThere, type Scanned, type ScanPlace, unfitTwins} from '../../../../lib/core/twins/scan.js'

const ONLY_X64 = process.arch === 'x64' ? false : 'machine code is known of x86-64 only'

const HOST = 'x86_64-linux-gnu'
const LIBRARIES = `/usr/lib/${HOST}`

const PLACE: ScanPlace = {
  file: '/usr/bin/program',
  kind: 'program',
  host: HOST,
  triple: 'mips64el-linux-gnuabi64',
  holds: path => (path.startsWith(`${LIBRARIES}/modules`) ? 'libraries' : path.startsWith(`${LIBRARIES}/helpers`) ? 'other' : 'nothing'),
  hidden: ['/usr/lib/hidden'],
}

/** Compiles a program and adapts it: what it prints then, and what is left over. */
function adapted(t: Test, source: string, flags: readonly string[] = ['-O2']): {printed: string[]; left: string[]} {
  const directory = t.testdir({'p.c': `#include <stdio.h>\n#include <string.h>\nint main(void) {\n${source}\nreturn 0; }\n`})
  const program = join(directory, 'p')
  execFileSync('cc', [...flags, '-o', program, join(directory, 'p.c')])
  const bytes = readFileSync(program)
  const linking = readLinking(bytes)
  if (!linking) throw new Error('it is a program')
  nameWhatIsThere(bytes, linking.loaded, PLACE)
  writeFileSync(program, bytes)
  return {printed: execFileSync(program, {encoding: 'utf8'}).split('\n').filter(Boolean), left: leftOver(bytes, linking, PLACE)}
}

const TARGET = '/usr/lib/mips64el-linux-gnuabi64'

t.test('a program names what is shown, and the target’s own directories', {skip: ONLY_X64}, async t => {
  for (const flag of ['-O2', '-O0']) {
    const {printed, left} = adapted(
      t,
      `puts("/lib/${HOST}/modules"); puts("${LIBRARIES}/helpers/one"); puts("${LIBRARIES}"); puts("/usr/lib/gettext");`,
      ['-fPIE', '-pie', flag],
    )
    t.same(printed, [`/dev/xbuild/lib${'/'.repeat(7)}modules`, `${TARGET}/helpers/one`, TARGET, '/usr/lib/gettext'])
    t.same(left, [])
  }
})

t.test('a text that is the end of a changed one stays', {skip: ONLY_X64}, async t => {
  const {printed, left} = adapted(
    t,
    `puts("${LIBRARIES}/helpers"); puts("helpers"); puts("${LIBRARIES}"); puts("gnu"); puts("linux-gnu"); puts("/lib/${HOST}");`,
  )
  t.same(printed, [`${TARGET}/helpers`, 'helpers', TARGET, 'gnu', 'linux-gnu', TARGET.slice(4)])
  t.same(left, [])
})

t.test('what is not known is left over, and said', {skip: ONLY_X64}, async t => {
  const {left} = adapted(t, `puts("${LIBRARIES}/unheard-of"); puts("in ${HOST}"); puts("/usr/lib/hidden/file");`)
  t.same(left.toSorted(), [
    'has the host\'s path "/usr/lib/hidden/file" built in',
    `has the host's path "${LIBRARIES}/unheard-of" built in`,
    `has the host's path "in ${HOST}" built in`,
  ])
})

t.test('a text that code puts together is left over', {skip: ONLY_X64}, async t => {
  const copy = `static char path[64]; char *volatile to = path; memcpy(to, "${LIBRARIES}/modules/a/b", ${LIBRARIES.length + 13}); puts(to);`
  const {printed, left} = adapted(t, copy)
  t.same(printed, [`${LIBRARIES}/modules/a/b`])
  t.match(left[0], /the host's path/)
})

t.test('where libraries are looked for', async t => {
  const shown = (file: string, ...searched: string[]) =>
    isSearchShown({kind: 'library', needed: [], loaded: [], searched}, {file, host: HOST})
  const module = `${LIBRARIES}/gconv/EUC-KR.so`
  t.ok(shown('/usr/bin/program'))
  t.ok(shown(module, '$ORIGIN'))
  t.ok(shown(module, '$ORIGIN/..', '$' + '{ORIGIN}/x'))
  t.notOk(shown(module, '$ORIGIN/../..'), 'beside those that are shown')
  t.notOk(shown('/usr/bin/program', '$ORIGIN/../lib'), 'a program lies in no directory of the session')
  t.notOk(shown('/usr/bin/program', '/usr/lib/man-db'))
  t.ok(shown('/usr/bin/program', `${LIBRARY_DIRECTORY}/jvm-17`), 'by the name that a session has for it')
  t.notOk(shown('/usr/bin/program', `${LIBRARY_DIRECTORY}/../loc`))
  t.notOk(shown(module, '$ORIGIN', LIBRARIES))
})

const scanned = (needed: Scanned['needed'] = [], left: readonly string[] = []): Scanned => ({kind: 'program', needed, leftOver: left})
const found = (path: string) => ({kind: 'found', path}) as const

t.test('a program is unfit for what it or any library that it needs has left over or lacks', async t => {
  const unfit = unfitTwins(
    new Map([
      ['/bin/good', scanned([found('/lib/a')])],
      ['/bin/own', scanned([found('/lib/a')], ['has it'])],
      ['/bin/lacks', scanned([{kind: 'missing', name: 'libx.so'}])],
      ['/bin/far', scanned([found('/lib/a'), found('/lib/b')])],
      ['/bin/odd', scanned([found('/lib/text')])],
      ['/lib/a', scanned([found('/lib/a2')])],
      ['/lib/a2', scanned([found('/lib/a')])],
      ['/lib/b', scanned([found('/lib/c')])],
      ['/lib/c', scanned([], ['has it'])],
    ]),
  )
  t.same(Object.fromEntries(unfit), {
    '/bin/own': 'has it',
    '/bin/lacks': 'needs libx.so, which the twin set does not have',
    '/bin/far': 'needs /lib/b, which needs /lib/c, which has it',
    '/bin/odd': 'needs /lib/text, which is not a program or library that can be read',
    '/lib/b': 'needs /lib/c, which has it',
    '/lib/c': 'has it',
  })
})

/** Of two segments at the same addresses, the second has the code and the texts. */
function untruthful(segments: number): Buffer {
  const bytes = Buffer.alloc(1024 + 56 * segments)
  bytes.write('\x7fELF\x02\x01', 'latin1')
  bytes.writeUInt16LE(3, 16)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(segments, 56)
  for (let i = 0; i < segments; i++) {
    const at = 64 + i * 56
    bytes.writeUInt32LE(1, at)
    bytes.writeUInt32LE(i === 0 ? 6 : 5, at + 4)
    bytes.writeBigUInt64LE(BigInt(i === 0 ? bytes.length - 8 : 0), at + 8)
    bytes.writeBigUInt64LE(BigInt(i === 0 ? 2 ** 20 : bytes.length), at + 32)
  }
  const code = 64 + 56 * segments
  const text = code + 16
  bytes.set([0x48, 0x8d, 0x3d], code)
  bytes.writeInt32LE(text - (code + 7), code + 3)
  bytes.write(`${LIBRARIES}\0${TARGET}\0`, text, 'latin1')
  return bytes
}

t.test('a program whose headers are untrue stays as it is, and is found to have something left', async t => {
  const bytes = untruthful(2)
  const before = Buffer.from(bytes)
  const linking = readLinking(bytes)
  if (!linking) return t.fail('it can be read')
  t.notOk(nameWhatIsThere(bytes, linking.loaded, PLACE))
  t.ok(bytes.equals(before))
  t.not(leftOver(bytes, linking, {...PLACE, kind: 'static'}).length, 0)
  t.equal(readLinking(untruthful(60000)), undefined, 'it says to be in memory 60,000 times')
})

t.test('a text of megabytes that names the host again and again is read once', async t => {
  const bytes = Buffer.from(`${LIBRARIES}/lib/${HOST}xlib/x86_6`.repeat(100_000))
  const begin = process.cpuUsage()
  t.equal(findHostTexts(bytes, [{start: 0, end: bytes.length}], HOST, []).length, 1)
  t.ok(process.cpuUsage(begin).user < 5_000_000, 'microseconds: a machine that does other things is no reason')
})

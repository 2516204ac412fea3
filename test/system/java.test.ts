import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t, {type Test} from 'tap'
import {copyOf, runInBothModes, sameInBothModes} from './both-modes.js'
import {PROFILE, scratch, xbuild} from './rig.js'
import {find, traced} from './traced.js'

/** An environment of the test's own, with a Java development kit: 450 MB. What is emulated takes minutes. */
const NAME = 'java'
const SOURCES = fileURLToPath(new URL('java/', import.meta.url))
const KIT = '/usr/lib/jvm/java-17-openjdk-mips64el'
const HOST_KITS = 'usr/lib/jvm'

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
  const installed = await xbuild(['install', NAME, 'default-jdk-headless'])
  t.equal(installed.exitCode, 0, installed.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))

const inBothModes = (t: Test, ...script: string[]) => runInBothModes(t, NAME, script, copyOf(SOURCES, scratch(t)))

t.test('a twin set has Java’s tools, and what they need that is not the root’s', async t => {
  const {twinTree, routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  const routed = (routing.routes as {path: string}[]).map(({path}) => path)
  for (const name of ['jar', 'javac', 'javadoc', 'javap', 'jdeps']) t.ok(routed.includes(`${KIT}/bin/${name}`), name)
  for (const name of ['java', 'jshell', 'jps', 'serialver']) t.notOk(routed.includes(`${KIT}/bin/${name}`), name)
  const kits = readdirSync(join(twinTree, HOST_KITS), {withFileTypes: true}).filter(entry => entry.isDirectory())
  t.same(
    kits.flatMap(({name}) => readdirSync(join(twinTree, HOST_KITS, name))),
    ['bin'],
  )
})

t.test('a library is compiled, packed, taken apart and documented the same in both modes', async t => {
  const both = await inBothModes(t, './build.sh', 'library')
  const {hybrid} = both
  sameInBothModes(t, both)
  t.ok(hybrid.has('classes/sample/Shape$Circle.class'))
  t.ok(hybrid.has('doc/sample/Names.html'))
  t.match(hybrid.get('said'), /rawtypes/)
})

/** What a host-native virtual machine still says of itself: docs/known-differences.md. */
const KNOWN = /^(java\.vm\.compressedOopsMode|sun\.boot\.library\.path|sun\.management\.compiler) = /
const told = (text: string | undefined) => text?.split('\n').filter(line => !KNOWN.test(line))

t.test('a processor sees the target’s machine, and one that calls C for the target can do so', async t => {
  const {hybrid, emulated} = await inBothModes(t, './processors.sh')
  t.same(told(hybrid.get('machine')), told(emulated.get('machine')))
  t.match(hybrid.get('machine'), /^os\.arch = mips64el$/m)
  t.match(hybrid.get('machine'), new RegExp(`^java\\.home = ${KIT}$`, 'm'))
  t.equal(hybrid.get('native'), 'compiled for mips64\n')
  t.equal(emulated.get('native'), 'compiled for mips64\n')
})

t.test(
  'a tool is emulated where its virtual machine is asked of itself, or looks for libraries elsewhere; a virtual machine always',
  async t => {
    const script = 'javac -version; javac -J-XX:+PrintFlagsFinal -version >/dev/null; LD_LIBRARY_PATH=/x javac -version; java -version'
    const {spans} = await traced(t, script, [], {environment: NAME})
    const outcomes = (name: string) => find(spans, name).map(({outcome}) => outcome.kind)
    t.same(outcomes('javac'), ['routed', 'argument', 'variable'])
    t.notOk(outcomes('java').includes('routed'))
  },
)

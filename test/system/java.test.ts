import {cpSync, readdirSync, readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t, {type Test} from 'tap'
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

/** What a script leaves in the directory that it is given, by file and mode. */
async function inBothModes(t: Test, script: string, ...args: string[]): Promise<Record<'hybrid' | 'emulated', Map<string, string>>> {
  const work = scratch(t)
  cpSync(SOURCES, work, {recursive: true})
  const run = async (mode: string) => {
    // In one directory, which may be in what is made.
    const result = await xbuild(['run', NAME, '--ephemeral', '--mode', mode, '--', 'sh', script, ...args, 'out'], {cwd: work})
    t.equal(result.exitCode, 0, result.stdout + result.stderr)
    renameSync(join(work, 'out'), join(work, mode))
    return files(join(work, mode))
  }
  return {hybrid: await run('hybrid'), emulated: await run('emulated')}
}

function files(directory: string): Map<string, string> {
  const paths = readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
  return new Map(paths.sort().map(path => [path.slice(directory.length + 1), readFileSync(path, 'latin1')]))
}

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
  const {hybrid, emulated} = await inBothModes(t, './build.sh', 'library')
  t.same([...hybrid.keys()], [...emulated.keys()])
  for (const [name, bytes] of hybrid) t.ok(bytes === emulated.get(name), `${name} is the same`)
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

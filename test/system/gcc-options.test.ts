import {copyFileSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'

t.setTimeout(1_200_000)

const FIXTURES = fileURLToPath(new URL('gcc-options/', import.meta.url))

/** The files of a directory, by name; each character is a byte. */
const filesOf = (directory: string) => new Map(readdirSync(directory).map(name => [name, readFileSync(join(directory, name), 'latin1')]))

t.test('rarer options give the same files in both modes', async t => {
  const work = scratch(t)
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(work, name))
  for (const mode of ['hybrid', 'emulated']) {
    const built = await xbuild(['run', PROFILE, '--ephemeral', '--mode', mode, '--', 'sh', './options.sh', `${work}/${mode}`], {cwd: work})
    t.equal(built.exitCode, 0, built.stderr)
  }
  const [hybrid, emulated] = [filesOf(join(work, 'hybrid')), filesOf(join(work, 'emulated'))]
  t.same([...hybrid.keys()], [...emulated.keys()])
  for (const [name, bytes] of hybrid) t.ok(bytes === emulated.get(name), `${name} is the same`)
  t.match(hybrid.get('ran'), /^lto-mixed: 24 73$/m)
  t.equal(hybrid.get('path-ld'), '1\n')
  t.match(hybrid.get('gcov'), /Lines executed:100\.00%/)
  t.match(hybrid.get('own-log'), /^own\/as .*\nown\/ld /m)
})

import {readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {firstProcessor} from '../../lib/host/processor.js'
import {copiedData, IS_ROOT, xbuildIn} from './data.js'
import {PROFILE} from './rig.js'

const data = await copiedData(t, ['roots', 'twins', 'routing'])
const run = (script: string, ...options: string[]) =>
  xbuildIn(data, ['run', PROFILE, '--ephemeral', ...options, '--', 'sh', '-c', script], {cwd: '/'})
const processors = join(data, 'processors')
const kept = () => readdirSync(processors).filter(name => !name.startsWith('.'))
const answer = () => join(processors, String(kept()[0]), 'cpuinfo')

const created = await xbuildIn(data, ['create', PROFILE], {cwd: '/'})
if (created.exitCode !== 0) throw new Error(created.stderr)

t.test('where the emulator says nothing of its own, programs read what the kernel says', async t => {
  const ran = await run('cat /proc/cpuinfo')
  t.equal(firstProcessor(ran.stdout), firstProcessor(readFileSync('/proc/cpuinfo', 'latin1')), ran.stderr)
  t.equal(kept().length, 1)
  t.equal(statSync(answer()).size, 0)
})

t.test('what the emulator says of the processor, native programs read too', async t => {
  await run('true')
  writeFileSync(answer(), 'cpu model\t: of the target\n')
  const ran = await run('cat /proc/cpuinfo; while read -r line; do echo "$line"; done </proc/cpuinfo; ls /dev')
  t.match(ran, {exitCode: 0, stdout: /^(cpu model\t: of the target\n){2}/}, ran.stderr)
  t.notMatch(ran.stdout, /^proc$/m)
})

t.test('it cannot be written', async t => {
  const ran = await run('echo x >/proc/cpuinfo; umount /proc/cpuinfo; cat /proc/cpuinfo')
  t.equal(readFileSync(answer(), 'latin1'), 'cpu model\t: of the target\n', ran.stderr)
})

t.test(
  'a user namespace in the session may have a /proc of its own all the same',
  IS_ROOT ? {skip: "none may, where the session's root is the host's"} : {},
  async t => {
    const ran = await run('cat /proc/cpuinfo; unshare --user --map-root-user --pid --fork --mount-proc sh -c "echo \\$\\$"')
    t.match(ran, {exitCode: 0, stdout: 'cpu model\t: of the target\n1\n'}, ran.stderr)
  },
)

t.test('it is kept as long as its twin set is', async t => {
  const remove = (...args: string[]) => xbuildIn(data, ['remove', ...args], {cwd: '/'})
  const [key] = kept()
  t.equal((await remove('--unused')).exitCode, 0)
  t.same(kept(), [key])
  t.match(await remove('--unused', PROFILE), {exitCode: 0, stderr: new RegExp(join(processors, String(key)))})
  t.same(kept(), [])
})

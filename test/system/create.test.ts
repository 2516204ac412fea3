import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {parseElf} from '../../lib/core/elf/header.js'
import {appears, DATA, PROFILE, scratch, xbuild} from './rig.js'

/** e_machine of the host, <elf.h> EM_X86_64. */
const HOST_MACHINE = 62

t.test('an environment is made from nothing', async t => {
  const names = (await xbuild(['list', '--json'])).stdout
  if (!JSON.parse(names).some((entry: {name: string}) => entry.name === PROFILE)) {
    const made = await xbuild(['create', PROFILE, '--verbose'])
    if (made.exitCode !== 0) return t.bailout(`it cannot be made: ${made.stderr}`) // all other tests need it
    t.match(made.stderr, /created environment mips64el/)
    t.match(made.stderr, /native from now on: .*\bbash\b.*\bdpkg\b.*\bperl-base\b/, 'the root was installed by native programs')
  }
  const listed = JSON.parse((await xbuild(['list', '--json'])).stdout)
  t.match(listed, [{name: PROFILE, profile: PROFILE, suite: 'bookworm'}])
})

t.test('a second environment of the same content needs nothing made or fetched, and its name is taken then', async t => {
  const made = await xbuild(['create', PROFILE, '--name', 'second'])
  t.equal(made.exitCode, 0, made.stderr)
  t.notMatch(made.stderr, /\b(making|made) the/)
  const again = await xbuild(['create', PROFILE, '--name', 'second'])
  t.equal(again.exitCode, 125)
  t.match(again.stderr, /environment "second" already exists\n {2}choose another with --name/)
  const copy = await xbuild(['clone', 'second', 'third'])
  t.equal(copy.exitCode, 0, copy.stderr)
  t.equal((await xbuild(['remove', 'second', 'third'])).exitCode, 0)
  t.notMatch((await xbuild(['list'])).stdout, /second|third/)
})

t.test('a clone has what the first has, and neither sees what the other changes then', async t => {
  await xbuild(['create', PROFILE, '--name', 'first'])
  const change = (name: string, script: string) => xbuild(['run', name, '--', 'sh', '-c', script])
  await change('first', 'echo both > /root/both')
  await xbuild(['clone', 'first', 'copy'])
  await change('first', 'rm /root/both; echo first > /root/mine')
  await change('copy', 'echo copy > /root/mine')
  t.equal((await change('first', 'cat /root/mine; ls /root')).stdout, 'first\nmine\n')
  t.equal((await change('copy', 'cat /root/mine; cat /root/both')).stdout, 'copy\nboth\n')
  t.equal((await xbuild(['remove', 'first', 'copy'])).exitCode, 0)
})

t.test('an environment is copied while an ephemeral session runs in it, and not while a lasting one does', async t => {
  await xbuild(['create', PROFILE, '--name', 'busy'])
  const run = (name: string, ...args: string[]) => xbuild(['run', name, ...args])
  await run('busy', '--', 'sh', '-c', 'echo kept > /root/kept; ln /root/kept /root/link; rm /etc/motd; chown 7:8 /root/kept')
  const directory = scratch(t)
  const wait = `echo mine > /root/kept; touch begun; while [ ! -e end ]; do sleep 0.1; done; cat /root/kept; ls /etc/motd`
  const session = async (kind: readonly string[], meanwhile: () => Promise<void>) => {
    const ends = xbuild(['run', 'busy', ...kind, '--', 'sh', '-c', wait], {cwd: directory})
    await appears(join(directory, 'begun'), ends)
    await meanwhile()
    writeFileSync(join(directory, 'end'), '')
    const ended = await ends
    for (const name of ['begun', 'end']) rmSync(join(directory, name))
    return ended
  }
  const ephemeral = await session(['--ephemeral'], async () => {
    const copied = await xbuild(['clone', 'busy', 'calm'])
    t.equal(copied.exitCode, 0, copied.stderr)
    const seen = await run('calm', '--', 'sh', '-c', 'cat /root/kept; stat -c "%u %g %h" /root/link; ls /etc/motd')
    t.match(seen, {stdout: 'kept\n7 8 2\n', stderr: /No such file/}, seen.stderr)
    await run('calm', '--', 'sh', '-c', 'echo other > /root/kept')
  })
  t.match(ephemeral, {stdout: 'mine\n', stderr: /No such file/}, 'the session goes on as it was')
  t.equal((await run('busy', '--', 'cat', '/root/kept')).stdout, 'kept\n')
  await session([], async () => {
    const refused = await xbuild(['clone', 'busy', 'third'])
    t.match(refused, {
      exitCode: 125,
      stderr: /is in use by another session: .*\n {2}what it changes would change .*: wait for it to end, .*\n$/,
    })
  })
  t.equal((await xbuild(['remove', 'busy', 'calm'])).exitCode, 0)
})

t.test('nothing is left of the making, and of the emulators there is the one that is needed', async t => {
  const {rootTree, twinTree} = JSON.parse((await xbuild(['info', PROFILE, '--json'])).stdout)
  t.same(readdirSync(join(rootTree, '..')).sort(), ['root.json', 'tree'])
  t.same(readdirSync(join(twinTree, '..')).sort(), ['first-twins', 'tree', 'twins.json'])
  t.same(
    readdirSync(join(twinTree, 'usr/bin')).filter(name => name.startsWith('qemu-')),
    ['qemu-mips64el-static'],
  )
  t.same(
    readdirSync(join(rootTree, 'var/cache/apt/archives')).filter(name => name.endsWith('.deb')),
    [],
  )
})

t.test('the root holds no program of the host', async t => {
  const {rootTree} = JSON.parse((await xbuild(['info', PROFILE, '--json'])).stdout)
  const found: string[] = []
  let seen = 0
  const look = (directory: string) => {
    for (const entry of readdirSync(directory, {withFileTypes: true})) {
      const path = join(directory, entry.name)
      try {
        if (entry.isDirectory()) look(path)
        if (!entry.isFile()) continue
        seen++
        if (parseElf(readFileSync(path).subarray(0, 64))?.machine === HOST_MACHINE) found.push(path)
      } catch (error) {
        // Some are for other users of the environment only, whom the kernel gives other ids out here.
        if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error
      }
    }
  }
  look(rootTree)
  t.ok(seen > 3000, `${seen} files`)
  t.same(found, [])
})

t.test('info says what runs native, and why something does not', async t => {
  const info = await xbuild(['info', PROFILE])
  t.match(info.stdout, /native, of the same version: .*\bbash\b.*\bsed\b/)
  t.match(info.stdout, /version skew .*gcc-12/)
  const {routing} = JSON.parse((await xbuild(['info', PROFILE, '--json'])).stdout)
  t.ok(routing.routes.length > 150, `${routing.routes.length} routes`)
})

t.test('a dry run makes nothing and prints commands', async t => {
  const dry = await xbuild(['create', 's390x', '--dry-run'], {variables: {XBUILD_ENV_DATA: join(DATA, 'dry')}})
  t.equal(dry.exitCode, 0)
  t.match(dry.stdout, /^mmdebstrap .*--architectures=s390x/m)
  t.throws(() => readdirSync(join(DATA, 'dry')))
})

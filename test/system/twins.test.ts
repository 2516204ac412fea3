import {copyFileSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'

/**
 * Environments of the test's own: of PROFILE as it is made, or all programs, with all packages that may have twins (a gigabyte
 * and half an hour): npm run test:twins.
 */
const isWide = process.env.XBUILD_TEST_TWINS === 'all'
const PROFILES = isWide ? [PROFILE, 'arm64'] : [PROFILE]
const NAME = (profile: string) => `starting-${profile}`
t.teardown(() => xbuild(['remove', ...PROFILES.map(NAME)]))

const asset = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const KINDS = asset('../../profiles/twins/')
const packagesOf = (file: string): string[] => JSON.parse(readFileSync(`${KINDS}${file}`, 'utf8')).packages ?? []
/** Modules of NSS are no programs, and bring services. */
const isModule = (name: string) => name.startsWith('libnss-')
const WIDE = [...readdirSync(KINDS).flatMap(packagesOf), 'gfortran', 'gobjc++', 'gnat', 'python3'].filter(name => !isModule(name))

/** Those of the packages that an environment's suite has; the rules name other suites', too. */
async function availableIn(name: string): Promise<string[]> {
  const {stdout} = await xbuild(['run', name, '--ephemeral', '--', 'sh', '-c', 'apt-get -qq update && apt-cache pkgnames'])
  const there = new Set(stdout.split('\n'))
  return WIDE.filter(wide => there.has(wide))
}
/** Of an environment as it is made, every third: all of them take three minutes. */
const PART = 3

const ARGUMENTS = ['--version', '--help', '--nothing']

/** Programs that do less under the emulator, and what that lacks. */
const LESS_EMULATED: Readonly<Record<string, string>> = {
  '/usr/bin/catman': 'it formats every manual page that there is, which an emulated one does not do in its time',
  '/usr/bin/dmesg': 'the emulator takes the address of the buffer of syslog(2) for its length: by it, EINVAL or the answer',
  '/usr/bin/lsns': 'the emulator does not know the requests by which namespaces are asked for, ioctl_nsfs(2)',
}

/** Compilers that are given nothing report what time and memory they took: how they end is compared. */
const TAKES_ITS_TIME = /\/(cc1\w*|lto1|f951|gnat1)$/

/** What starts others side by side that each say their version: the order of lines is nobody's. man 1 groff, -v */
const STARTS_OTHERS = ['/usr/bin/groff']

/** What skewed twins of compilers may differ in: Debian's revision, before or behind a stable update. */
const withoutRevision = (text: string, match: string) =>
  match === 'skewed' ? text.replace(/(\(Debian [\d.]+-\d+)\+deb\d+u\d+\)/g, '$1)') : text

t.test('every routed program starts as it does emulated', async t => {
  for (const profile of PROFILES)
    await t.test(profile, async t => {
      const name = NAME(profile)
      const created = await xbuild(['create', profile, '--name', name])
      t.equal(created.exitCode, 0, created.stderr)
      if (isWide) {
        const wide = await availableIn(name)
        t.ok(wide.length > 50, `${wide.length} packages`)
        const installed = await xbuild(['install', name, ...wide])
        t.equal(installed.exitCode, 0, installed.stderr)
      }
      const {routing} = JSON.parse((await xbuild(['info', name, '--json'])).stdout)
      const routes = (routing.routes as {path: string; match: string}[])
        .sort((a, b) => a.path.localeCompare(b.path))
        .filter((_, i) => isWide || i % PART === 0)
      const paths = routes.map(({path}) => path)
      t.ok(routing.routes.length > 150, `${routing.routes.length} programs`)

      const work = scratch(t)
      copyFileSync(asset('twins/start-each.sh'), join(work, 'start-each'))
      writeFileSync(join(work, 'list'), paths.join('\n'))
      const start = (mode: string, out: string) =>
        xbuild(['run', name, '--ephemeral', '--mode', mode, '--', 'sh', '-c', `exec sh ./start-each "$PWD/${out}" <list`], {cwd: work})
      // Once more hybrid: what differs there too is no difference of the modes.
      const hybrid = async () => [await start('hybrid', 'hybrid'), await start('hybrid', 'again')]
      const runs = (await Promise.all([hybrid(), start('emulated', 'emulated')])).flat()
      for (const {exitCode, stderr} of runs) t.equal(exitCode, 0, stderr)
      for (const [i, {path, match}] of routes.entries()) {
        for (const argument of ARGUMENTS) {
          const read = (out: string) => {
            const text = withoutRevision(readFileSync(join(work, out, `${i + 1}${argument}`), 'latin1'), match)
            if (STARTS_OTHERS.includes(path)) return text.split('\n').sort().join('\n')
            return argument === '--nothing' && TAKES_ITS_TIME.test(path) ? text.slice(text.lastIndexOf('\nended with')) : text
          }
          if (path in LESS_EMULATED) t.comment(`${path} ${argument}: ${LESS_EMULATED[path]}`)
          else if (read('hybrid') === read('again')) t.equal(read('hybrid'), read('emulated'), `${path} ${argument}`)
          else t.comment(`${path} ${argument}: not the same twice`)
        }
      }
    })
})

t.test('a database of gdbm whose keys have letters beyond ASCII is the same in both modes', async t => {
  for (const profile of PROFILES)
    await t.test(profile, {skip: !isWide && 'python has gdbm in a package of its own: npm run test:twins'}, async t => {
      const installed = await xbuild(['install', NAME(profile), 'python3-gdbm'])
      t.equal(installed.exitCode, 0, installed.stderr)
      const work = scratch(t)
      for (const name of ['gdbm.py', 'gdbm.pl']) copyFileSync(asset(`twins/${name}`), join(work, name))
      const run = async (mode: string, verb: string, of: string) => {
        const command = `python3 gdbm.py ${verb} ${of}.py && perl gdbm.pl ${verb} ${of}.pl`
        const {exitCode, stdout, stderr} = await xbuild(['run', NAME(profile), '--mode', mode, '--', 'sh', '-c', command], {cwd: work})
        t.equal(exitCode, 0, stderr)
        t.equal(stdout, '40\n40\n', `${mode} ${verb} ${of}`)
      }
      for (const mode of ['hybrid', 'emulated']) await run(mode, 'write', mode)
      for (const mode of ['hybrid', 'emulated']) for (const of of ['hybrid', 'emulated']) await run(mode, 'read', of)
    })
})

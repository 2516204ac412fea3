import {mkdirSync, readdirSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {IS_ROOT} from './data.js'
import {DATA, scratch, xbuild} from './rig.js'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const MACHINE = fileURLToPath(new URL('packaged/machine', import.meta.url))

/** What a stock machine has to have, beside node: README, "Install". */
const NEEDED = 'mmdebstrap,uidmap,gpg,gpgv,xz-utils,debian-archive-keyring,ca-certificates'

const AS_ROOT = IS_ROOT ? {} : {skip: 'only root can make a machine of a root'}

/** A root of Debian 12 with those, and the compilers that the machine takes out again. */
async function machineRoot(): Promise<string> {
  const created = await xbuild(['create', 'amd64', '--name', 'packaged', '--include', NEEDED])
  if (created.exitCode !== 0) throw new Error(created.stderr)
  const {stdout} = await xbuild(['info', 'packaged', '--json'])
  return join(DATA, 'roots', JSON.parse(stdout).root, 'tree')
}

const root = IS_ROOT ? await machineRoot() : ''

const inMachine = (root: string, directory: string, script: string) =>
  execa('unshare', ['--mount', '--pid', '--fork', '--propagation', 'private', MACHINE, root, directory, script], {reject: false, all: true})

/** From nothing to a program of another CPU. */
const FIRST_HELLO = (program: string, data: string) => `export XBUILD_ENV_DATA=${data}
${program} doctor
${program} create mips64el
printf '#include <stdio.h>\\nint main(void) { puts("hello"); return 0; }\\n' >${dirname(data)}/hello.c
cd ${dirname(data)}
${program} run mips64el -- sh -c 'gcc -O2 hello.c -o hello && ./hello && readelf -h hello'`

t.test('the npm package needs no compiler, and builds hello for another CPU', AS_ROOT, async t => {
  const directory = scratch(t)
  await execa('npm', ['pack', '--silent', '--pack-destination', directory], {cwd: PROJECT})
  const [tarball = ''] = readdirSync(directory)
  t.match(tarball, /^xbuild-env-\d+\.\d+\.\d+\.tgz$/)
  const prefix = join(directory, 'prefix')
  await execa('npm', ['install', '--global', '--silent', '--prefix', prefix, join(directory, tarball)])
  mkdirSync(join(directory, 'data'))
  const {exitCode, all} = await inMachine(root, directory, FIRST_HELLO(join(prefix, 'bin/xbuild-env'), join(directory, 'data')))
  t.equal(exitCode, 0, all)
  t.match(all, /^hello$/m)
  t.match(all, /Machine: +MIPS/)
})

t.test('the Debian package has the program, its manual and completions, and works', AS_ROOT, async t => {
  const directory = scratch(t)
  const {stdout} = await execa('npm', ['run', '--silent', 'package:deb', '--', directory], {cwd: PROJECT})
  const deb = stdout.trim()
  const {stdout: files} = await execa('dpkg-deb', ['--contents', deb])
  for (const file of [
    'bin/xbuild-env',
    'bin/autopkgtest-virt-xbuild',
    'share/man/man1/xbuild-env.1.gz',
    'share/bash-completion/completions/xbuild-env',
  ]) {
    t.match(files, new RegExp(`\\./usr/${file}( ->|$)`, 'm'), file)
  }
  const script = `dpkg --force-depends --install ${deb} && xbuild-env --version && xbuild-env profiles | head -n 3`
  const {exitCode, all} = await inMachine(root, directory, script)
  t.equal(exitCode, 0, all)
  t.match(all, /^\d+\.\d+\.\d+$/m)
})

t.teardown(() => xbuild(['remove', 'packaged'], {variables: {XBUILD_ENV_DATA: DATA}}))

import {copyFileSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {asMaker} from './data.js'
import {plainVariables, scratch, xbuild} from './rig.js'

/** CPUs that a suite has only a cross compiler for; the first one of all bits and byte orders that these tests know. */
const PROFILES = (process.env.XBUILD_TEST_CROSS ?? 'mips64,powerpc').split(',').filter(Boolean)

const FIXTURES = fileURLToPath(new URL('cross/', import.meta.url))
const FETCH = fileURLToPath(new URL('../../bin/fetch-source', import.meta.url))

/** What `check.sh` prints for a machine. */
const expected = ({uname, bits, endian}: {uname: string; bits: number; endian: string}) =>
  `${uname}\n10000 ${bits} bits ${endian}\ncaught: thrown by a library\n10000 ${bits} bits ${endian}\n`

const inside = (name: string, script: string, cwd: string) => xbuild(['run', name, '--ephemeral', '--', 'sh', '-c', script], {cwd})

for (const name of PROFILES) {
  t.test(`${name}, a CPU without an archive`, async t => {
    const created = await xbuild(['create', name])
    t.equal(created.exitCode, 0, created.stderr)
    const profile = JSON.parse((await xbuild(['profiles', name, '--json'])).stdout)
    const {rootTree} = JSON.parse((await xbuild(['info', name, '--json'])).stdout)

    t.test('threads, exceptions and a shared library are built and run', async t => {
      const work = scratch(t)
      for (const file of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, file), join(work, file))
      const built = await inside(name, 'sh ./check.sh', work)
      t.equal(built.stderr, '')
      t.equal(built.stdout, expected(profile))
      t.equal(built.exitCode, 0)
    })

    t.test('no file of the root is a program of the host', async t => {
      const find = `find '${rootTree}' -xdev -type f -size +51c -exec sh -c 'for file; do head -c 20 "$file" | od -An -tx1 | tr -d "\\n"; echo " $file"; done' sh {} +`
      const {stdout} = await asMaker(['sh', '-c', find])
      const programs = stdout.split('\n').filter(line => line.startsWith(' 7f 45 4c 46'))
      t.ok(programs.length > 100, `${programs.length} programs`)
      t.same(programs.filter(line => / 02 01 01 (\w\w ){9}\w\w \w\w 3e 00 /.test(line)), [])
    })

    t.test('the compiler and the tools say that they are the target’s own', async t => {
      const said = await inside(
        name,
        'gcc -dumpmachine; dpkg --print-architecture; bash -c \'echo $MACHTYPE\'; gcc -print-file-name=libc.so.6; dpkg --audit; grep -rl x86_64 /etc /usr/bin /var/lib/dpkg || true',
        scratch(t),
      )
      t.equal(
        said.stdout,
        `${profile.triple}\n${profile.architecture}\n${profile.machine}\n/lib/${profile.triple}/libc.so.6\n`,
        said.stderr,
      )
    })

    t.test('a program without a build for the CPU says so where it would have to be emulated', async t => {
      const run = await xbuild(['run', name, '--ephemeral', '--mode', 'emulated', '--', 'sed', '--version'], {cwd: scratch(t)})
      t.equal(run.exitCode, 126)
      t.match(run.stderr, /sed has no build for this CPU yet.*\n.*xbuild-env userland/)
    })

    t.test('GNU hello is configured, built and passes its tests', async t => {
      const work = scratch(t)
      await execa(FETCH, [join(rootTree, 'etc/apt/sources.list'), 'hello', join(work, 'source')], {
        extendEnv: false,
        env: plainVariables(),
      })
      mkdirSync(join(work, 'hello'))
      const archive = readdirSync(join(work, 'source')).find(file => /\.orig\.tar\.\w+$/.test(file)) as string
      await execa('tar', ['-xf', join(work, 'source', archive), '-C', join(work, 'hello'), '--strip-components=1'])
      const built = await inside(name, './configure --disable-nls && make -j2 && make check && ./hello', join(work, 'hello'))
      t.equal(built.exitCode, 0, `${built.stdout.slice(-2000)}${built.stderr.slice(-2000)}`)
      t.match(built.stdout, /# PASS: +[1-9][\s\S]*# FAIL: +0[\s\S]*Hello, world!/)
    })
  })
}

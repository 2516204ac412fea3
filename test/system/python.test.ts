import {cpSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'
import {endsNative as programEndsNative} from './traced.js'

const FIXTURES = fileURLToPath(new URL('python', import.meta.url))

/** An environment of the test's own, with python and compiled modules in it. */
const NAME = 'python'

const run = (mode: 'hybrid' | 'emulated', cwd: string, script: string) =>
  xbuild(['run', NAME, '--ephemeral', '--mode', mode, '--', 'sh', '-c', script], {cwd})

const endsNative = (t: Parameters<typeof programEndsNative>[0], script: string) =>
  programEndsNative(t, 'python3.11', script, {environment: NAME, cwd: scratch(t)})

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
  const packages = ['meson', 'ninja-build', 'python3-dev', 'python3-setuptools', 'python3-venv', 'python3-yaml']
  const installed = await xbuild(['install', NAME, ...packages])
  if (installed.exitCode !== 0) throw new Error(installed.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))

t.test('python says the same of itself, of modules and of the machine in both modes', async t => {
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const clean = 'rm -rf v pack __pycache__'
  const hybrid = await run('hybrid', work, `sh asks.sh 2>&1; ${clean}`)
  const emulated = await run('emulated', work, `sh asks.sh 2>&1; ${clean}`)
  t.match(hybrid.stdout, /linux-mips64.*\.cpython-311-mips64el-linux-gnuabi64\.so/)
  t.equal(hybrid.stdout, emulated.stdout)
  t.notMatch(hybrid.stdout, /x86_64/)
})

t.test('any script runs native, but one that asks for what may differ, one from standard input, and tests', async t => {
  t.ok(await endsNative(t, "python3 -I -c 'pass'"))
  t.ok(await endsNative(t, "python3 -c 'import yaml'"))
  t.ok(await endsNative(t, 'touch module.so; meson --version'), 'a program that imports nothing of what lies there')
  for (const script of [
    "python3 -c 'import math'",
    "python3 -c 'import ctypes'",
    "python3 -c 'import signal'",
    `python3 -c 'import sysconfig; sysconfig.get_config_var("EXT_SUFFIX")'`,
    `echo 'def build(setup): setup(ext_modules=[])' >mine.py; python3 -c 'import mine'`,
    'echo pass >script; python3 <script',
    'echo pass >test.py; python3 -m unittest',
    'touch module.so; python3 -c pass',
  ]) {
    t.notOk(await endsNative(t, script), script)
  }
})

t.test("what maintainers' scripts run is native while packages come, too, and compiles the same; anything else is emulated", async t => {
  const work = scratch(t)
  const comes = 'touch /var/lib/dpkg/status'
  t.ok(await endsNative(t, `${comes}; python3 -E -m py_compile - </dev/null`))
  t.notOk(await endsNative(t, `${comes}; python3 -I -c pass`))
  t.notOk(await endsNative(t, 'touch /var/lib/dpkg/updates/0001; python3 -I -c pass'), 'dpkg is at work')
  const compile = `${comes}; cd /usr/lib/python3/dist-packages/yaml; py3clean -p python3-yaml; ls; py3compile -p python3-yaml; sha256sum __pycache__/*`
  const [hybrid, emulated] = [await run('hybrid', work, compile), await run('emulated', work, compile)]
  t.match(hybrid.stdout, /__init__\.cpython-311\.pyc/, hybrid.stderr)
  t.equal(hybrid.stdout, emulated.stdout)
})

t.test('a compiled module that the session builds is found, tested and installed, as if all were emulated', async t => {
  const script = `python3 setup.py -q build && PYTHONPATH=$(echo build/lib*) python3 -c 'import foo; print(foo.add(1, 2), foo.__file__)' &&
    python3 setup.py -q build_ext --inplace && python3 -c 'print("begun", flush=True); import foo; print(foo.add(1, 2))' &&
    python3 -m unittest -q 2>/dev/null && python3 setup.py -q install --root=$PWD/image && find image build -type f | sort`
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const clean = 'rm -rf build image *.so *.egg-info __pycache__'
  const hybrid = await run('hybrid', work, `${script}; ${clean}`)
  const emulated = await run('emulated', work, `${script}; ${clean}`)
  t.match(hybrid.stdout, /^3 .*\.cpython-311-mips64el-linux-gnuabi64\.so\nbegun\n3\n/, hybrid.stderr)
  t.equal(hybrid.stdout, emulated.stdout)
})

t.test('a program imports what it has built itself', async t => {
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const script = `import subprocess, sys, sysconfig
v = sysconfig.get_config_vars()
subprocess.check_call(['gcc', '-shared', '-fPIC', '-I' + sysconfig.get_path('include'), 'foo.c', '-o', 'foo' + v['EXT_SUFFIX']])
sys.path.insert(0, '.')
import foo
print(foo.add(1, 2), foo.__file__)
`
  writeFileSync(join(work, 'own.py'), script)
  for (const mode of ['hybrid', 'emulated'] as const) {
    const ran = await run(mode, work, 'python3 own.py; rm foo.*.so')
    t.match(ran, {exitCode: 0, stdout: /^3 .*foo\.cpython-311-mips64el-linux-gnuabi64\.so\n/}, `${mode}: ${ran.stderr}`)
  }
})

t.test('a program that has begun is not run twice', async t => {
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const late = (rest: string) => `python3 -c 'import os; os.mkdir("begun"); c = __import__("cty" + "pes"); ${rest}'; echo $?; rmdir begun`
  for (const [rest, why] of [
    ['c.CDLL("libc.so.6")', 'it opens libc\\.so\\.6'],
    ['c.CDLL(None).getpid()', 'it looks for getpid'],
  ] as const) {
    const hybrid = await run('hybrid', work, late(rest))
    t.match(hybrid, {stdout: '126\n', stderr: new RegExp(`${why}\\n {2}run this with --mode emulated\\n$`)})
    t.match(await run('emulated', work, late(rest)), {stdout: '0\n'})
  }
  const harmless = late('print(c.sizeof(c.c_long), c.sizeof(c.c_longdouble), c.c_int.from_buffer_copy(b"1234"))')
  const hybrid = await run('hybrid', work, harmless)
  t.match(hybrid, {stdout: /^8 16 c_int\(875770417\)\n0\n$/}, hybrid.stderr)
  t.equal((await run('emulated', work, harmless)).stdout, hybrid.stdout)
})

t.test('meson runs native, and finds the same machine', async t => {
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const script = 'meson setup build && meson test -C build | grep ^Ok && cat build/config.h; rm -rf build'
  const hybrid = await run('hybrid', work, script)
  const emulated = await run('emulated', work, script)
  t.match(hybrid.stdout, /Host machine cpu: mips64\n/)
  t.equal(hybrid.stdout, emulated.stdout)
  t.match(hybrid.stdout, /Ok: +1/)
})

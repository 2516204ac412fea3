import {cpSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {EXECUTED} from './outside.js'
import {PROFILE, scratch, xbuild} from './rig.js'
import {endsNative} from './traced.js'

const FIXTURES = fileURLToPath(new URL('perl', import.meta.url))

/** An environment of the test's own, with a compiled module in it. */
const NAME = 'perl-modules'

const run = (mode: 'hybrid' | 'emulated', cwd: string, argv: readonly string[], environment = PROFILE) =>
  xbuild(['run', environment, '--ephemeral', '--mode', mode, '--', ...argv], {cwd})

t.teardown(() => xbuild(['remove', NAME]))

t.test('perl says the same of itself, of modules and of the machine in both modes', async t => {
  const work = scratch(t)
  cpSync(FIXTURES, work, {recursive: true})
  const [hybrid, emulated] = [await run('hybrid', work, ['sh', 'asks.sh']), await run('emulated', work, ['sh', 'asks.sh'])]
  t.equal(hybrid.exitCode, 0, hybrid.stderr)
  t.match(hybrid.stdout, /archname='mips64el-linux-gnuabi64-thread-multi'/)
  t.equal(hybrid.stdout, emulated.stdout)
  t.equal(hybrid.stderr, emulated.stderr)
})

t.test('where perl has its base modules alone, it is native too', async t => {
  const work = scratch(t)
  const script = `rm -r /usr/share/perl/5.*; perl -e 'use strict; use POSIX (); print +(POSIX::uname())[4], "\n"; sleep 9'`
  const {stdout, stderr} = await run('hybrid', work, ['bash', '-c', `${EXECUTED}; ${script} & sleep 2; executed $!; kill $!`])
  t.match(stdout, /\/usr\/bin\/perl/, stderr)
})

t.test('any script runs native, but one from standard input', async t => {
  t.ok(await endsNative(t, 'perl', 'perl -MList::Util=sum -e 1'))
  t.notOk(await endsNative(t, 'perl', 'echo 1 | perl'))
  t.notOk(await endsNative(t, 'perl', 'perl -T -e 1'))
  t.notOk(await endsNative(t, 'perl', `perl -e 'require "syscall.ph" if @ARGV'`))
})

t.test('a script whose first line names another program is run by that, with the words that perl was given', async t => {
  const work = scratch(t)
  const scripts: Record<string, string> = {
    plain: '#!/bin/sh\necho "$0" "$@"\n',
    option: `#! /bin/sh -u \necho "$0" "$@" "$1-unset"\n`,
    last: '#!/bin/cat -n\nhere\n',
    missing: '#!/no/such/program\n',
    rubbish: '#!/bin/cat\n#!/usr/bin/perl\nprint "perl @ARGV\\n";\n',
    own: '#!/usr/bin/perl -l\nprint "perl @ARGV";\n',
  }
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(work, name), text)
  const each = Object.keys(scripts).map(name => `perl ./${name} a "b c"; echo "$?"`)
  const more = [
    'perl -w plain a',
    'perl -xw rubbish a',
    'perl -c plain',
    'perl -MList::Util=max plain -x',
    'echo ok 1 >ok; prove -e cat ok | grep -v ^Files',
  ]
  const asked = ['sh', '-c', [...each, ...more].join('; ')]
  const [hybrid, emulated] = [await run('hybrid', work, asked), await run('emulated', work, asked)]
  t.match(hybrid.stdout, /^\.\/plain a b c\n0\n/)
  t.equal(hybrid.stdout, emulated.stdout)
  t.equal(hybrid.stderr, emulated.stderr)
})

t.test('a debugger, which perl loads before anything else, finds its modules', async t => {
  const work = scratch(t)
  mkdirSync(join(work, 'Devel'))
  writeFileSync(join(work, 'Devel/Own.pm'), 'package Devel::Own; use Scalar::Util (); print "loaded\\n"; sub DB::DB {} 1;')
  const asked = 'PERL5OPT="-w -d:Own" perl -I. -e "print qq(done)"'
  t.match(await run('hybrid', work, ['sh', '-c', asked]), {exitCode: 0, stdout: 'loaded\ndone'}, 'by a variable')
  for (const option of ['-d:Own', '-wd:Own=a'])
    for (const mode of ['hybrid', 'emulated'] as const)
      t.match(
        await run(mode, work, ['perl', '-I.', option, '-e', 'print "done"']),
        {exitCode: 0, stdout: 'loaded\ndone'},
        `${option} ${mode}`,
      )
})

t.test("a system call by its number is the target's, also one that a module makes", async t => {
  const work = scratch(t)
  writeFileSync(join(work, 'script'), 'require "syscall.ph"; my $said = "said\\n"; syscall(&SYS_write, 1, $said, 5);')
  writeFileSync(join(work, 'Own.pm'), 'package Own; sub ask { return syscall(5038) } 1;') // getpid of mips64: asm/unistd.h
  for (const mode of ['hybrid', 'emulated'] as const) {
    t.match(await run(mode, work, ['perl', 'script']), {exitCode: 0, stdout: 'said\n'}, mode)
    t.match(await run(mode, work, ['perl', '-I.', '-e', 'require Own; exit(Own::ask() != $$)']), {exitCode: 0}, mode)
  }
})

t.test('perl works for other users, and with other effective ids than real ones', async t => {
  const work = scratch(t)
  const drop = (ids: string) => `${ids}; exec "perl", "-MPOSIX", "-e", "print qq(\\$< \\$> ), (POSIX::uname())[4]"`
  for (const [ids, wanted] of [
    ['$) = "65534 65534"; $> = $< = 65534', '65534 65534 mips64'],
    ['$> = 65534', '0 65534 mips64'],
  ] as const) {
    const result = await run('hybrid', work, ['perl', '-e', drop(ids)])
    t.equal(result.stdout, wanted, result.stderr)
  }
})

t.test('a module that is compiled in the session is built, tested and used', async t => {
  const work = scratch(t)
  cpSync(join(FIXTURES, 'Foo'), work, {recursive: true})
  const script =
    'perl Makefile.PL && make && make test && perl t/late.t && cd t && perl -I../blib/lib -I../blib/arch -MFoo -e "print Foo::add(2, 4)"'
  const built = await run('hybrid', work, ['sh', '-c', script])
  t.equal(built.exitCode, 0, built.stderr)
  t.match(built.stdout, /All tests successful/)
  t.match(built.stdout, /1\.\.1\nok 1\n6$/)
  t.notOk(await endsNative(t, 'perl', 'perl -Mblib -e 1', {cwd: work}), 'where such a module may be asked for')
})

t.test('a program that has begun is not run twice', async t => {
  const work = scratch(t)
  cpSync(join(FIXTURES, 'Foo'), join(work, 'Foo'), {recursive: true})
  const late = `$| = 1; print "begun\\n"; unshift @INC, "Foo/blib/lib", "Foo/blib/arch"; require Foo; print Foo::add(1, 1)`
  const built = await run('hybrid', work, ['sh', '-c', `(cd Foo && perl Makefile.PL && make) >/dev/null && perl -e '${late}'`])
  t.match(built, {exitCode: 126, stdout: 'begun\n', stderr: /Foo\.so has no twin\n {2}run this with --mode emulated\n$/})
  t.match(await run('emulated', work, ['perl', '-e', late]), {exitCode: 0, stdout: 'begun\n2'})
})

t.test("a package's compiled module works in the session that installs it, and runs native in the next", async t => {
  await xbuild(['create', PROFILE, '--name', NAME])
  const installed = await xbuild(['install', NAME, 'libxml-sax-expat-perl'])
  t.equal(installed.exitCode, 0, `${installed.stdout.slice(-1000)}${installed.stderr}`)
  const work = scratch(t)
  const use = 'perl -MXML::Parser -e \'XML::Parser->new(Handlers => {Start => sub { print "$_[1] " }})->parse("<a><b/></a>")\''
  t.match(await run('hybrid', work, ['sh', '-c', use], NAME), {exitCode: 0, stdout: 'a b '})
  t.match(await run('emulated', work, ['sh', '-c', use], NAME), {exitCode: 0, stdout: 'a b '})
  t.ok(await endsNative(t, 'perl', use, {environment: NAME}))
})

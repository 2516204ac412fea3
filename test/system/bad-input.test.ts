import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {ERROR, emptyData, xbuildIn} from './data.js'
import {PROFILE, scratch, xbuild} from './rig.js'

type Case = [what: string, args: string[], exitCode: number, error: RegExp]

const NAME_RULES = /\n {2}use letters, digits, dot, dash and underscore, at most 63, with a letter or digit first\n$/

const CASES: Case[] = [
  ['an unknown profile names the nearest', ['create', 'mips64ell'], 125, /no profile "mips64ell"\n {2}did you mean mips64el\?/],
  ['a profile unlike any names the list', ['create', 'vax'], 125, /no profile "vax"\n {2}"xbuild-env profiles" lists all/],
  ['a profile is no path', ['create', '../targets/arm64'], 125, /no profile "\.\.\/targets\/arm64"/],
  [
    'an unknown suite lists those that there are',
    ['create', PROFILE, '--suite', 'bokworm'],
    125,
    /has no suite "bokworm"\n {2}it has: bookworm/,
  ],
  [
    'an unknown environment names the nearest',
    ['run', 'mips64ell', '--', 'true'],
    125,
    /no environment "mips64ell"\n {2}did you mean mips64el\?/,
  ],
  ['info of an unknown environment', ['info', 'mips64ell'], 125, /no environment "mips64ell"/],
  ['remove of an unknown environment', ['remove', 'mips64ell'], 125, /no environment "mips64ell"/],
  ['clone of an unknown environment', ['clone', 'mips64ell', 'copy'], 125, /no environment "mips64ell"/],
  ['install into an unknown environment', ['install', 'mips64ell', 'm4'], 125, /no environment "mips64ell"/],
  ['an environment is no path', ['info', `../environments/${PROFILE}`], 125, /no environment "\.\.\/environments\/mips64el"/],
  ['an empty environment name', ['info', ''], 125, /no environment ""/],
  ['a name that is taken', ['create', PROFILE], 125, /environment "mips64el" already exists\n {2}choose another with --name/],
  ['a copy of a name that is taken', ['clone', PROFILE, PROFILE], 125, /environment "mips64el" already exists\n {2}choose another name/],
  ['a copy of a bad name', ['clone', PROFILE, 'a/b'], 2, /"a\/b" cannot be the name/],
  ['a shell that is none', ['completion', 'tcsh'], 2, /there is no shell "tcsh"\n {2}it may be bash, zsh, fish\n$/],
  [
    'a format that is none',
    ['activator', 'list', '--format', 'toml'],
    2,
    /--format toml: there is no such value\n {2}it may be binfmt\.d, binmiscctl, binfmts\n$/,
  ],
  ['remove of nothing', ['remove'], 2, /remove which environment\?\n {2}name one, or use --unused/],
  [
    'run without --',
    ['run', PROFILE, 'make', 'check'],
    2,
    /what is "make"\? put the command after --\n {2}xbuild-env run mips64el -- make check\n/,
  ],
  ['run without a command', ['run', PROFILE], 2, /which command\?\n {2}xbuild-env run ENV -- CMD/],
  ['run with nothing behind --', ['run', PROFILE, '--'], 2, /which command\?/],
  ['an unknown mode', ['run', PROFILE, '--mode', 'fast', '--', 'true'], 2, /--mode fast: there is no such mode\n {2}hybrid .* or emulated/],
  ['a bind of nothing', ['run', PROFILE, '--bind', '/no/such', '--', 'true'], 2, /--bind \/no\/such: \/no\/such does not exist\n/],
  ['a bind to a relative place', ['run', PROFILE, '--bind', '/tmp:there', '--', 'true'], 2, /"there" is not a path in the environment/],
  ['a bind over the whole root', ['run', PROFILE, '--bind', '/tmp:/', '--', 'true'], 2, /"\/" is not a path in the environment/],
  ['a bind of too many parts', ['run', PROFILE, '--bind', 'a:/b:ro:c', '--', 'true'], 2, /it is not SRC\[:DST\[:ro\]\]/],
  ['a bind of unknown access', ['run', PROFILE, '--bind', '/tmp:/x:wr', '--', 'true'], 2, /"wr" is neither ro nor rw/],
  ['a variable without a name', ['run', PROFILE, '--env', '=x', '--', 'true'], 2, /--env "=x": a variable has a name\n/],
  [
    'an export below a file',
    ['export', PROFILE, '/etc/passwd/x'],
    125,
    /\/etc\/passwd cannot be written \(ENOTDIR\)\n {2}name a file in a/,
  ],
  ['an unknown user', ['run', PROFILE, '--user', 'somebody', '--', 'true'], 125, /no user "somebody"\n {2}make one in it: .*useradd/],
  ['a directory that is not there', ['run', PROFILE, '--workdir', '/no/such', '--', 'true'], 125, /\/no\/such/],
  ['install of nothing', ['install', PROFILE], 2, /install which packages\?\n {2}name them: xbuild-env install mips64el PACKAGE/],
  ['a package name in capitals with an underscore', ['install', PROFILE, 'Foo_Bar'], 2, /"Foo_Bar" is not the name of a package/],
  ['an option for apt in place of a package', ['install', PROFILE, '--', '-oDir=/'], 2, /"-oDir=\/" is not the name of a package/],
  ['a path in place of a package', ['install', PROFILE, './local.deb'], 2, /".\/local\.deb" is not the name of a package/],
  [
    'a bad package name for a new root',
    ['create', PROFILE, '--name', 'new', '--include', 'm4,$(id)'],
    2,
    /"\$\(id\)" is not the name of a package/,
  ],
  [
    'a mirror without a scheme',
    ['create', PROFILE, '--name', 'new', '--mirror', 'mirror.example/debian'],
    2,
    /--mirror "mirror\.example\/debian" is not the address/,
  ],
  [
    'a whole sources.list line as mirror',
    ['create', PROFILE, '--name', 'new', '--mirror', 'deb [trusted=yes] http://x y main'],
    2,
    /is not the address/,
  ],
]

for (const [what, args, exitCode, error] of CASES) {
  t.test(what, async t => {
    const failed = await xbuild(args)
    t.equal(failed.exitCode, exitCode, failed.stderr)
    t.match(failed.stderr, error)
    t.match(failed.stderr.replace(/^xbuild-env: \/.* is not shown in the session\n/m, ''), ERROR)
    t.equal(failed.stdout, '')
  })
}

for (const name of ['a/b', '-a', '.a', '..', '', 'a b', 'a:b', 'a\nb', 'ä', 'a'.repeat(64)]) {
  t.test(`${JSON.stringify(name)} is no name for an environment`, async t => {
    const failed = await xbuild(['create', PROFILE, `--name=${name}`])
    t.equal(failed.exitCode, 2)
    t.match(failed.stderr, NAME_RULES)
  })
}

for (const [args, error] of [
  [['lst'], /^xbuild-env: unknown command 'lst'\n {2}did you mean one of list, ls\?\n$/],
  [['frobnicate'], /^xbuild-env: unknown command 'frobnicate'\n {2}.*--help.*\n$/],
  [['create', PROFILE, '--nam', 'x'], /^xbuild-env: unknown option '--nam'\n {2}did you mean --name\?\n$/],
  [['create'], /missing required argument 'profile'/],
  [['clone', PROFILE], /missing required argument 'new'/],
  [['create', PROFILE, 'more'], /too many arguments|unexpected/i],
] as [string[], RegExp][]) {
  t.test(`${args.join(' ')}: the command line is wrong`, async t => {
    const failed = await xbuild(args)
    t.equal(failed.exitCode, 2)
    t.match(failed.stderr, error)
  })
}

t.test('what was given wrongly has made nothing', async t => {
  const names = JSON.parse((await xbuild(['list', '--json'])).stdout).map((entry: {name: string}) => entry.name)
  t.notMatch(names, ['new'])
  t.ok(names.includes(PROFILE))
})

t.test('without an environment, commands say how to make one', async t => {
  const data = emptyData(t)
  const listed = await xbuildIn(data, ['list'])
  t.match(listed, {exitCode: 0, stdout: '', stderr: 'no environments yet\n  make one: xbuild-env create mips64el\n'})
  t.equal((await xbuildIn(data, ['list', '--json'])).stdout, '[]\n')
  t.match(await xbuildIn(data, ['run', '--', 'true']), {exitCode: 125, stderr: /there is no environment yet\n {2}make one/})
  t.match(await xbuildIn(data, ['info', 'x']), {exitCode: 125, stderr: /there is no environment "x"\n {2}make one/})
  t.same(readdirSync(data), [], 'looking makes nothing')
})

t.test('a command that is not in the environment, or is no program', async t => {
  const directory = scratch(t)
  const inside = (...argv: string[]) => xbuild(['run', PROFILE, '--ephemeral', '--', ...argv], {cwd: directory})
  t.match(await inside('no-such-command'), {
    exitCode: 127,
    stderr: /no-such-command: not found in the environment "mips64el"\n {2}(install|no package)/,
  })
  t.match(await inside('/etc/passwd'), {exitCode: 126, stderr: /\/etc\/passwd: may not be executed/})
  t.match(await inside(join(directory, 'missing')), {exitCode: 127})
  t.match(await inside('sh', '-c', 'exit 99'), {exitCode: 99, stderr: ''})
})

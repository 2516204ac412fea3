import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {ERROR} from './data.js'
import {build, configuration, sourceTree} from './project.js'
import {PROFILE, scratch} from './rig.js'

const OUT = join('out', PROFILE)
const manifest = (...paths: unknown[]) => JSON.stringify({artifacts: paths.map(path => ({path}))})

t.test('out/TARGET that is a link to a directory of the user: nothing in there is written or removed', async t => {
  const precious = scratch(t)
  writeFileSync(join(precious, 'made'), 'precious')
  writeFileSync(join(precious, 'manifest.json'), manifest('other'))
  writeFileSync(join(precious, 'other'), 'precious too')
  for (const place of ['out', OUT]) {
    const tree = sourceTree(t, configuration({build: 'echo made >made'}, {artifacts: ['made']}))
    mkdirSync(join(precious, PROFILE), {recursive: true})
    if (place === OUT) mkdirSync(join(tree, 'out'))
    symlinkSync(precious, join(tree, place))
    const built = await build(tree)
    t.match(built, {exitCode: 125, stderr: /the artifacts cannot be copied to [^\n]* \(ENOTDIR\)\n {2}[^\n]+\n/}, place)
    t.equal(readFileSync(join(precious, 'made'), 'utf8'), 'precious')
    t.equal(readFileSync(join(precious, 'other'), 'utf8'), 'precious too')
    t.same(readdirSync(join(precious, PROFILE)), [])
  }
})

t.test('a planted manifest removes nothing beyond out/TARGET, and no directory', async t => {
  const tree = sourceTree(t, {
    precious: 'mine',
    'out/precious': 'mine',
    [`${OUT}/old`]: '',
    [`${OUT}/kept/file`]: '',
    ...configuration({build: 'echo made >made'}, {artifacts: ['made']}),
  })
  const elsewhere = scratch(t)
  writeFileSync(join(elsewhere, 'x'), 'mine')
  symlinkSync(elsewhere, join(tree, OUT, 'link'))
  const paths = ['../../precious', '../precious', join(elsewhere, 'x'), 'link/x', 'old', 'kept', '.', '..', '', 'a\0b', 7, null, {}]
  writeFileSync(join(tree, OUT, 'manifest.json'), manifest(...paths))
  t.match(await build(tree), {exitCode: 0})
  for (const path of ['precious', 'out/precious', `${OUT}/kept/file`, `${OUT}/made`]) t.ok(existsSync(join(tree, path)), path)
  t.ok(existsSync(join(elsewhere, 'x')))
  t.notOk(existsSync(join(tree, OUT, 'old')))
  for (const text of ['null', '[]', '{"artifacts":{}}', '{"artifacts":[null]}', 'x']) {
    writeFileSync(join(tree, OUT, 'manifest.json'), text)
    t.match(await build(tree), {exitCode: 0}, text)
  }
})

t.test('a directory among the artifacts that is a link in out is not followed', async t => {
  const tree = sourceTree(t, configuration({build: 'mkdir -p d; echo made >d/x'}, {artifacts: ['d/x']}))
  const precious = scratch(t)
  writeFileSync(join(precious, 'x'), 'precious')
  mkdirSync(join(tree, OUT), {recursive: true})
  symlinkSync(precious, join(tree, OUT, 'd'))
  t.match(await build(tree), {exitCode: 125, stderr: /the artifacts cannot be copied/})
  t.equal(readFileSync(join(precious, 'x'), 'utf8'), 'precious')
})

t.test('what a build leaves in the place of an artifact is a file or a link of the view, or named', async t => {
  const secret = join(scratch(t), 'secret')
  writeFileSync(secret, 'secret')
  const artifacts = async (script: string, ...names: string[]) =>
    build(sourceTree(t, configuration({build: script}, {artifacts: names})), [], {timeout: 100_000})
  t.match(await artifacts('mkfifo made', 'made'), {exitCode: 1, stderr: /made is neither a file nor a link\n/})
  t.match(await artifacts(`ln -s ${secret} made`, 'made'), {exitCode: 1, stderr: /made leads out of the tree, to /})
  t.match(await artifacts(`ln -s ${join(secret, '..')} d`, 'd/secret'), {exitCode: 1, stderr: /d is a symbolic link/})
  t.match(await artifacts('ln -s made made', 'made'), {exitCode: 0}, 'a link within the tree is copied as one')
})

t.test('a program of the environment that the build has changed does not take part in taking its artifacts', async t => {
  const tree = sourceTree(
    t,
    configuration(
      {
        build:
          'echo made >made; for p in sleep sh; do printf "#!/usr/bin/perl\\nunlink q(made); symlink q(/etc/shadow), q(made); sleep 1000\\n" >/tmp/$p; chmod 755 /tmp/$p; done; cp /tmp/sleep /usr/bin/sleep',
      },
      {artifacts: ['made']},
    ),
  )
  const built = await build(tree, [], {timeout: 200_000})
  t.match(built, {exitCode: 0})
  t.equal(readFileSync(join(tree, OUT, 'made'), 'utf8'), 'made\n')
})

t.test('a directory that a build removed and made anew has only what the build put there', async t => {
  const tree = sourceTree(t, {
    'd/old': 'old',
    'gone/x': '',
    ...configuration({build: 'rm -rf d gone; mkdir d; echo new >d/new'}, {artifacts: ['d/**']}),
  })
  t.match(await build(tree), {exitCode: 0})
  t.same(readdirSync(join(tree, OUT, 'd')), ['new'])
})

t.test('results of tests that are no files, or endless, are none', async t => {
  const script =
    'mkfifo a.trs b.sum; ln -s /dev/zero c.trs; truncate -s 1T d.sum; ln -s /etc/passwd e.trs; printf ":test-result: FAIL\\n" >f.trs; mkfifo f.log'
  const built = await build(sourceTree(t, configuration({test: script})), ['--json'], {timeout: 100_000})
  t.match(built, {exitCode: 0})
  t.match(JSON.parse(built.stdout).targets[0].steps[0].tests, [{name: 'f', result: 'failed'}])
})

t.test('dpkg as a build left it in its environment: a FIFO in its place is told', async t => {
  const tree = sourceTree(
    t,
    configuration({build: 'echo made >made; rm /var/lib/dpkg/status; mkfifo /var/lib/dpkg/status'}, {artifacts: ['made']}),
  )
  const built = await build(tree, [], {timeout: 100_000})
  t.match(built, {exitCode: 125, stderr: /the environment's \/var\/lib\/dpkg\/status is not a regular file\n {2}[^\n]+\n/})
  t.match((await build(tree, ['--dry-run'])).stderr, '')
})

t.test('a .gitignore that is a FIFO is none', async t => {
  const tree = sourceTree(t, configuration({build: 'mkfifo .gitignore; echo made'}, {'in-place': true}))
  t.match(await build(tree), {exitCode: 0})
  t.match(await build(tree, ['--watch']), {exitCode: 2, stderr: ERROR})
})

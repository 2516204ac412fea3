import {existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {proxyVariables, removeTree, runAsMaker, writeOut} from '../../../lib/host/maker.js'
import {processesWith} from '../../../lib/host/processes.js'
import {importing, nodeArguments, outputOf, until, withVariables} from '../other-process.js'
import {refusal} from '../refusal.js'

const IS_ROOT = process.getuid?.() === 0

/** With mounts of its own, and all ids that sessions need. */
const MOUNTING = ['unshare', ...(IS_ROOT ? [] : ['--user', '--map-root-user', '--map-auto']), '--mount']

t.test('a maker says how its program ended, and keeps the last lines that it printed', async t => {
  const lines: string[] = []
  const script = 'i=0; while [ $i -lt 40 ]; do i=$((i + 1)); echo $i; echo; done; echo wrong >&2; exit 7'
  const {exitCode, tail} = await runAsMaker(['sh', '-c', script], {onLine: line => void lines.push(line)})
  t.equal(exitCode, 7)
  t.equal(lines.length, 41, 'empty ones are none')
  t.equal(tail.length, 30)
  t.same([...tail].sort(), [...lines].slice(-30).sort())
  t.ok(tail.includes('wrong'))
})

t.test('its program is root, with processes of its own, and sees none of the variables of a caller', async t => {
  withVariables(t, {XBUILD_UNIT_TEST: 'seen'})
  const {exitCode, tail} = await runAsMaker(['sh', '-c', 'id -u; readlink /proc/self/ns/pid; echo "[$XBUILD_UNIT_TEST]$TMPDIR$OWN"'], {
    variables: {OWN: 'own'},
  })
  t.equal(exitCode, 0)
  t.equal(tail[0], '0')
  t.match(tail[1], /^pid:/)
  t.not(tail[1], readlinkSync('/proc/self/ns/pid'))
  t.equal(tail[2], '[]/tmpown')
})

t.test('of variables that lead to a proxy those that are set go along', async t => {
  withVariables(t, {http_proxy: 'http://localhost:1'})
  t.equal(proxyVariables().http_proxy, 'http://localhost:1')
  t.same((await runAsMaker(['sh', '-c', 'echo "$http_proxy"'])).tail, ['http://localhost:1'])
  process.env.http_proxy = ''
  t.notOk('http_proxy' in proxyVariables())
})

t.test('a program that is not there is told with what to do', async t => {
  await t.rejects(
    runAsMaker(['no-such-program']),
    refusal('missing-program', {message: 'no-such-program is not installed', hint: 'apt-get install no-such-program'}),
  )
})

t.test('an interruption ends all that it started', async t => {
  const file = join(t.testdir({}), 'held')
  writeFileSync(file, '')
  const end = new AbortController()
  const running = runAsMaker(['sh', '-c', 'exec 7<"$1"; sleep 600 & sleep 601', 'sh', file], {signal: end.signal})
  await until(() => processesWith(file).filter(({argv}) => argv[0] === 'sleep').length === 2)
  end.abort(new Error('interrupted'))
  await t.rejects(running, {message: 'interrupted'})
  await until(() => processesWith(file).length === 0)
  await t.rejects(runAsMaker(['true'], {signal: end.signal}), {message: 'interrupted'})
})

t.test('a tree is removed whoever owns what is in it, and whatever nobody may write', async t => {
  const tree = join(t.testdir({}), '-rf tree')
  mkdirSync(tree)
  const script = `cd "$1" && mkdir -p closed/deep theirs && echo > closed/deep/file && chmod 0 closed/deep closed && echo > theirs/file && chown -R 1:1 theirs`
  t.same(await runAsMaker(['sh', '-c', script, 'sh', tree]), {exitCode: 0, tail: []})
  t.not(statSync(join(tree, 'theirs')).uid, process.getuid?.())
  await removeTree(tree)
  t.notOk(existsSync(tree))
  await removeTree(tree)
})

t.test('a link is removed, and not what it leads to', async t => {
  const directory = t.testdir({tree: {link: t.fixture('symlink', '../kept')}, kept: {file: 'kept'}})
  await removeTree(join(directory, 'tree'))
  t.equal(readFileSync(join(directory, 'kept/file'), 'utf8'), 'kept')
})

t.test('what is mounted in a tree is not removed with it', async t => {
  const tree = join(t.testdir({tree: {mount: {}, file: ''}}), 'tree')
  const script = `${importing('removeTree', 'host/maker')}
    await removeTree(process.argv[1]).catch(({reason, message}) => console.log(reason + ': ' + message.match(/skipping|busy|$/)[0]))
    console.log((await import('node:fs')).readdirSync(process.argv[1] + '/mount').join())`
  const shell = 'tree=$1; shift; mount -t tmpfs tmpfs "$tree/mount" && touch "$tree/mount/kept" && exec "$@" "$tree"'
  t.equal(await outputOf([...MOUNTING, 'sh', '-c', shell, 'sh', tree, ...nodeArguments(script)]), 'session-failed: skipping\nkept\n')
})

t.test('what cannot be removed is told', async t => {
  await t.rejects(removeTree('/proc/self/status'), refusal('session-failed', {message: /\/proc\/self\/status could not be removed: rm: /}))
})

t.test('files that are made by a maker belong to the user who runs it', {skip: IS_ROOT && 'root is itself'}, async t => {
  const directory = t.testdir({})
  await runAsMaker(['touch', join(directory, 'file')])
  t.equal(statSync(join(directory, 'file')).uid, process.getuid?.())
})

t.test('to have a tree on the disk takes a tree', async t => {
  const directory = t.testdir({file: ''})
  await writeOut(directory)
  await t.rejects(writeOut(join(directory, 'none')), refusal('session-failed', {message: /none could not be written to the disk: sync: /}))
})

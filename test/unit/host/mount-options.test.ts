import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import t from 'tap'
import {existingPart, isNoexec, requireExecutable} from '../../../lib/host/mount-options.js'
import {ALONE, importing, nodeArguments, outputOf} from '../other-process.js'

/** By findmnt(8): from the target of each mount to its options, of what can be looked at. */
const mounts = execFileSync('findmnt', ['--noheadings', '--raw', '--output', 'TARGET,OPTIONS'], {encoding: 'utf8'})
  .trim()
  .split('\n')
  .map(line => line.split(' ') as [string, string])

t.test('what would be made lies where the nearest directory is that is there', async t => {
  const directory = t.testdir({file: ''})
  t.equal(existingPart(directory), directory)
  t.equal(existingPart(join(directory, 'a/b/c')), directory)
  t.equal(existingPart('/none/such'), '/')
})

t.test('of each mount here it is known whether programs may be executed', async t => {
  const plain = mounts.filter(([target]) => /^[\w/.-]+$/.test(target))
  t.ok(plain.length > 1)
  for (const [target] of plain) {
    const options = plain.filter(([other]) => other === target).at(-1)?.[1] ?? ''
    t.equal(await isNoexec(join(target, 'none', 'there')).catch(() => 'cannot be told'), options.split(',').includes('noexec'), target)
  }
})

t.test('a mount counts for what lies below it, by whatever way it is named, and the last of several counts', async t => {
  const directory = t.testdir({'odd name': {}, beside: {}, 'odd name2': {}, link: t.fixture('symlink', 'odd name/sub')})
  const odd = join(directory, 'odd name')
  const script = `${importing('isNoexec', 'host/mount-options')}
    const said = {}
    for (const name of process.argv.slice(1)) said[name] = await isNoexec(name)
    console.log(JSON.stringify(said))`
  const names = [odd, join(odd, 'sub/none'), join(directory, 'link'), join(directory, 'odd name2'), join(directory, 'beside')]
  const mount =
    'mount -t tmpfs -o noexec tmpfs "$1" && mkdir "$1/sub" && mount -t tmpfs tmpfs "$2" && mount -t tmpfs -o noexec tmpfs "$2" && mount -t tmpfs tmpfs "$2"; shift 2; exec "$@"'
  const argv = [...ALONE, 'sh', '-c', mount, 'sh', odd, join(directory, 'beside'), ...nodeArguments(script), ...names]
  t.same(JSON.parse(await outputOf(argv)), {
    [names[0] as string]: true,
    [names[1] as string]: true,
    [names[2] as string]: true,
    [names[3] as string]: false,
    [names[4] as string]: false,
  })
})

t.test('data that no program can run from is refused, with what to do', async t => {
  const place = join(t.testdir({place: {}}), 'place')
  await requireExecutable(place)
  const script = `${importing('requireExecutable', 'host/mount-options')}
    await requireExecutable(process.argv[1]).catch(({reason, hint}) => console.log(reason, hint))`
  const shell = 'place=$1; shift; mount -t tmpfs -o noexec tmpfs "$place" && exec "$@" "$place/not/there"'
  t.match(await outputOf([...ALONE, 'sh', '-c', shell, 'sh', place, ...nodeArguments(script)]), /^unsupported-host keep the data elsewhere/)
})

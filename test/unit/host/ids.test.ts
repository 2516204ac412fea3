import {spawn} from 'node:child_process'
import {readFileSync, readlinkSync, writeFileSync} from 'node:fs'
import {text} from 'node:stream/consumers'
import t from 'tap'
import {idMap, readSubordinateFiles} from '../../../lib/host/ids.js'
import {ALONE, importing, nodeArguments, outputOf, until} from '../other-process.js'

const IS_ROOT = process.getuid?.() === 0
const mapFor = `${importing('idMap', 'host/ids')} console.log(JSON.stringify(await idMap()))`

t.test('root gives away the ids that it has itself, as many as Debian needs', {skip: !IS_ROOT && 'needs root'}, async t => {
  const {way, uids, gids} = await idMap()
  t.equal(way, 'direct')
  for (const [file, ranges] of [
    ['/proc/self/uid_map', uids],
    ['/proc/self/gid_map', gids],
  ] as const) {
    const own = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/).map(Number))
    for (const {inside, outside, count} of ranges) {
      t.equal(inside, outside)
      t.ok(own.some(([first = 0, , length = 0]) => first <= inside && inside + count <= first + length))
    }
    t.ok(ranges.reduce((sum, {count}) => sum + count, 0) <= 65536)
  }
})

t.test('a root that has one id gives that one away', async t => {
  t.same(JSON.parse(await outputOf([...ALONE, ...nodeArguments(mapFor)])), {
    way: 'direct',
    uids: [{inside: 0, outside: 0, count: 1}],
    gids: [{inside: 0, outside: 0, count: 1}],
  })
})

t.test(
  'of ids in several ranges each keeps its number, and none counts beyond those that are needed',
  {skip: !IS_ROOT && 'needs root'},
  async t => {
    const child = spawn('unshare', ['--user', 'sh', '-c', 'read line; exec "$@"', 'sh', ...nodeArguments(mapFor)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const own = readlinkSync('/proc/self/ns/user')
    await until(() => readlinkSync(`/proc/${child.pid}/ns/user`) !== own)
    writeFileSync(`/proc/${child.pid}/uid_map`, '0 0 10\n100 100 100000\n')
    writeFileSync(`/proc/${child.pid}/gid_map`, '0 0 70000\n')
    child.stdin.end('go on\n')
    const said = JSON.parse(String(await text(child.stdout)))
    t.same(said.uids, [
      {inside: 0, outside: 0, count: 10},
      {inside: 100, outside: 100, count: 65436},
    ])
    t.same(said.gids, [{inside: 0, outside: 0, count: 65536}])
  },
)

t.test("an ordinary user is the session's root, and gives away subordinate ids", {skip: IS_ROOT && 'root has all'}, async t => {
  const {way, uids, gids} = await idMap()
  t.equal(way, 'newuidmap')
  t.same(uids[0], {inside: 0, outside: process.getuid?.(), count: 1})
  t.same(gids[0], {inside: 0, outside: process.getgid?.(), count: 1})
  t.match(uids[1], {inside: 1, count: 65535})
})

/** With files of subordinate ids of its own, and perhaps as another user. */
const withSubordinates = (subuid: string, script: string, as: readonly string[] = []) => {
  const shell = `set -eu; mount -t tmpfs tmpfs /mnt; printf '${subuid}' >/mnt/subuid; : >/mnt/none
mount --bind /mnt/subuid /etc/subuid; mount --bind /mnt/none /etc/subgid; exec "$@"`
  return outputOf([...ALONE, 'sh', '-c', shell, 'sh', ...as, ...nodeArguments(script)])
}

t.test('the files are read as they are now', async t => {
  const {subuid, subgid, loginDefs} = await readSubordinateFiles()
  for (const [text, path] of [
    [subuid, '/etc/subuid'],
    [subgid, '/etc/subgid'],
    [loginDefs, '/etc/login.defs'],
  ] as const) {
    t.equal(text, readOr(path))
  }
  const script = `${importing('readSubordinateFiles', 'host/ids')} console.log(JSON.stringify(await readSubordinateFiles()))`
  t.match(JSON.parse(await withSubordinates('ada:1:2\\n', script)), {subuid: 'ada:1:2\n', subgid: ''})
})

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

t.test('a user who has none is told which file has none, and how to get some', async t => {
  const script = `${importing('idMap', 'host/ids')}
    await idMap().catch(({reason, message, hint}) => console.log([reason, message, hint].join('; ')))`
  const asNobody = ['unshare', '--user', '--map-user=65534']
  t.match(
    await withSubordinates('', script, asNobody),
    /^no-subordinate-ids; nobody has no subordinate ids in \/etc\/subuid; give it some: .*usermod --add-subuids \d+-\d+ --add-subgids \d+-\d+ nobody/,
  )
  t.match(await withSubordinates('nobody:100000:65536\\n', script, asNobody), /has no subordinate ids in \/etc\/subgid; .*--add-subgids/)
})

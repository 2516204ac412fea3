import {spawn} from 'node:child_process'
import {existsSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {encodeTraceHeader, parseTrace} from '../../lib/core/trace/format.js'
import {buildSpans, type Span} from '../../lib/core/trace/spans.js'
import {ERROR} from './data.js'
import {CLI, guest, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {find, traced} from './traced.js'

const names = (spans: readonly Span[]) => spans.map(({program}) => basename(program))

t.test('no exec is lost under make -j8, nor an end', async t => {
  const [directory, targets] = [scratch(t), 150]
  const list = Array.from({length: targets}, (_, i) => `t${i}`).join(' ')
  writeFileSync(join(directory, 'many.mk'), `all: ${list}\n${list}:\n\t@/usr/bin/true; /usr/bin/test -n x\n`)
  const {spans, state, end, result} = await traced(t, 'make -r -s -j8 -f many.mk', [], {cwd: directory})
  t.equal(result.exitCode, 0, result.stderr)
  t.equal(state, 'complete')
  t.same(
    ['make', 'true', 'test', 'dash'].map(name => find(spans, name).length),
    [1, targets, targets, targets + 1],
  )
  t.equal(spans.length, 3 * targets + 2)
  t.ok(spans.every(({outcome}) => outcome.kind === 'routed'))
  const parents = find(spans, 'true').map(({parent}) => basename(spans[parent ?? -1]?.program ?? 'unknown'))
  t.same(new Set(parents), new Set(['dash']))
  t.equal(find(spans, 'test').filter(span => span.end < end).length >= targets - 1, true, 'all but perhaps the last ended before')
  t.ok(spans.every(({start, own}) => start >= 0 && own >= 0))
})

t.test('programs of another user, and of one that was changed to, are in it', async t => {
  const nobody = await traced(t, 'sed p /dev/null; nproc', ['--user', 'nobody', '--workdir', '/'])
  t.same(names(nobody.spans), ['dash', 'sed', 'nproc'], nobody.result.stderr)
  t.ok(nobody.spans.every(({user}) => user === 65534))
  const changed = await traced(t, 'runuser -u nobody -- sed p /dev/null')
  t.match(find(changed.spans, 'sed'), [{user: 65534, outcome: {kind: 'routed'}}])
})

t.test('programs in a chroot are in it', async t => {
  const script = 'mkdir /srv/c && mount --rbind / /srv/c && chroot /srv/c /usr/bin/sed p /dev/null'
  const {spans, result} = await traced(t, script)
  t.match(find(spans, 'sed'), [{outcome: {kind: 'routed'}}], result.stderr)
})

t.test('a process that makes one exec after the other is one line of spans', async t => {
  const {spans, result} = await traced(t, 'exec env exec=1 env sed p /dev/null')
  t.same(names(spans), ['dash', 'env', 'env', 'sed'], result.stderr)
  t.equal(new Set(spans.map(({pid}) => pid)).size, 1)
  spans.slice(1).forEach((span, i) => {
    t.equal(span.start, spans[i]?.end)
  })
})

t.test("programs in a pid namespace below the session's are in it, by the numbers of the session", async t => {
  const {spans, result} = await traced(t, 'unshare --pid --fork sh -c "nproc; /usr/bin/true; :"; nproc')
  t.equal(result.exitCode, 0, result.stderr)
  t.same(names(spans), ['dash', 'unshare', 'dash', 'nproc', 'true', 'nproc'])
  t.equal(new Set(spans.map(({pid}) => pid)).size, spans.length, 'no number twice')
  const [inner, outer] = find(spans, 'nproc')
  t.ok(inner && outer && outer.pid > inner.pid, `${inner?.pid} and ${outer?.pid}`)
})

t.test('times are those of the programs, the short and the long', async t => {
  const {spans} = await traced(t, 'for n in 1 2 3 4 5 6; do true; /usr/bin/true; sleep 0.2; done')
  const sleeping = find(spans, 'sleep').reduce((sum, {start, end}) => sum + end - start, 0)
  t.ok(sleeping >= 1195 && sleeping < 1800, `${sleeping} ms in six sleeps of 200 ms`)
})

t.test('what a shell forks without an exec counts for the shell', async t => {
  const {spans} = await traced(t, '( /usr/bin/true; ( /usr/bin/true; /usr/bin/sleep 0.1; : ); : ) | cat')
  for (const {parent} of find(spans, 'true')) t.equal(parent, 0)
  t.equal(find(spans, 'true').length, 2)
})

t.test('an exec that fails is none', async t => {
  const {spans, result} = await traced(t, '/no/such; /etc/passwd; sed p /dev/null; exit 3')
  t.equal(result.exitCode, 3)
  t.same(names(spans), ['dash', 'sed'])
})

t.test('it says why a program is emulated', async t => {
  const script = `LD_PRELOAD=/none.so sed p /dev/null 2>/dev/null
    touch /usr/bin/tr; tr a b < /dev/null
    /usr/lib/gcc/*/*/cc1 -quiet -fplugin=/none /dev/null -o /dev/null 2>/dev/null
    cp /usr/bin/cat /root/mine; /root/mine /dev/null; cat /dev/null`
  const {spans} = await traced(t, script)
  t.match(
    ['sed', 'tr', 'cc1', 'mine', 'cat'].map(name => find(spans, name)[0]?.outcome),
    [
      {kind: 'variable', variable: 'LD_PRELOAD=/none.so'},
      {kind: 'changed'},
      {kind: 'argument', argument: '-fplugin=/none'},
      {kind: 'no-route'},
      {kind: 'routed', twin: 'usr/bin/cat'},
    ],
  )
  t.match(find(spans, 'tr')[0]?.arguments, ['tr', 'a', 'b'])
})

t.test('in mode emulated no exec is routed, and none is lost', async t => {
  const {spans, mode} = await traced(t, 'sed p /dev/null; /usr/bin/true', ['--mode', 'emulated'])
  t.equal(mode, 'emulated')
  t.same(names(spans), ['dash', 'sed', 'true'])
  t.ok(spans.every(({outcome}) => outcome.kind === 'no-route'))
})

t.test('a lasting session is traced like any', async t => {
  const name = 'trace-lasting'
  t.equal((await xbuild(['create', PROFILE, '--name', name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const file = join(scratch(t), 'trace')
  const result = await xbuild(['run', '--trace', file, name, '--', 'sed', 'p', '/dev/null'])
  t.equal(result.exitCode, 0, result.stderr)
  t.same(names(buildSpans(parseTrace(readFileSync(file), file).events).spans), ['sed'])
})

/** So long PID 1 sleeps between looks, in ms (shims/session/life.c): what it kills at the end may have ended that much before. */
const PAUSE = 5

t.test('a program that a signal ends has its end, and one that goes on lasts until the end', async t => {
  const {spans, end} = await traced(t, 'sleep 60 & sleep 0.5; kill -KILL $!; wait; sleep 61 & sleep 0.5')
  const [killed, background] = ['60', '61'].map(time => find(spans, 'sleep').find(span => span.arguments[1] === time))
  t.ok(killed && killed.end < end - 400, `${killed?.end} of ${end}`)
  t.ok(background && background.end <= end && background.end > end - PAUSE, `${background?.end} of ${end}`)
})

t.test('what was recorded until xbuild-env is killed can be read', async t => {
  const file = join(scratch(t), 'trace')
  const script = 'while :; do /usr/bin/true; sleep 0.1; done'
  const child = spawn(process.execPath, [CLI, 'run', PROFILE, '--ephemeral', '--trace', file, '--', 'sh', '-c', script], {
    env: plainVariables(),
    stdio: 'ignore',
  })
  const ended = new Promise(resolve => child.on('close', resolve))
  const read = () => parseTrace(readFileSync(file), file)
  while (child.exitCode === null && (!existsSync(file) || statSync(file).size === 0 || read().events.length < 5)) await pause(100)
  child.kill('SIGKILL')
  await ended
  const {spans, state} = buildSpans(read().events)
  t.equal(state, 'cut-off')
  t.ok(find(spans, 'true').length > 0)
  const report = await xbuild(['trace', file])
  t.equal(report.exitCode, 0, report.stderr)
  t.match(report.stdout, /the trace was cut off/)
})

t.test("the guest gets nothing of the trace's own", async t => {
  const file = join(scratch(t), 'of-the-trace')
  const script = `ls /proc/self/fd | wc -l; for fd in /proc/1/fd/*; do case $(readlink "$fd") in *of-the-trace*) echo "$fd";; esac; done
    for fd in /proc/1/fd/*; do (: < "$fd" && echo forged > "$fd") 2>/dev/null; done; exit 5`
  const result = await guest(script, ['--trace', file])
  t.equal(result.exitCode, 5)
  t.equal(result.stdout, '4\n', result.stderr)
  t.equal(buildSpans(parseTrace(readFileSync(file), file).events).state, 'complete')
})

t.test('what is written to the trace by others than the activator does no harm', async t => {
  const script = `perl -e '
    open(my $to, ">>", "/dev/xbuild/trace") or die $!;
    syswrite($to, $_) for "x", "x" x 5000, pack("vCCVQVVvvvv", 32, 2, 0, 1, 0, 0, 0, 9, 9, 9, 9), pack("vCCVQVVvvvv", 32, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0)'
    sed p /dev/null`
  const {spans, state, result} = await traced(t, script)
  t.equal(result.exitCode, 0, result.stderr)
  t.same(names(spans), ['dash', 'perl', 'sed'])
  t.equal(state, 'complete')
})

t.test('--stats is five lines at the end, and leaves the exit code', async t => {
  const result = await guest('sed p /dev/null; nproc >/dev/null; GCONV_PATH=/x sort /dev/null; echo said; exit 9', ['--stats'])
  t.equal(result.exitCode, 9)
  t.equal(result.stdout, 'said\n')
  const lines = result.stderr.trimEnd().split('\n')
  t.match(lines[0], /^4 execs in .* 50\.0 % of the execs of the distribution's programs ran native$/)
  t.match(lines[3], /^\/usr\/bin\/sort: 1 exec, .* emulated \(variable GCONV_PATH\); its twin would save about .*: build without that variable$/)
  t.ok(lines.length <= 5, result.stderr)
  t.notMatch(result.stderr, /nproc/, 'it is never routed')
})

t.test('the report is text, JSON and a page', async t => {
  const directory = scratch(t)
  const [file, out] = [join(directory, 'trace'), join(directory, 'page.html')]
  await guest('sed p /dev/null; GCONV_PATH=/x sort /dev/null; chage --help >/dev/null; nproc >/dev/null', ['--trace', file])
  const text = await xbuild(['trace', file])
  t.match(text.stdout, /to route next:\n {2}\/usr\/bin\/sort: 1 exec/)
  t.match(text.stdout, /^\/usr\/bin\/nproc +1 +[\d.]+ m?s +never routed$/m)
  const json = JSON.parse((await xbuild(['trace', file, '--json'])).stdout)
  t.match(json, {environment: PROFILE, mode: 'hybrid', native: {execs: 2}, emulated: {execs: 3}, share: 0.4})
  t.equal((await xbuild(['trace', file, '--html', out])).stderr, `wrote ${out}\n`)
  t.match(readFileSync(out, 'utf8'), /<code>&#47;usr|<code>\/usr\/bin\/chage<\/code>/)
})

t.test('a file that is no trace, or a place where none can be written, is one clear error', async t => {
  const directory = scratch(t)
  const path = (name: string) => join(directory, name)
  writeFileSync(path('text'), 'no trace\n')
  writeFileSync(path('newer'), '{"file":"xbuild-env trace","format":99}\n')
  writeFileSync(path('empty'), encodeTraceHeader({environment: 'e', profile: PROFILE, mode: 'hybrid', started: '', command: []}))
  const refused = [
    ['trace', path('text')],
    ['trace', path('none')],
    ['trace', path('newer')],
    ['trace', directory],
    ['trace', path('empty'), '--html', path('no/such')],
    ['run', PROFILE, '--ephemeral', '--trace', path('no/such'), '--', 'true'],
    ['run', PROFILE, '--ephemeral', '--trace', path('text'), '--', 'true'],
  ]
  for (const args of refused) {
    const result = await xbuild(args, {cwd: directory})
    t.equal(result.exitCode, 125, args.join(' '))
    t.match(result.stderr, ERROR)
    t.equal(result.stdout, '')
  }
  t.equal(readFileSync(path('text'), 'utf8'), 'no trace\n')
  t.equal((await xbuild(['run', PROFILE, '--ephemeral', '--trace', '-', '--', 'true'], {cwd: directory})).exitCode, 2)
  t.equal((await xbuild(['trace', path('empty')])).exitCode, 0)
})

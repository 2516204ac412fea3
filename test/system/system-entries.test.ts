import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, IS_ROOT} from './data.js'
import {NO_OWN_BINFMT, withOwnBinfmt} from './own-binfmt.js'
import {CLI, PROFILE, plainVariables, scratch, xbuild} from './rig.js'

const SKIP = {skip: NO_OWN_BINFMT}

/** A directory that every user may enter, with an interpreter that tells of its arguments, and a file for it. */
function place(t: Parameters<typeof scratch>[0]): string {
  const directory = scratch(t)
  writeFileSync(join(directory, 'tell'), '#!/bin/sh\necho "tell $#"\nfor argument; do echo "<$argument>"; done\n', {mode: 0o755})
  writeFileSync(join(directory, 'file'), 'XBT!\n', {mode: 0o755})
  return directory
}

const ADD = "--magic 'XBT!' --size 4 --set-enabled --system"

t.test('an interpreter with arguments is called through the activator, one without by the kernel', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add tell --interpreter "$PWD/tell one#a ##" ${ADD} 2>&1
     ./file a 'b c'
     head -2 $B/tell
     activator remove tell --system 2>&1
     activator add plain --interpreter "$PWD/tell" ${ADD} 2>&1
     ./file a 'b c'
     head -2 $B/plain`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  t.equal(
    ran.stdout,
    `added tell to the system, enabled
tell 5
<one./file>
<#>
<./file>
<a>
<b c>
enabled
interpreter /var/lib/xbuild-env/activator
took tell out of the system
added plain to the system, enabled
tell 3
<./file>
<a>
<b c>
enabled
interpreter ${directory}/tell
`,
  )
})

t.test('one with arguments works in a chroot, where no file of the host is', SKIP, async t => {
  const directory = place(t)
  await execa('cc', ['-static', '-o', join(directory, 'say'), '-x', 'c', '-'], {
    input: '#include <stdio.h>\nint main(int n, char **v) { while (n-- > 1) puts(*++v); return 3; }',
  })
  const ran = await withOwnBinfmt(
    directory,
    `mkdir inside; cp say file inside
     activator add say --interpreter "/say one" ${ADD} 2>&1
     activator add second --interpreter "/say two" --magic SECOND --size 6 --set-enabled --system 2>/dev/null
     printf SECOND > inside/second; chmod 755 inside/second
     chroot inside /file a || echo "status $?"
     chroot inside /second || echo "status $?"`,
  )
  t.equal(
    ran.stdout,
    [
      'added say to the system, enabled',
      'xbuild-env: the system has no /say yet, which say hands files to: until it is there they cannot be executed',
      'one\n/file\na\nstatus 3\ntwo\n/second\nstatus 3\n',
    ].join('\n'),
  )
})

t.test('a change that leaves the table as it is leaves the activator that the kernel holds, and doctor content', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add tell --interpreter "$PWD/tell x" ${ADD} 2>/dev/null
     sleep 0.1
     activator add later --interpreter "$PWD/tell y" --magic XYZ --size 3 --system 2>/dev/null
     "$NODE" "$CLI" doctor --json`,
  )
  t.match(ran.stdout, /binfmt_misc/)
  t.notMatch(ran.stdout, /replaced since/)
  if (!IS_ROOT) t.match(ran.stdout, /root has ids for all users/, 'also where they are mapped in more than one range')
})

const WHOLE_IDS = IS_ROOT ? 'root cannot map all its ids without a subordinate range: the ordinary user runs this' : NO_OWN_BINFMT

t.test("sessions that use the system's binfmt_misc have its entries too", {skip: WHOLE_IDS}, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `"$NODE" "$CLI" system register ${PROFILE} 2>/dev/null
     activator add say --interpreter "/usr/bin/printf <%s> one" ${ADD} 2>/dev/null
     XBUILD_ENV_BINFMT=system "$NODE" "$CLI" run ${PROFILE} --ephemeral -- ./file a`,
  )
  t.equal(ran.stderr, '')
  t.equal(ran.stdout, '<one><./file><a>')
})

t.test('the order in which entries are listed is the one in which the kernel looks for them', SKIP, async t => {
  const ran = await withOwnBinfmt(
    place(t),
    `for name in m z a; do
       printf '#!/bin/sh\\necho %s\\n' $name > is-$name; chmod 755 is-$name
       printf %s ":$name:M::XBT::$PWD/is-$name:" > $B/register
     done
     answer() { ls -U $B | tr '\\n' ' '; ./file; }
     answer
     echo 0 > $B/m; echo 1 > $B/m; answer
     echo -1 > $B/z; printf %s ":z:M::XBT::$PWD/is-z:" > $B/register; answer`,
  )
  t.equal(ran.stdout, 'a z m register status a\na z m register status a\nz a m register status z\n', ran.stderr)
})

t.test("an environment's own entry says that it has no effect in such sessions", async t => {
  const variables = {XBUILD_ENV_BINFMT: 'system'}
  const name = `entries-${process.pid}`
  t.equal((await xbuild(['clone', PROFILE, name])).exitCode, 0)
  t.teardown(() => xbuild(['remove', name]))
  const add = await xbuild(['activator', 'add', 'say', '-i', '/bin/echo', '-m', 'XBT!', '-s', '4', '--set-enabled', '--env', name], {
    variables,
  })
  t.match(add.stderr, /^added say to environment .*\nsessions use the system's binfmt_misc here, .* --system in place of --env/)
  const removed = await xbuild(['activator', 'remove', 'say', '--env', name], {variables})
  t.equal(removed.stderr, `took say out of environment ${name}\n`)
})

t.test('an entry is enabled, disabled, looked up and listed beside those of others', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `printf %s ":other:M::OTHER::$PWD/tell:" > $B/register
     activator add tell --interpreter "$PWD/tell x" --magic 'XBT!' --size 4 --system 2>/dev/null
     test ! -e $B/tell; activator enable tell --system 2>/dev/null
     ./file > enabled
     activator list --system
     activator disable tell --system 2>/dev/null
     test ! -e $B/tell
     activator lookup tell --system
     activator list --system --json | grep -c '"owner": "another tool"'`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  const bytes = (text: string) => [...text].map((letter, i) => `${i === 4 ? ' ' : ''}0x${letter.charCodeAt(0).toString(16)} `).join('')
  t.equal(
    ran.stdout,
    `name: tell
interpreter: ${directory}/tell x
flags: ENABLED${' '}
magic size: 4
magic offset: 0
magic: ${bytes('XBT!')}

name: other
interpreter: ${directory}/tell
flags: ENABLED${' '}
magic size: 5
magic offset: 0
magic: ${bytes('OTHER')}
owner: another tool

name: tell
interpreter: ${directory}/tell x
flags:${' '}
magic size: 4
magic offset: 0
magic: ${bytes('XBT!')}

1
`,
  )
})

t.test('what another tool made is left as it is', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `printf %s ":other:M::XBT::$PWD/tell:" > $B/register
     cat $B/other > before
     for args in "remove other" "disable other" "add other --interpreter /i ${ADD.replaceAll("'", '')}" "add new --interpreter /i ${ADD.replaceAll("'", '')}"; do
       activator $args --system && exit 9
     done
     cat $B/other | cmp - before
     ls -A /var/lib /etc/binfmt.d
     ls $B`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  t.match(ran.stderr, /^(xbuild-env: the entry "other" of another tool .*\n {2}it is left as it is.*\n){4}$/)
  t.equal(ran.stdout, '/etc/binfmt.d:\n\n/var/lib:\nother\nregister\nstatus\n')
})

t.test('with --persist it is in binfmt.d, in a line that the kernel takes', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add tell --interpreter "$PWD/tell x" --persist ${ADD} 2>/dev/null
     echo -1 > $B/tell                                          # the host restarts …
     grep -v '^#' /etc/binfmt.d/xbuild-env-tell.conf > $B/register # … and systemd-binfmt does this
     ./file
     activator disable tell --system 2>/dev/null; ls /etc/binfmt.d
     activator enable tell --system 2>/dev/null; ls /etc/binfmt.d
     activator remove tell --system 2>/dev/null; ls -A /etc/binfmt.d /var/lib $B`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  t.equal(
    ran.stdout,
    `tell 2
<x>
<./file>
xbuild-env-tell.conf
/etc/binfmt.d:

/proc/sys/fs/binfmt_misc:
register
status

/var/lib:
`,
  )
})

t.test('what the kernel refuses leaves nothing behind', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add gone --interpreter /nonexistent --pre-open ${ADD} || echo "status $?"
     ls -A /etc/binfmt.d /var/lib $B`,
  )
  t.match(ran.stderr, /^xbuild-env: the kernel refused the entry gone: ENOENT.*\n {2}the line was: .*\n$/)
  t.equal(ran.stdout, 'status 125\n/etc/binfmt.d:\n\n/proc/sys/fs/binfmt_misc:\nregister\nstatus\n\n/var/lib:\n')
})

t.test('--dry-run shows the steps, and does none', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add tell --interpreter "/tell x" --persist --dry-run ${ADD}; ls -A /etc/binfmt.d /var/lib $B`,
  )
  t.equal(
    ran.stdout,
    `# write /var/lib/xbuild-env/activator
# write /var/lib/xbuild-env/entries.json
printf %s ':tell:M:0:XBT\\x21::/var/lib/xbuild-env/activator:POF' > /proc/sys/fs/binfmt_misc/register
# write /etc/binfmt.d/xbuild-env-tell.conf
/etc/binfmt.d:

/proc/sys/fs/binfmt_misc:
register
status

/var/lib:
`,
  )
})

t.test('doctor tells of an interpreter that is gone, and of two entries for one magic', SKIP, async t => {
  const directory = place(t)
  const ran = await withOwnBinfmt(
    directory,
    `activator add tell --interpreter "$PWD/tell" ${ADD} 2>/dev/null
     activator add behind --interpreter "$PWD/tell #a" --magic XYZ --size 3 --set-enabled --system 2>/dev/null
     printf %s ":other:M::XBT::$PWD/file:" > $B/register
     rm tell
     "$NODE" "$CLI" doctor --json`,
  )
  t.match(ran.stdout, /tell: the interpreter is gone/)
  t.match(ran.stdout, /behind: the interpreter behind the activator is gone/)
  t.match(ran.stdout, /other and tell: they recognise the same files, and other gets them/)
})

t.test('who is not root is told so', {skip: IS_ROOT && 'the test is root'}, async t => {
  const ran = await execa(process.execPath, [CLI, 'activator', 'add', 'x', '-i', '/i', '-m', 'x', '-s', '1', '--system'], {
    reject: false,
    extendEnv: false,
    env: plainVariables(),
    stripFinalNewline: false,
  })
  t.match(ran.stderr, ERROR)
  t.match(ran.stderr, /only root may change/)
})

t.test('outside of a session, a program that the system hands to the activator is told what to do', async t => {
  const activator = fileURLToPath(new URL('../../dist/shims/xbuild-activator', import.meta.url))
  // as the kernel calls it, flag P
  const {exitCode, stderr} = await execa(activator, ['/some/program', 'program', 'argument'], {reject: false})
  t.equal(exitCode, 126)
  t.match(stderr, /^xbuild-env: cannot run \/some\/program: no session of xbuild-env is in reach\n {2}.*xbuild-env run ENV/)
  t.match(stderr, /xbuild-env system unregister$/)
})

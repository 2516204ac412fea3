import t from 'tap'
import {NO_OWN_BINFMT, withOwnBinfmt} from './own-binfmt.js'
import {PROFILE, scratch} from './rig.js'

const SKIP = {skip: NO_OWN_BINFMT}

const SYSTEM = `xbuild() { "$NODE" "$CLI" "$@"; }; export XBUILD_ENV_BINFMT=system\n`
const MIPS64EL = '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x08\\x00'

t.test('a profile is registered with a copy of the activator that only root can change, for good if asked', SKIP, async t => {
  const ran = await withOwnBinfmt(
    scratch(t),
    `${SYSTEM}
     xbuild system register mips64el 2>/dev/null; ls /etc/binfmt.d
     xbuild system register --persist mips64el 2>/dev/null
     echo -1 > $B/xbuild-env-mips64el                             # the host restarts …
     grep -v '^#' /etc/binfmt.d/xbuild-env.mips64el.conf > $B/register # … and systemd-binfmt does this
     stat --format '%A %n' /var/lib/xbuild-env/*; sed -n 2p $B/xbuild-env-mips64el
     xbuild system list | grep -o 'up to date'
     xbuild system unregister 2>/dev/null; ls -A /etc/binfmt.d /var/lib $B`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  t.equal(
    ran.stdout,
    `-rwxr-xr-x /var/lib/xbuild-env/sessions-activator
interpreter /var/lib/xbuild-env/sessions-activator
up to date
/etc/binfmt.d:

/proc/sys/fs/binfmt_misc:
register
status

/var/lib:
`,
  )
})

t.test('what is registered anew is the activator of now', SKIP, async t => {
  const ran = await withOwnBinfmt(
    scratch(t),
    `${SYSTEM}
     xbuild system register mips64el 2>/dev/null
     cd /var/lib/xbuild-env; cp sessions-activator other; printf x >> other; mv other sessions-activator; cd - >/dev/null
     xbuild system list | grep -o "another version's"
     xbuild create mips64el --dry-run --name other 2>&1 | head -1
     xbuild system register mips64el 2>&1 | grep -o '^registered anew'
     xbuild system list | grep -o 'up to date'`,
  )
  t.equal(ran.exitCode, 0, ran.stderr)
  t.equal(
    ran.stdout,
    `another version's
xbuild-env: programs of mips64el are handed to the activator of another version or installation of xbuild-env
registered anew
up to date
`,
  )
})

t.test('an entry that is newer than the registered one is told of, with the line that takes it out', SKIP, async t => {
  const rival = `:qemu-rival:M::${MIPS64EL}::$PWD/tell:`
  const ran = await withOwnBinfmt(
    scratch(t),
    `${SYSTEM}
     xbuild system register mips64el 2>/dev/null
     printf %s "${rival}" > $B/register
     for command in "run ${PROFILE} --ephemeral -- true" "create mips64el --name other" doctor; do xbuild $command 2>&1 | grep -A1 rival; done
     eval "$(xbuild create mips64el --name other 2>&1 | sed -n 's/^  .*restarts: //p')"
     xbuild create mips64el --dry-run --name other >dry-run; echo "status $?"`,
  )
  const told =
    /programs of mips64el are handed to \S+\/tell, by the entry "qemu-rival" .*\n +(fix: )?take that entry out, .*: echo -1 > \S+\/qemu-rival\n/
  t.match(ran.stdout, new RegExp(`^(.*${told.source}){3}`))
  t.match(ran.stdout, /\nstatus 0\n$/, ran.stderr)
})

t.test('the line that registers a profile works as it is printed', SKIP, async t => {
  const ran = await withOwnBinfmt(
    scratch(t),
    `${SYSTEM}
     umount $B
     line=$(xbuild create mips64el --name other 2>&1 | sed -n 's/^  until .*): //p')
     echo "$line" | grep -c ' && '
     eval "$line" 2>/dev/null
     xbuild create mips64el --dry-run --name other >dry-run; echo "status $?"`,
  )
  t.equal(ran.stdout, '1\nstatus 0\n', ran.stderr)
})

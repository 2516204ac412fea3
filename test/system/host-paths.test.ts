import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {CLI, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {endsNative} from './traced.js'

/** An environment of the test's own, with packages whose programs name directories of their architecture. */
const NAME = 'naming'

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
})
t.teardown(() => xbuild(['remove', NAME]))

const PACKAGES = ['file', 'gettext', 'git', 'gperf', 'libnss-extrausers', 'locales', 'man-db', 'texinfo', 'xsltproc']

t.test('the twins of new packages are fetched, and those that cannot do their work are named', async t => {
  // By whoever is nicer than what comes later is otherwise: that cannot come sooner.
  const installed = await execa('nice', ['-n', '11', process.execPath, CLI, 'install', NAME, ...PACKAGES], {
    reject: false,
    extendEnv: false,
    env: plainVariables(),
    stdin: 'ignore',
  })
  t.equal(installed.exitCode, 0, installed.stderr)
  t.notMatch(installed.stdout, /error while loading shared libraries/)
  const {routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  t.same(
    routing.missing.filter(({reason}: {reason: string}) => reason === 'unfit'),
    [],
  )
  const routed = (routing.routes as {path: string}[]).map(({path}) => path)
  for (const name of ['file', 'git', 'gperf', 'lexgrog', 'man', 'mandb', 'msgconv', 'msgfmt', 'su', 'troff', 'whereis', 'xsltproc'])
    t.ok(routed.includes(`/usr/bin/${name}`), name)
})

/** The same in both modes; what it printed. */
async function inBoth(t: Tap, script: string): Promise<string> {
  const run = (mode: string) => xbuild(['run', NAME, '--ephemeral', '--mode', mode, '--', 'sh', '-c', script], {cwd: scratch(t)})
  const [hybrid, emulated] = [await run('hybrid'), await run('emulated')]
  t.equal(hybrid.exitCode, emulated.exitCode)
  t.equal(hybrid.stdout, emulated.stdout)
  t.equal(hybrid.stderr, emulated.stderr)
  return hybrid.stdout
}

type Tap = Parameters<typeof scratch>[0] & Pick<typeof t, 'equal'>

t.test('man-db’s programs find their libraries', async t => {
  const page = `printf '.TH T 1\\n.SH NAME\\nt\\351 \\\\- a thing\\n' >t.1`
  const printed = await inBoth(
    t,
    `${page}; lexgrog t.1; man-recode --to-code UTF-8 --suffix .out t.1; cat t.1.out; manpath; man --version; mandb --version`,
  )
  t.match(printed, /t\.1: "t.* - a thing"\n/)
  t.match(printed, /\nman 2/)
})

t.test('su and runuser find the modules of PAM', async t => {
  const printed = await inBoth(t, 'su nobody -s /bin/sh -c "id -un"; runuser -u nobody -- id -un; runuser nobody -s /bin/sh -c "id -u"')
  t.equal(printed, 'nobody\nnobody\n65534\n')
})

const CHARACTER_SETS = 'ISO-8859-1 ISO-8859-2 ISO-8859-15 KOI8-R CP1251 EUC-JP SHIFT_JIS GB18030 BIG5 EUC-KR ISO-2022-JP UTF-16'

t.test('catalogues are converted between character sets', async t => {
  const script = `for c in ${CHARACTER_SETS}; do
    for n in $c UTF-8; do printf 'msgid ""\\nmsgstr "Content-Type: text/plain; charset=%s\\\\n"\\n\\nmsgid "a"\\nmsgstr "b"\\n' $n >$n.po; done
    msgconv -t UTF-8 $c.po; msgconv -t $c UTF-8.po | od -c; msgmerge -q $c.po UTF-8.po; msgfmt -o - $c.po | od -c
  done 2>&1
  printf 'puts(gettext("\\244\\242"));\\n' >s.c; xgettext --from-code=EUC-JP -a -o - s.c | grep -v Creation`
  const printed = await inBoth(t, script)
  t.match(printed, /msgid "あ"/)
  t.notMatch(printed, /not supported|Cannot convert/)
})

t.test('iconv converts between character sets, and is native', async t => {
  const script = `iconv -l; for c in ${CHARACTER_SETS} UCS-4 WCHAR_T; do
    printf 'caf\\303\\251 \\343\\201\\202\\n' | iconv -c -f UTF-8 -t $c | od -An -tx1; printf 'abcdefgh' | iconv -c -f $c -t UTF-8 | od -An -tx1
  done
  printf '\\344' | iconv -f latin1 -t ASCII//TRANSLIT; printf 'x\\377' | iconv -f UTF-8 -t EUC-JP 2>&1; iconv -f no -t UTF-8 2>&1`
  t.match(await inBoth(t, script), /\n 63 61 66 e9 20 0a\n/)
  t.ok(await endsNative(t, 'iconv', 'iconv -f UTF-8 -t ISO-8859-1 /dev/null', {environment: NAME}))
})

t.test('git converts what it logs', async t => {
  const script = `git init -q; git config i18n.commitEncoding ISO-8859-1; printf 'a\\351\\n' >l
    export GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000'; git -c user.name=a -c user.email=b commit -q --allow-empty -F l
    for c in UTF-8 UTF-16LE CP437; do git log -1 --format=%s --encoding=$c | od -An -tx1; done`
  t.match(await inBoth(t, script), / 61 c3 a9 0a\n/)
})

t.test('programs know the characters of a locale that is not UTF-8', async t => {
  const script = `localedef -i ja_JP -f EUC-JP ja_JP.EUC-JP; localedef -i de_DE -f ISO-8859-1 de_DE
    printf 'x\\244\\242y\\n' >j; printf '\\344\\366\\n' >d
    for l in ja_JP.EUC-JP de_DE; do export LC_ALL=$l; for f in j d; do
      wc -m <$f; sed 's/./<&>/g; s/.*/\\U&/' $f | od -An -tx1; grep -o '^..' $f | od -An -tx1; bash -c 'read a <'$f'; echo \${#a}'
    done; done`
  t.match(await inBoth(t, script), /^4\n/)
})

t.test('programs name the target’s directories', async t => {
  const printed = await inBoth(t, 'whereis libc.so.6; whereis -l | sort')
  t.match(printed, /\/usr\/lib\/mips64el-linux-gnuabi64\/libc\.so\.6/)
  t.notMatch(printed, /x86_64|\/dev\/xbuild/)
})

t.test('a file of specs that the user put beside the compiler is read', async t => {
  const specs = 'printf "*cc1:\\n+ -DVALUE=7\\n\\n" >"$(dirname "$(gcc -print-libgcc-file-name)")/specs"'
  t.equal(await inBoth(t, `${specs}; echo VALUE >a.c; gcc -E -P a.c`), '7\n')
})

t.test('documents come out the same, made by native programs alone', async t => {
  const script = asset('documents.sh')
  t.match(await inBoth(t, script), /\* One:: +first\n/)
  const {stderr} = await xbuild(['run', NAME, '--ephemeral', '--stats', '--', 'sh', '-c', script], {cwd: scratch(t)})
  t.match(stderr, /; 100\.0 % of the execs of the distribution's programs ran native\n/)
})

const asset = (name: string) => readFileSync(fileURLToPath(new URL(`host-paths/${name}`, import.meta.url)), 'utf8')

const ASKS = (module: string) => `sed -i 's/^passwd:.*/& ${module}/' /etc/nsswitch.conf`
const EXTRA_USER = `${ASKS('extrausers')}; echo 'zoe:x:5000:5000::/home/zoe:/bin/sh' >/var/lib/extrausers/passwd`
const ASKED =
  'id -u zoe; : >f; chown zoe f; stat -c %U f; ls -l f | cut -d" " -f3; find f -user zoe; tar -cf - f | tar -tvf - | cut -d" " -f2; rm f'
const ANSWERED = /^5000\nzoe\nzoe\nf\nzoe\/root\n?$/

t.test('users whom a module of NSS alone knows are known to twins, which have the module too', async t => {
  t.match(await inBoth(t, `${EXTRA_USER}; ${ASKED}`), ANSWERED)
  t.ok(await endsNative(t, 'id', `${EXTRA_USER}; id zoe`, {environment: NAME}))
})

t.test('where the root alone has a module, the programs that may load it are emulated, and it is said why', async t => {
  // As a package would bring it: routes are found anew where dpkg's database is another.
  const comes = `gcc -shared -fPIC -O -Wall -Werror -x c -o "$(dirname "$(gcc -print-file-name=libc.so.6)")/libnss_own.so.2" - && touch /var/lib/dpkg/status`
  const come = await xbuild(['run', NAME, '--', 'sh', '-c', comes], {input: asset('nss-own.c'), stdin: 'pipe'})
  t.equal(come.exitCode, 0, come.stderr)
  const {routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  const why = (routing.missing as {path: string; why: string}[]).find(({path}) => path === '/usr/bin/id')?.why
  t.match(why, /^may load \/usr\/lib\/\S+\/libnss_own\.so\.2, which has no twin$/)
  const routed = (routing.routes as {path: string}[]).map(({path}) => path)
  t.ok(routed.includes('/usr/bin/cat') && !routed.includes('/usr/bin/tar'))
  t.match(await inBoth(t, `${ASKS('own')}; ${ASKED}`), ANSWERED)
})

import t from 'tap'
import {isPackageBuild} from '../../../../lib/core/debian/build-command.js'

/** As sbuild 0.85 gives them. */
const sbuild = (user: string, directory: string, ...command: string[]) => [
  ...['env', 'LC_ALL=C.UTF-8', 'PATH=/usr/bin', '/sbin/runuser', '-u', user, '--'],
  ...['sh', '-c', `cd ${directory} && exec "$@"`, 'exec', ...command],
]

t.test('a build of a package is told from what else sbuild runs', async t => {
  t.ok(isPackageBuild(sbuild('sbuild', '/build/hello-2.10', 'dpkg-buildpackage', '--sanitize-env', '-us')))
  t.ok(isPackageBuild(['env', 'A=b', 'sh', '-c', 'cd /x\n && exec "$@"', 'exec', '/usr/bin/dpkg-buildpackage']))
  t.notOk(isPackageBuild(sbuild('sbuild', '/build', 'apt-get', 'install', 'dpkg-buildpackage')))
  t.notOk(isPackageBuild(['env', 'A=b', 'dpkg', '--version']))
  t.notOk(isPackageBuild([]))
})

import {randomBytes} from 'node:crypto'
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import {scratch} from '../rig.js'

/** Why there is no Slurm here that a test could make, undefined where there is: `apt-get install slurm-wlm munge`. */
export function noSlurm(): string | undefined {
  if (process.getuid?.() !== 0) return 'Slurm starts the jobs of others as root alone'
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
    name => !['/usr/sbin', '/usr/bin'].some(directory => existsSync(join(directory, name))),
  )
  return missing.length === 0 ? undefined : `${missing.join(', ')} not installed: apt-get install slurm-wlm munge`
}

/** A Slurm of the test's own on this machine, which ends with it: without systemd, control groups and accounting. */
export class TestCluster {
  readonly directory: string
  readonly #ports: readonly number[]
  readonly #daemons = new Map<string, ReturnType<typeof startDaemon>>()

  private constructor(directory: string, ports: readonly number[]) {
    this.directory = directory
    this.#ports = ports
  }

  /** `unfit`: nodes that can make no user namespaces. */
  static async start(
    t: Parameters<typeof scratch>[0],
    nodes: readonly string[],
    processors: number,
    unfit: readonly string[] = [],
  ): Promise<TestCluster> {
    const directory = scratch(t)
    chmodSync(directory, 0o755)
    const cluster = new TestCluster(directory, await freePorts(nodes.length + unfit.length + 1))
    t.teardown(() => cluster.end())
    for (const name of ['log', 'spool', 'state']) mkdirSync(join(directory, name))
    writeFileSync(join(directory, 'munge.key'), randomBytes(1024), {mode: 0o400})
    writeFileSync(cluster.conf, cluster.#settings([...nodes, ...unfit], processors))
    cluster.#spawn('munged', [
      '--foreground',
      '--force',
      ...MUNGE_FILES.map(name => `--${name}-file=${directory}/munge.${name}`),
      `--socket=${directory}/munge.socket`,
    ])
    while (!existsSync(join(directory, 'munge.socket'))) await sleep(50)
    await cluster.startController()
    for (const node of nodes) cluster.startNode(node)
    for (const node of unfit) await cluster.startNodeWithoutNamespaces(node)
    await cluster.ready([...nodes, ...unfit])
    return cluster
  }

  /** Waits until nodes take jobs. */
  async ready(nodes: readonly string[]): Promise<void> {
    const asked = ['--noheader', '--Node', '--format=%T', `--nodes=${nodes.join(',')}`]
    while ((await this.run('sinfo', ...asked)).match(/idle/g)?.length !== nodes.length) await sleep(300)
  }

  get conf(): string {
    return join(this.directory, 'slurm.conf')
  }

  /** Of whoever uses it. */
  get variables(): Record<string, string> {
    return {SLURM_CONF: this.conf}
  }

  /** What one of Slurm's programs prints; empty where it fails. */
  async run(program: string, ...args: string[]): Promise<string> {
    const {stdout, exitCode} = await execa(program, args, {reject: false, env: this.variables})
    return exitCode === 0 ? String(stdout) : ''
  }

  async startController(): Promise<void> {
    this.#spawn('slurmctld', ['-D'])
    while (!/ is UP/.test(await this.run('scontrol', 'ping'))) await sleep(200)
  }

  stopController = (): Promise<void> => this.#stop('slurmctld')

  startNode(node: string): void {
    this.#spawn(`slurmd ${node}`, ['-D', '-N', node])
  }

  /** One whose jobs can make no user namespaces: in one of its own, that is allowed none below it. */
  async startNodeWithoutNamespaces(node: string): Promise<void> {
    // A program that is executed once root is mapped has root's rights there.
    const begin = `echo 0 >/proc/sys/user/max_user_namespaces && exec /usr/sbin/slurmd -D -N ${node}`
    const script = `until grep -q . /proc/self/uid_map; do sleep 0.05; done; exec sh -c '${begin}'`
    const child = startDaemon(['unshare', '--user', 'sh', '-c', script], this.variables)
    this.#daemons.set(`slurmd ${node}`, child)
    while (readLink(`/proc/${child.pid}/ns/user`) === readLink('/proc/self/ns/user')) await sleep(50)
    for (const map of ['gid_map', 'uid_map']) writeFileSync(`/proc/${child.pid}/${map}`, '0 0 4294967295')
  }

  /** As when its power goes: its daemon, those that hold its jobs, and what these run. */
  async loseNode(node: string): Promise<void> {
    await this.#stop(`slurmd ${node}`)
    for (const pid of this.#processesOf(node)) endProcess(pid)
  }

  async end(): Promise<void> {
    await this.run('scancel', '--me')
    for (const name of this.#daemons.keys()) await this.#stop(name)
    for (const pid of this.#processesOf(undefined)) endProcess(pid)
  }

  #spawn(name: string, args: readonly string[]): void {
    this.#daemons.set(name, startDaemon([`/usr/sbin/${name.split(' ')[0]}`, ...args], this.variables))
  }

  async #stop(name: string): Promise<void> {
    const daemon = this.#daemons.get(name)
    this.#daemons.delete(name)
    daemon?.kill('SIGKILL')
    await daemon
  }

  /** What this cluster's daemons began, by its variables. */
  #processesOf(node: string | undefined): number[] {
    const isOwn = (variables: string) =>
      variables.includes(`SLURM_CONF=${this.conf}\0`) && (node === undefined || variables.includes(`SLURMD_NODENAME=${node}\0`))
    const holds = new Set(this.#jobsOn(node))
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .filter(pid => pid !== process.pid && (isOwnHolder(pid, holds) || (isJob(pid) && isOwn(readProcess(pid, 'environ')))))
  }

  /** Numbers of the jobs whose holders are this cluster's: they have its directory open. */
  #jobsOn(node: string | undefined): string[] {
    const spool = join(this.directory, 'spool')
    const nodes = node === undefined ? readdirSync(spool) : [node]
    return nodes.flatMap(one =>
      (existsSync(join(spool, one)) ? readdirSync(join(spool, one)) : []).flatMap(name => /^job0*(\d+)$/.exec(name)?.[1] ?? []),
    )
  }

  #settings(nodes: readonly string[], processors: number): string {
    const {directory} = this
    const [port, ...others] = this.#ports
    return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${directory}/munge.socket
CredType=cred/munge
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool/%n
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/slurmd.%n.pid
SlurmctldLogFile=${directory}/log/slurmctld
SlurmdLogFile=${directory}/log/slurmd.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=6
KillWait=2
MinJobAge=60
${nodes.map((node, i) => `NodeName=${node} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${others[i]} CPUs=${processors}`).join('\n')}
PartitionName=main Nodes=${nodes.join(',')} Default=YES MaxTime=INFINITE State=UP
`
  }
}

/** However the test ends, its daemons do not outlast it. */
const startDaemon = (argv: readonly string[], env: Record<string, string>) =>
  execa('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {reject: false, stdio: 'ignore', env, detached: true})

const readLink = (path: string) => readlinkSync(path, {encoding: 'utf8'})

const MUNGE_FILES = ['key', 'pid', 'log', 'seed']

const isJob = (pid: number) => readProcess(pid, 'environ').includes('SLURM_JOB_ID=')

/** `slurmstepd: [12.batch]` */
function isOwnHolder(pid: number, jobs: ReadonlySet<string>): boolean {
  const job = /^slurmstepd: \[(\d+)\./.exec(readProcess(pid, 'cmdline'))?.[1]
  return job !== undefined && jobs.has(job)
}

function readProcess(pid: number, what: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      return server
    }),
  )
  const ports = servers.map(server => Object(server.address()).port as number)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

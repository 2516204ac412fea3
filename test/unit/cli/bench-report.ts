import {type BenchResult, meanRatios, type PackageResult, PUBLISHED, ratiosOf, summarize} from '../../../lib/core/bench.js'

const runs = (...walls: number[]) => summarize(walls.map(wallSeconds => ({wallSeconds, cpuSeconds: 1.5, peakBytes: 64 * 2 ** 20})))

const withRatios = (pack: Omit<PackageResult, 'ratios'>): PackageResult => ({...pack, ratios: ratiosOf(pack.modes)})

const packages = [
  withRatios({
    name: 'sed',
    version: '4.9-1',
    kind: 'autotools',
    build: './configure && make',
    modes: {native: runs(25, 26, 30), hybrid: runs(52), cross: runs(20), emulated: runs(520)},
  }),
  withRatios({
    name: '<b>&"x\'',
    kind: 'a | b <script>alert(1)</script>',
    build: 'echo "<img>" && true',
    modes: {hybrid: runs(2), cross: {kind: 'skipped', reason: 'the host has no <gcc>', fix: 'apt-get install a&b'}},
  }),
]

/** A result with all that can be in one: every mode, a skipped one, and text that means something in HTML. */
export const REPORT: BenchResult = {
  date: '2026-01-02T03:04:05.000Z',
  version: '0.2.0',
  commit: 'abcdef0123456789abcdef0123456789abcdef01',
  command: "xbuild-env bench --build '<make>'",
  environment: {name: 'mips64el', profile: 'mips64el', suite: 'bookworm', triple: 'mips64el-linux-gnuabi64'},
  machine: {cpu: 'A & B', cores: 2, memoryBytes: 8 * 2 ** 30, kernel: '6.7.0', distribution: 'Debian', load: 0.5},
  programs: {'qemu-user-static': '1:7.2'},
  packages,
  means: meanRatios(packages),
  published: PUBLISHED,
}

import {z} from 'zod'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {packageName, readData} from './profiles.js'

/** Programs of the host, and the Debian packages that have them. */
const programs = z.record(z.string(), z.string())

const benchPackageSchema = z.strictObject({
  name: packageName,
  /** What it stands for. */
  kind: z.string(),
  /** The source package of the environment's suite. */
  source: packageName,
  /** A shell command, in the unpacked source: for the environment's modes and for `native`. */
  build: z.string(),
  /** The classic cross build of the same, or why there is none. `{triple}` is the target's. */
  cross: z.union([z.strictObject({build: z.string(), programs}), z.strictObject({none: z.string()})]),
  /** Packages that the environment needs beyond the usual. */
  environment: z.array(packageName),
  /** What the host needs for `native` and `cross`. */
  host: programs,
})

export type BenchPackage = z.infer<typeof benchPackageSchema>

/** The packages that `bench` measures, in their order. */
export const readBenchPackages = (): Promise<BenchPackage[]> => readData(z.array(benchPackageSchema), 'bench.json')

/** Those of the names, or `all`. */
export async function chooseBenchPackages(names: readonly string[]): Promise<BenchPackage[]> {
  const packages = await readBenchPackages()
  if (names.includes('all')) return packages
  const known = packages.map(({name}) => name)
  const unknown = names.find(name => !known.includes(name))
  if (unknown !== undefined || names.length === 0) {
    const near = unknown === undefined ? undefined : nearest(unknown, known)
    throw new XbuildError('usage', `--packages ${names.join(',')}: there is no package "${unknown ?? ''}" to measure`, {
      hint: near ? `did you mean ${near}?` : `there are: ${known.join(', ')}; or all`,
    })
  }
  return packages.filter(({name}) => names.includes(name))
}

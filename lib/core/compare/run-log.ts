import {type Difference, different} from './difference.js'

/**
 * A result that is a time: automake (m4/sanity.m4, _AM_FILESYSTEM_TIMESTAMP_RESOLUTION) tries how soon after one file
 * another gets a later time, and finds more on a machine that is busy.
 */
const MEASURED = /^(am_cv_filesystem_timestamp_resolution=).*/gm

/**
 * Files that tell of a run, process numbers and times included, and the parts of them that are results: only these
 * have to be the same.
 */
const RUN_LOGS: readonly {name: RegExp; detail: string; results: (text: string) => string}[] = [
  {
    // Autoconf manual, "config.log": what was tried, then the cache variables, output variables and confdefs.h.
    name: /^config\.log$/,
    detail: 'what was tried is told otherwise; the results are the same',
    results: text => (/^## -+ ##\n## Cache variables\. ##[\s\S]*/m.exec(text)?.[0] ?? text).replace(MEASURED, '$1'),
  },
  {
    // man 5 deb-buildinfo: the time at which the package was built.
    name: /\.buildinfo$/,
    detail: 'it was built at another time',
    results: text => text.replace(/^(Build-Date:).*/m, '$1'),
  },
]

/** Compares with `compare` what counts of a file; a log of the run may differ beside that. */
export function withoutRunLog(
  name: string,
  one: Buffer,
  other: Buffer,
  compare: (one: Buffer, other: Buffer) => Difference[],
): Difference[] {
  const log = RUN_LOGS.find(entry => entry.name.test(name.slice(name.lastIndexOf('/') + 1)))
  if (!log) return compare(one, other)
  const results = (bytes: Buffer) => Buffer.from(log.results(bytes.toString('latin1')), 'latin1')
  const found = compare(results(one), results(other))
  if (found.length > 0) return found.map(difference => ({...difference, place: `results, ${difference.place}`}))
  return [different('log', log.detail, 'run-log')]
}

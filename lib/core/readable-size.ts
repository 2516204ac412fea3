const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size as people read it, in powers of a thousand: `7 bytes`, `1.2 MB`. */
export function readableSize(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const number = unit === 0 ? String(value) : value.toFixed(value < 9.95 ? 1 : 0)
  return `${number} ${unit === 0 && value === 1 ? 'byte' : UNITS[unit]}`
}

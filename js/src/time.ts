import { wrongOption } from './options.js'

/** Whole seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number

/** Tells the time. The core refuses times that no working clock shows. */
export type Clock = () => UnixSeconds

/** The clock of the host, or one that always shows `date`. */
export function clockOf(date: unknown): Clock {
  if (date === undefined) return () => Math.floor(Date.now() / 1000)
  const seconds = Math.floor(milliseconds(date) / 1000)
  return () => seconds
}

function milliseconds(date: unknown): number {
  try {
    const time = Date.prototype.getTime.call(date as Date)
    if (!Number.isNaN(time)) return time
  } catch {
    // Not a Date.
  }
  throw wrongOption('now', 'this is not a time', 'a valid Date')
}

import { types } from 'node:util'
import { NoPhpForm } from './no-php-form.ts'
import { getClass } from './values.ts'

/** The properties of a DateTimeImmutable that stands for a JavaScript date: UTC, with microseconds. */
export function dateProperties(date: Date): Record<string, string | number> {
  if (Number.isNaN(date.getTime())) throw new NoPhpForm('an invalid Date has no PHP form')
  const year = date.getUTCFullYear()
  // PHP 8.0 reads +10000-01-01 as a day of the year 2000, and 8.1 does not read what 8.0 writes.
  if (Math.abs(year) > 9999) throw new NoPhpForm('a Date whose year has more than four digits has no form that every PHP reads')
  const digits = String(Math.abs(year)).padStart(4, '0')
  const rest = date.toISOString().slice(-20, -1).replace('T', ' ')
  return { date: `${year < 0 ? '-' : ''}${digits}${rest}000`, timezone_type: 3, timezone: 'UTC' }
}

/**
 * The moment that a decoded PHP DateTime, DateTimeImmutable or a class made of one (Carbon) stands for, to the millisecond.
 * All three of PHP's time zone types are understood: an offset, an abbreviation, a name such as `Europe/Berlin`.
 * @throws TypeError when the object is no date, or its time zone is not known here
 */
export function toDate(object: unknown): Date {
  if (types.isDate(object)) return object
  const { date, timezone_type: type, timezone } = (object ?? {}) as Record<string, unknown>
  const parts = typeof date === 'string' ? /^([+-]?)(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{6})$/.exec(date) : null
  if (parts === null || typeof timezone !== 'string') {
    throw new TypeError(`${getClass(object) ?? 'this value'} is not a PHP date: it has no date and timezone`)
  }
  const [, sign, year, month, day, hour, minute, second, fraction] = parts
  const local = new Date(0)
  local.setUTCFullYear(Number(sign + year!), Number(month) - 1, Number(day))
  local.setUTCHours(Number(hour), Number(minute), Number(second), Math.floor(Number(fraction) / 1000))
  const time = local.getTime()
  if (type === 1) return new Date(time - offsetMinutes(timezone) * 60_000)
  if (type === 2) return new Date(time - abbreviationHours(timezone) * 3_600_000)
  return new Date(time - zoneOffset(timezone, time))
}

function offsetMinutes(offset: string): number {
  const parts = /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?$/.exec(offset)
  if (parts === null) throw new TypeError(`'${offset}' is not an offset from UTC`)
  const [, sign, hours, minutes, seconds = '0'] = parts
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes) + Number(seconds) / 60)
}

function abbreviationHours(abbreviation: string): number {
  const hours = ABBREVIATIONS[abbreviation.toUpperCase()]
  if (hours === undefined) throw new TypeError(`The time zone abbreviation '${abbreviation}' is not known`)
  return hours
}

/** The abbreviations that mean one offset everywhere, or nearly so in PHP's own table. */
const ABBREVIATIONS: Record<string, number> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  SAST: 2,
  JST: 9,
  KST: 9,
  HKT: 8,
  AEST: 10,
  AEDT: 11,
  NZST: 12,
  NZDT: 13,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
}

/** What a named zone is ahead of UTC at a local time, in milliseconds. */
function zoneOffset(zone: string, local: number): number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  } catch (cause) {
    throw new TypeError(`The time zone '${zone}' is not known`, { cause })
  }
  const at = (utc: number): number => {
    const name = format.formatToParts(utc).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
    return name === 'GMT' ? 0 : offsetMinutes(name.slice(3)) * 60_000
  }
  // The offset belongs to the moment, which is what we look for: the second guess differs only around a change of the clocks.
  return at(local - at(local))
}

import fc from 'fast-check'
import { toDate } from '../../src/php/date.ts'
import { serialize } from '../../src/php/serialize.ts'
import { unserialize } from '../../src/php/unserialize.ts'
import { PhpObject } from '../../src/php/values.ts'
import { forAll, seed } from '../support/random.ts'
import { lastDate } from './support/js-values.ts'
import { describePhps } from './support/phps.ts'

const dateTime = (date: string, type: number, timezone: string, className = 'DateTime') =>
  new PhpObject(className, { date, timezone_type: type, timezone })

/** What PHP serializes of its dates, and the moment it means. */
// biome-ignore format: a table
const moments: readonly [what: string, date: PhpObject, iso: string][] = [
  ['an offset', dateTime('2024-07-01 08:00:00.000000', 1, '+05:30'), '2024-07-01T02:30:00.000Z'],
  ['a negative offset', dateTime('2024-07-01 08:00:00.000000', 1, '-03:00'), '2024-07-01T11:00:00.000Z'],
  ['an offset with seconds', dateTime('1890-01-01 00:00:00.000000', 1, '+00:34:08'), '1889-12-31T23:25:52.000Z'],
  ['an abbreviation', dateTime('2024-07-01 08:00:00.000000', 2, 'EDT'), '2024-07-01T12:00:00.000Z'],
  ['an abbreviation in small letters', dateTime('2024-07-01 08:00:00.000000', 2, 'cest'), '2024-07-01T06:00:00.000Z'],
  ['the abbreviation Z', dateTime('2024-07-01 08:00:00.000000', 2, 'Z'), '2024-07-01T08:00:00.000Z'],
  ['a zone in summer', dateTime('2024-07-01 08:00:00.000000', 3, 'Europe/Zurich'), '2024-07-01T06:00:00.000Z'],
  ['a zone in winter', dateTime('2024-01-01 08:00:00.000000', 3, 'Europe/Zurich'), '2024-01-01T07:00:00.000Z'],
  ['a zone south of the equator', dateTime('2024-01-01 08:00:00.000000', 3, 'Australia/Sydney'), '2023-12-31T21:00:00.000Z'],
  ['UTC', dateTime('2024-02-29 12:34:56.789012', 3, 'UTC'), '2024-02-29T12:34:56.789Z'],
  ['microseconds before 1970', dateTime('1969-12-31 23:59:59.999999', 3, 'UTC'), '1969-12-31T23:59:59.999Z'],
  ['a year before Christ', dateTime('-0044-03-15 00:00:00.000000', 3, 'UTC'), '-000044-03-15T00:00:00.000Z'],
  ['a year of the first century', dateTime('0070-01-01 00:00:00.000000', 3, 'UTC'), '0070-01-01T00:00:00.000Z'],
  ['a year of five digits, as PHP 8.2 writes it', dateTime('+10000-01-01 00:00:00.000000', 3, 'UTC'), '+010000-01-01T00:00:00.000Z'],
  ['a year of five digits, as PHP 7.4 writes it', dateTime('10000-01-01 00:00:00.000000', 3, 'UTC'), '+010000-01-01T00:00:00.000Z'],
  ['a DateTimeImmutable', dateTime('2024-07-01 08:00:00.000000', 3, 'UTC', 'DateTimeImmutable'), '2024-07-01T08:00:00.000Z'],
  ['a Carbon', dateTime('2024-07-01 08:00:00.000000', 3, 'UTC', 'Carbon\\Carbon'), '2024-07-01T08:00:00.000Z'],
]

test.each(moments)('%s becomes the Date of its moment', (_, date, iso) => {
  expect(toDate(date).toISOString()).toBe(iso)
  expect(toDate(unserialize(serialize(date))).toISOString()).toBe(iso)
})

test('a Date is the Date it is', () => {
  const date = new Date(5)
  expect(toDate(date)).toBe(date)
})

test.each([
  [undefined, 'this value is not a PHP date'],
  ['2024-01-01', 'this value is not a PHP date'],
  [new PhpObject('User', { name: 'a' }), 'User is not a PHP date: it has no date and timezone'],
  [dateTime('2024-01-01', 3, 'UTC'), 'DateTime is not a PHP date'],
  [new PhpObject('DateTime', { date: '2024-01-01 00:00:00.000000' }), 'DateTime is not a PHP date'],
  [dateTime('2024-01-01 00:00:00.000000', 1, 'five'), "'five' is not an offset from UTC"],
  [dateTime('2024-01-01 00:00:00.000000', 2, 'XYZ'), "The time zone abbreviation 'XYZ' is not known"],
  [dateTime('2024-01-01 00:00:00.000000', 3, 'Mars/Base'), "The time zone 'Mars/Base' is not known"],
])('what is no date is refused: %#', (value, message) => {
  expect(() => toDate(value)).toThrow(TypeError)
  expect(() => toDate(value)).toThrow(message)
})

const zones = [
  'UTC',
  'Europe/Zurich',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
]
/** Those that the newest PHP reads as one offset. */
const abbreviations = [
  'UTC',
  'GMT',
  'CET',
  'CEST',
  'EET',
  'EEST',
  'EST',
  'EDT',
  'CST',
  'CDT',
  'MST',
  'MDT',
  'PST',
  'PDT',
  'BST',
  'WEST',
]
const offsets = ['+00:00', '+05:30', '-03:00', '+14:00', '-11:45', '+0200']

describePhps(`dates (SESSION_START_SEED=${seed})`, ['7.4', '8.5'], (php) => {
  // PHP 7.4 knows of no summer time after 2037. Around a change of the clocks an hour is skipped, or comes twice.
  const changes = [1711846800, 1729990800, 1710054000, 1730613600, 1712414700, 1728142200]
  const time = fc.oneof(
    fc.integer({ min: -2_000_000_000, max: 2_100_000_000 }),
    fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -200, max: 200 })).map(([change, minutes]) => change + minutes * 60),
  )
  const zone = fc.constantFrom(...zones, ...abbreviations, ...offsets)

  test('that PHP writes are the same moment here', async () => {
    await forAll(fc.tuple(time, zone), 3000, async (cases) => {
      const body = `
        list($time, $zone) = explode(' ', $in);
        $date = new DateTime('@' . $time);
        $bytes = serialize($date->setTimezone(new DateTimeZone($zone)));
        return unserialize($bytes)->getTimestamp() . ' ' . $bytes;`
      const answers = await php().map(
        body,
        cases.map((each) => Buffer.from(each.join(' '))),
      )
      return answers.map((answer) => {
        const [, seconds, bytes] = /^(-?\d+) (.*)$/s.exec(String(answer))!
        const date = toDate(unserialize(bytes!))
        return date.getTime() === Number(seconds) * 1000 ? undefined : `${answer} is read as ${date.toISOString()}`
      })
    })
  })

  test('that we write are the same moment in PHP', async () => {
    const date = fc.date({
      min: new Date('-009999-01-01T00:00:00Z'),
      max: lastDate,
      noInvalidDate: true,
    })
    await forAll(date, 2000, async (dates) => {
      const body = '$date = unserialize($in); return $date->format("U u ") . get_class($date) . " " . (serialize($date) === $in);'
      const answers = await php().map(
        body,
        dates.map((each) => serialize(each)),
      )
      return dates.map((each, index) => {
        const seconds = Math.floor(each.getTime() / 1000)
        const micros = String((each.getTime() - seconds * 1000) * 1000).padStart(6, '0')
        const expected = `${seconds} ${micros} DateTimeImmutable 1`
        return String(answers[index]) === expected ? undefined : `${each.toISOString()}: ${answers[index]}, not ${expected}`
      })
    })
  })
})

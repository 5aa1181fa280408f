import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { mayTellUser, userOf } from '../../src/inspect/user.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { inspectText, s } from './support/inspect.ts'

const array = (...pairs: string[]) => `a:${pairs.length / 2}:{${pairs.join('')}}`
const token = (user: string) => `O:9:"PostToken":2:{i:0;${s('main')}i:1;a:2:{i:0;${user}i:1;a:1:{i:0;${s('ROLE_USER')}}}}`

// biome-ignore format: a table
const rows: [what: string, bytes: string, user: string | undefined][] = [
  ['username', `user_id|i:5;username|${s('alice')}`, 'alice'],
  ['userName', `userName|${s('alice')}`, 'alice'],
  ['an e-mail address', `email|${s('a@example.com')}`, 'a@example.com'],
  ['a user that is a name', `user|${s('alice')}`, 'alice'],
  ['a user that is a number', 'user|i:5;', '#5'],
  ['user.name', `user|${array(s('id'), 'i:5;', s('name'), s('Alice'))}`, 'Alice'],
  ['user.id', `user|${array(s('id'), 'i:5;')}`, '#5'],
  ['an object with private properties', `user|O:4:"User":2:{${s('\0User\0id')}i:5;${s('\0*\0login')}${s('alice')}}`, 'alice'],
  ['user_id', 'cart|a:0:{}user_id|i:5;', '#5'],
  ['uid as a string', `uid|${s('17')}`, '#17'],
  ['uid of nobody', 'uid|i:0;', undefined],
  ['CakePHP', `Auth|${array(s('User'), array(s('id'), 'i:5;', s('username'), s('alice')))}`, 'alice'],
  ['Passport', `passport|${array(s('user'), s('alice'))}`, 'alice'],
  ['Laravel', `login_web_${'5'.repeat(40)}|i:17;`, '#17'],
  ['Yii', '__id|i:5;', '#5'],
  ['CodeIgniter', `__ci_last_regenerate|i:1700000000;username|${s('alice')}logged_in|b:1;`, 'alice'],
  ['Joomla', `__default|${array(s('user'), `O:4:"User":1:{${s('username')}${s('alice')}}`)}`, 'alice'],
  ['Symfony', `_sf2_attributes|${array(s('_security_main'), s(token(`O:8:"App\\User":2:{${s('\0App\\User\0id')}i:1;${s('\0App\\User\0email')}${s('a@example.com')}}`)))}`, 'a@example.com'],
  ['Symfony, with the session of a firewall at the top', `_security_admin|${s(token(`O:4:"User":1:{${s('username')}${s('alice')}}`))}`, 'alice'],
  ['Symfony, before login', `_sf2_attributes|${array(s('_security.main.target_path'), s('/'))}`, undefined],
  ['what is empty', `username|${s('')}user|N;email|b:1;`, undefined],
  ['a text that would do something to a terminal', `username|${s('a\x1b[2J')}`, 'a\\e[2J'],
  ['a very long name', `username|${s('x'.repeat(100))}`, `${'x'.repeat(59)}…`],
  ['nobody', 'cart|a:0:{}', undefined],
]

describe('the user of a session', () => {
  it.each(rows)('is found where applications keep it: %s', (_what, bytes, user) => {
    const { variables } = inspectText(bytes)
    expect(userOf({ variables })).toBe(user)
    expect(userOf({ variables: variables.filter(({ key }) => mayTellUser(key)) })).toBe(user)
  })

  it.each([
    ['login', 'alice'],
    ['symfony', 'alice'],
    ['laravel', '#17'],
    ['integers', undefined],
  ])('is found in what PHP wrote: %s', (kind, user) => {
    const { bytes, handler } = fixtures().find(({ name, php }) => name === kind && php === '8.5')!
    expect(userOf(inspectSession(bytes, handler))).toBe(user)
  })

  it('is soon known to be nobody, as most sessions of a site are those of guests: else this would not end', () => {
    const { variables } = inspectText(`cart|a:0:{}session|${array(s('auth'), array(s('user'), 'a:0:{}'))}`)
    for (let count = 0; count < 20_000; count++) expect(userOf({ variables: [...variables] })).toBeUndefined()
  })
})

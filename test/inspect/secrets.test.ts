import { diffSessions } from '../../src/inspect/diff.ts'
import { toJson } from '../../src/inspect/json.ts'
import { formatChange, formatReport } from '../../src/inspect/print.ts'
import { formatPhp } from '../../src/inspect/print-php.ts'
import { isSecret, maskChange, maskSecrets } from '../../src/inspect/secrets.ts'
import { inspectText, s } from './support/inspect.ts'

// biome-ignore format: a list
const secrets = [
  'password', 'Password', 'PASSWORD', 'passwd', 'pwd', 'user_password', 'userPassword', 'password2', 'password_confirmation', 'passwort', 'user_pass', 'pass', 'passphrase',
  'token', 'tokens', 'csrf', '_csrf', '_csrf_token', '_token', 'csrfToken', 'XSRF-TOKEN', 'accessToken', 'accesstoken', 'refresh_token', 'OAuthToken', 'id_token', 'jwt',
  'authorization', 'Authorization', 'auth', 'auth_key', 'secret', 'client_secret', 'clientSecret', 'totp_secret', 'api_key', 'apiKey', 'APIKey', 'apikey', 'private-key',
  'session_token', 'sessionId', 'PHPSESSID', 'sid', 'credit_card', 'creditCard', 'card_number', 'cvv', 'iban', 'IBAN', 'otp', 'otp_code', '2fa_code', 'pin', 'hash',
  'password_hash', 'passwordHash', 'salt', 'nonce', 'remember_me', 'reset_code', 'code_verifier', 'oauth2_state', 'ssn', 'bearer', 'credentials', 'security.csrf_token',
  'cookie', 'Cookie', 'cookies', 'set-cookie', 'Set-Cookie', 'auth_cookie', 'cookieJar', `remember_web_${'59ba36addc2b2f9401580f014c7f58ea4e30989d'}`, 'rememberme', 'remember_key',
  'userpass', 'dbpass', 'cc_number', 'ccNumber', 'cardnumber', 'card_no', 'creditcard', 'activation_key', 'activationKey', 'activation_code', 'signature', 'x-signature', 'sig',
  'hmac', 'hmac_sha256', 'mot_de_passe', 'motdepasse', 'senha', 'contraseña', 'contrasena', 'пароль', '_wpnonce',
]
// biome-ignore format: a list
const harmless = [
  'author', 'authors', 'author_id', 'authority', 'authenticated', 'tokenizer', 'tokenized', 'passport', 'passenger', 'boarding_pass', 'compass', 'secretary', 'hashtag',
  'user', 'username', 'user_id', 'name', 'email', 'cart', 'keyboard', 'monkey', 'key', 'card', 'card_type', 'pinned', 'spin', 'opinion', 'side', 'inside', 'residence', 'state',
  'session', 'sessions', 'code', 'zip_code', 'discount_code', 'number', 'phone_number', 'account', 'login', 'last_login', 'remember', 'notes', 'captain', 'total', '',
  'cookies_accepted', 'cookie_consent', 'cookieBanner', 'design', 'designer', 'signal', 'sign_up', 'signature_required', 'assignment', 'bypass', 'trespass', 'passe_partout',
  'cc', 'cc_email', 'card_holder', 'numbers', 'activation', 'activated_at', 'remember_filter', 'remember_web', 'senhor', 'motion', 'hma', 'wp', 'keys',
]

describe('a key', () => {
  it.each(secrets)('%s is a secret', (key) => {
    expect(isSecret([key])).toBe(true)
    expect(isSecret(['user', 0, key])).toBe(true)
  })

  it.each(harmless)('%s is none', (key) => {
    expect(isSecret([key])).toBe(false)
    expect(isSecret(['user', key, 5])).toBe(false)
  })

  it('is one of what holds it', () => {
    expect(isSecret(['passwords', 'shop', 0])).toBe(true)
    expect(isSecret(['auth', 'user', 'name'])).toBe(false)
    expect(isSecret([])).toBe(false)
  })
})

const session =
  `user|a:3:{${s('name')}${s('alice')}${s('password')}${s('hunter2')}${s('auth')}a:1:{${s('id')}i:5;}}` +
  `csrf|a:1:{${s('form-7f3a')}${s('hunter3')}}pin|i:1234;note|${s('$2y$10$hunter4hunter4hunter4hu')}` +
  `login|${s(`O:4:"User":2:{${s('id')}i:7;${s('\0User\0secret')}${s('hunter5')}}`)}plain|${s('hunter6')}token|R:11;auth|${s('hunter7')}empty|a:0:{}`

describe('a masked report', () => {
  const report = inspectText(session)
  const masked = maskSecrets(report)

  it('keeps type and size of secrets, and all that is none', () => {
    expect(formatReport(masked)).toBe(
      [
        'user: array(3) {  # 88 bytes',
        '  name: string(5) "alice"',
        '  password: string(7) ••••••',
        '  auth: array(1) {',
        '    id: int(5)',
        '  }',
        '}',
        'csrf: array() ••••••',
        'pin: int ••••••',
        'note: string(30) ••••••',
        'login: string(62) = object(User) {  # 70 bytes',
        '  id: int(7)',
        '  -secret: string(7) ••••••',
        '}',
        'plain: & string(7) ••••••',
        'token: & → plain',
        'auth: string(7) ••••••',
        'empty: array(0) {}',
      ].join('\n'),
    )
  })

  it('shows no secret in any way', () => {
    for (const shown of [formatReport(masked), formatPhp(masked), JSON.stringify(toJson(masked)), JSON.stringify(masked)]) {
      expect(shown).not.toMatch(/hunter|1234|7f3a/)
    }
  })

  it('leaves the report as it was, and shares what holds no secret', () => {
    expect(formatReport(report)).toContain('hunter2')
    expect(masked.variables.at(-1)).toBe(report.variables.at(-1))
    expect(formatReport(maskSecrets(masked))).toBe(formatReport(masked))
  })

  it('has only the variables that are wanted, masked as in the whole', () => {
    const { variables } = maskSecrets(report, ({ key }) => key === 'plain' || key === 'pin' || key === 'empty')
    expect(variables).toEqual(masked.variables.filter(({ key }) => ['plain', 'pin', 'empty'].includes(key)))
  })

  it('masks at any depth', () => {
    const deep = inspectText(`a|${'a:1:{i:0;'.repeat(4000)}a:1:{${s('pin')}i:1234;}${'}'.repeat(4000)}`)
    expect(formatReport(maskSecrets(deep))).not.toContain('1234')
  })

  it.each([
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', true],
    ['$argon2id$v=19$m=65536$c2FsdA', true],
    ['Bearer abc123', true],
    ['{bcrypt}$2a$10$abc', true],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', true],
    ['$2 for you', false],
    ['eyJ is how it starts', false],
    ['Basic', false],
    ['mysql://root:hunter2@db/shop', true],
    ['redis://:hunter2@cache:6379/0', true],
    ['see https://alice:hunter2@example.com/ for it', true],
    ['mysql:host=db;dbname=shop;password=hunter2', true],
    ['https://example.com/back?page=2&token=hunter2', true],
    ['/back#access_token=hunter2', true],
    ['/back?user%5Bpassword%5D=hunter2', true],
    ['https://example.com/oauth?code=hunter2hunter2&state=5', true],
    ['PHPSESSID=hunter2; theme=dark', true],
    ['Cookie: theme=dark; PHPSESSID=hunter2', true],
    ['/reset-password/9f86d081884c7d659a2f', true],
    ['https://example.com/account/password/reset/9f86d081-884c-7d65-9a2f?email=a', true],
    ['/activate/alice/9f86d081884c7d659a2f', true],
    ['{"name":"alice","password":"hunter2"}', true],
    [' [{"api_key" : "hunter2"}]', true],
    ['{"data":"{\\"password\\":\\"hunter2\\"}"}', true],
    ['{"password":"hunter2, and here it was cut o', true],
    ['https://example.com/back?page=2&sort=name', false],
    ['https://example.com:8080/@alice', false],
    ['https://alice@example.com/', false],
    ['https://example.com/search?q=token', false],
    ['https://example.com/?code=DE&page=1', false],
    ['mysql:host=db;dbname=shop;charset=utf8', false],
    ['I have no PHPSESSID, and no password', false],
    ['/reset-password', false],
    ['/reset-password/how-to-choose-a-good-one', false],
    ['/orders/9f86d081884c7d659a2f', false],
    ['{"name":"password","page":1}', false],
    ['[1,2,"token"]', false],
    ['{ "password": in prose', true],
    ['Authorization: Basic YWxpY2U6aHVudGVyMg==', true],
    ['GET / HTTP/1.1\r\nHost: example.com\r\nX-Api-Key: hunter2\r\n', true],
    ['it sent "Authorization: Bearer 0123456789abcdef"', true],
    ['Password: hunter2', true],
    ['the key is sk_live_0123456789abcdefghij', true],
    ['ghp_0123456789abcdefghij0123456789abcdef', true],
    ['{"aws":"AKIAIOSFODNN7EXAMPLE"}', true],
    ['xoxb-1234567890-abc', true],
    ['Host: example.com\nAccept: */*', false],
    ['about tokens: they are secrets', false],
    ['task_live_0123456789abcdefghij', false],
    ['the Bearer of this letter', false],
    ['Password:', false],
    ['author=5', false],
    ['token=', false],
  ])('masks texts that are secrets by their look: %s', (text, isMasked) => {
    expect(maskSecrets(inspectText(`note|${s(text)}`)).variables[0]!.value.isMasked === true).toBe(isMasked)
  })
})

describe('a string that is opened', () => {
  it('hides only what is a secret in it', () => {
    const inner = `a:2:{${s('url')}${s('mysql://root:hunter2@db')}${s('name')}${s('alice')}}`
    const shown = formatReport(maskSecrets(inspectText(`data|${s(inner)}`)))
    expect(shown).toContain('alice')
    expect(shown).not.toContain('hunter2')
  })
})

it.each([
  ...['/reset/', '://a:', '"a":', 'a=', '?state=', '/reset-password/1', '[[[[', 'a%5B'],
  ...['\n  a', 'token: ', 'sk_live_', 'Bearer '],
])('comes to an end with a text that was made to take long: %j again and again', (piece) => {
  const { variables } = maskSecrets(inspectText(`note|${s(piece.repeat(1_000_000 / piece.length))}`))
  expect(variables).toHaveLength(1)
})

describe('a masked change', () => {
  it.each([
    ['pin|i:1;', 'pin|i:2;', '~ pin: int •••••• → int ••••••'],
    [`csrf|a:1:{i:0;${s('a')}}`, `csrf|a:1:{i:0;${s('b')}}`, '~ csrf[0]: string(1) •••••• → string(1) ••••••'],
    ['', `user|a:1:{${s('pin')}i:1;}`, '+ user: array(1)'],
    ['n|i:1;', 'n|i:2;', '~ n: int(1) → int(2)'],
  ])('from %s to %s', (before, after, line) => {
    const changes = diffSessions(inspectText(before), inspectText(after)).map(maskChange)
    expect(changes.map((change) => formatChange(change))).toEqual([line])
    expect(JSON.stringify(changes)).not.toContain('"value":1,"isMasked"')
  })

  it('hides secrets in what was added as a whole', () => {
    const [change] = diffSessions(inspectText(''), inspectText(`user|a:1:{${s('pin')}i:1234;}`)).map(maskChange)
    expect(JSON.stringify(change)).not.toContain('1234')
  })
})

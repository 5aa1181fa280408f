import { SessionError } from '../../src/errors.ts'
import { parseSavePath, sessionFile } from '../../src/save-handlers/save-path.ts'

const TMPDIR = process.env['TMPDIR']
afterEach(() => {
  if (TMPDIR === undefined) {
    delete process.env['TMPDIR']
  } else {
    process.env['TMPDIR'] = TMPDIR
  }
})

test.each([
  ['/var/lib/php/sessions', '/var/lib/php/sessions', 0, 0o600],
  ['relative', 'relative', 0, 0o600],
  ['0;/dir', '/dir', 0, 0o600],
  ['2;/dir', '/dir', 2, 0o600],
  ['2;0640;/dir', '/dir', 2, 0o640],
  ['2;640;/dir', '/dir', 2, 0o640],
  ['2;7777;/dir', '/dir', 2, 0o7777],
  ['1;600;/dir;with;semicolons', '/dir;with;semicolons', 1, 0o600],
  ['many;/dir', '/dir', 0, 0o600],
  [' 3x;/dir', '/dir', 3, 0o600],
  ['2;9;/dir', '/dir', 2, 0],
  ['1;', '', 1, 0o600],
])('%j means folder %j, %i levels, mode %o', (save_path, basedir, dirdepth, filemode) => {
  expect(parseSavePath(save_path)).toEqual({ basedir, dirdepth, filemode })
})

test.each(['-1;/dir', '257;/dir', '99999999999999999999;/dir', '1;10000;/dir', '1;-1;/dir', '/dir\0'])(
  '%j is refused',
  (save_path) => {
    expect(() => parseSavePath(save_path)).toThrow(SessionError)
  },
)

test('the empty save_path is the folder for temporary files, whatever it is now', () => {
  process.env['TMPDIR'] = '/somewhere/'
  expect(parseSavePath('').basedir).toBe('/somewhere')
  delete process.env['TMPDIR']
  expect(parseSavePath('').basedir).toBe('/tmp')
})

test.each([
  ['/dir', 'abc', '/dir/sess_abc'],
  ['1;/dir', 'abc', '/dir/a/sess_abc'],
  ['2;/dir', 'abc', '/dir/a/b/sess_abc'],
  ['3;/dir', 'abc', null],
  ['3;/dir', 'abcd', '/dir/a/b/c/sess_abcd'],
])('under %j the session %s is the file %j', (save_path, id, path) => {
  expect(sessionFile(parseSavePath(save_path), id)).toBe(path)
})

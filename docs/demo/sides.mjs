/** The two sides of the story: each does something to the session, and what it did is looked at from both. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changes, readable } from './bytes.mjs'
import { show, showBytes, width } from './terminal.mjs'

const showPhp = readFileSync(new URL('show.php', import.meta.url), 'utf8')

export function sides({ php, sessions, save_path, report }) {
  const fileOf = (id) => join(save_path, `sess_${id}`)
  let before = ''

  return {
    /** Shows the code and runs it in PHP; `$id` is what it is given. → what it printed */
    asPhp(code, id = '') {
      report.code(dedent(code))
      return text(php, `$id = $input; ${code}`, id)
    },

    /** Shows the body of the function and runs it. */
    async node(act) {
      report.code(dedent(act.toString().split('\n').slice(1, -1).join('\n')))
      await act()
    },

    /** Shows the file and what both sides see in it: `expected`, and PHP would write the same bytes. */
    async see(id, expected) {
      const bytes = readFileSync(fileOf(id))
      const php = await phpView(id)
      const node = await sessions.peek({ id })

      const after = readable(bytes)
      report.row('file', `sess_${id.slice(0, 6)}…, ${bytes.length} bytes`)
      if (after !== '') report.row('', showBytes(changes(before, after)))
      before = after
      report.row('PHP', php.shown)
      report.row('Node', show(node))
      report.check(
        'both see the same, and PHP would write the same bytes',
        { 'in PHP': php.vars, 'in Node': node, bytes: php.encoded },
        { 'in PHP': expected, 'in Node': expected, bytes: bytes.toString('latin1') },
      )
    },

    /** No trace of this session: no file, nothing in Node, and PHP gives a new id to whoever asks for it. */
    async gone(id) {
      const started = await text(php, 'session_id($input); session_start(); echo session_id(); session_destroy();', id)
      const actual = { file: existsSync(fileOf(id)), 'in Node': await sessions.peek({ id }), 'new id in PHP': started !== id }
      const expected = { file: false, 'in Node': null, 'new id in PHP': true }
      report.check(`${id.slice(0, 6)}… is gone; PHP gives a new id to whoever asks for it`, actual, expected)
    },
  }

  async function phpView(id) {
    const code = `${showPhp}
      session_id($input); session_start();
      echo base64_encode(json_encode([show($_SESSION, '', ${width}), (object) $_SESSION, bin2hex(session_encode())]));
      session_abort();`
    const [shown, vars, encoded] = JSON.parse(Buffer.from(await text(php, code, id), 'base64').toString())
    return { shown, vars, encoded: Buffer.from(encoded, 'hex').toString('latin1') }
  }
}

/** What PHP code prints for an input. */
export async function text(php, code, input) {
  return (await php.run(code, Buffer.from(input))).toString()
}

function dedent(code) {
  const lines = code.replace(/^\n+|\s+$/g, '').split('\n')
  const spaces = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)[0].length))
  return lines.map((line) => line.slice(spaces)).join('\n')
}

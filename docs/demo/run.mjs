/** `npm run demo`: one session for PHP and Node, first told in the terminal, then to click through in the browser. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import phpOracle from '../../test/oracle/run-php.cjs'
import { ensureBuilt, ensureInstalled } from '../../test/support/prepare.mjs'
import { createReport, paint, print } from './terminal.mjs'

const { nativePhp, openPhp, phpVersions } = phpOracle
const phps = ['native', ...phpVersions.filter((version) => version !== '5.2')]

const help = `npm run demo -- [options]

  --php VERSION  ${phps.slice(1).join(', ')} from npm, as WebAssembly; or native, the php that is installed; default ${phps.at(-1)}
  --story        only the story in the terminal
  --check        the story, then the shop without a browser
  --port N       where the shop listens; default is a free port
  --help         this text

The exit status is 1 when PHP and Node did not see the same.`

/** What was opened and has to be closed, in this order. */
const opened = []
/** Whether the shop is open: then Ctrl-C is how it ends. */
let isOpen = false
let isInterrupted = false
/** 1 when something differed. */
let status = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    isInterrupted = true
    await shutDown()
    process.exit(isOpen ? status : 130)
  })
}

const options = readOptions()
if (typeof options === 'string') {
  const isHelp = options === help
  ;(isHelp ? console.log : console.error)(options)
  process.exitCode = isHelp ? 0 : 2
} else {
  await demo(options)
}

async function demo({ php: version, story, check, port }) {
  const report = createReport()
  try {
    await ensureInstalled()
    await ensureBuilt()
    await run(version, report, { story, check, port })
  } catch (error) {
    // Ctrl-C ends the PHPs too.
    if (!isInterrupted) report.brokeOff(error)
  }
  if (isOpen || isInterrupted) return
  conclude(report)
  await shutDown()
}

async function run(version, report, { story, check, port }) {
  // What needs the set-up is loaded after it.
  const sessionStart = createRequire(import.meta.url)('../../dist/index.js')
  const { tellStory } = await import('./story.mjs')
  const { openSite } = await import('./site.mjs')
  const { visitShop } = await import('./visit.mjs')

  const save_path = realpathSync(mkdtempSync(join(tmpdir(), 'session-start-demo-')))
  process.once('exit', () => rmSync(save_path, { recursive: true, force: true }))

  const forStory = { save_path, use_strict_mode: 1, use_cookies: 0, cache_limiter: '' }
  const opening = openPhp(version, { mounts: [save_path], ini: asIni(forStory) })
  opened.unshift(() => opening.then((php) => php.close()))
  const php = await opening

  report.title(
    `One $_SESSION for PHP ${php.version}${version === 'native' ? '' : ' (WebAssembly)'} and Node ${process.versions.node}`,
  )
  await tellStory({ php, sessions: new sessionStart.SessionManager(forStory), save_path, report })
  if (story) return

  const directives = { save_path, name: 'shop', use_strict_mode: 1, cookie_httponly: 1, cookie_samesite: 'Lax' }
  const site = await openSite({ sessionStart, php, runtime: { version, nativePhp }, directives, port })
  opened.unshift(() => site.close())
  if (check) {
    report.title('A shop with PHP pages and Node pages')
    return visitShop(site.url, { save_path, report })
  }
  conclude(report)
  isOpen = true
  print(`\n${paint('bold', 'The same in the browser')}, until Ctrl-C:\n`)
  print(`  PHP   ${paint('bold', `${site.url}/php/`)}\n  Node  ${paint('bold', `${site.url}/node/`)}\n`)
}

function conclude(report) {
  status = report.summary() === 0 ? 0 : 1
  process.exitCode = status
}

async function shutDown() {
  for (const close of opened.splice(0)) await close().catch(() => {})
}

function asIni(directives) {
  return Object.fromEntries(Object.entries(directives).map(([name, value]) => [`session.${name}`, `${value}`]))
}

/** The options, or what to print instead of the demo. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        php: { type: 'string', default: phps.at(-1) },
        story: { type: 'boolean' },
        check: { type: 'boolean' },
        port: { type: 'string', default: '0' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) return help
    if (!phps.includes(values.php)) throw new Error(`--php is one of ${phps.join(', ')}, not '${values.php}'`)
    if (values.php === 'native' && nativePhp === undefined) throw new Error('--php native: there is no php on PATH')
    if (!/^\d{1,5}$/.test(values.port) || values.port > 65535) throw new Error(`--port is 0 to 65535, not '${values.port}'`)
    return { ...values, port: Number(values.port) }
  } catch (error) {
    return `${error.message}\n\n${help}`
  }
}

/**
 * Gives uploads to a WebAssembly PHP, and tells every state that the session's file had: `fork` with the version as argument, then
 * one message with the uploads, answered by one with the states.
 */
import { loadNodeRuntime } from '@php-wasm/node'
import { PHP, __private__dont__use as runtime } from '@php-wasm/universal'

/** A PHP for each php.ini, which it reads only once. */
const phps = new Map()

process.on('disconnect', () => process.exit())
process.once('message', async (uploads) => {
  const answers = []
  for (const [at, upload] of uploads.entries()) answers.push(await statesOf(upload.formId ?? `id${at}`, upload))
  process.send(answers, () => process.exit())
})

/** `cancelAt`: after so many states another script cancels. */
async function statesOf(id, { body, contentType, ini, cancelAt, formId }) {
  const php = await phpWith(ini)
  const states = []
  const path = `/sessions/sess_${id}`
  watch(php, path, () => {
    states.push(Buffer.from(php.readFileAsBuffer(path)).toString('latin1'))
    if (states.length === cancelAt) php.writeFile(path, cancelled(php.readFileAsText(path)))
  })
  const headers = { 'content-type': contentType, ...(formId === undefined && { cookie: `PHPSESSID=${id}` }) }
  const { text } = await php.run({ method: 'POST', scriptPath: '/page.php', headers, body: new Uint8Array(body) })
  if (text !== 'done') throw new Error(`PHP said: ${text}`)
  return states
}

async function phpWith(ini) {
  const lines = Object.entries({ 'session.save_path': '/sessions', ...ini }).map(([name, value]) => `${name}="${value}"\n`)
  const text = lines.join('')
  if (!phps.has(text)) {
    const php = new PHP(await loadNodeRuntime(process.argv[2], { emscriptenOptions: { processId: process.pid } }))
    php.mkdir('/sessions')
    php.writeFile('/page.php', '<?php echo "done";')
    php.writeFile('/internal/shared/php.ini', text)
    phps.set(text, php)
  }
  return phps.get(text)
}

/** Calls back when PHP wrote the file, which it does at once and whole. */
function watch(php, path, callback) {
  php.writeFile(path, '')
  const { node } = php[runtime].FS.lookupPath(path)
  const operations = node.stream_ops
  let isWatching = true
  node.stream_ops = {
    ...operations,
    write(...args) {
      const written = operations.write(...args)
      if (isWatching) {
        isWatching = false
        callback()
        isWatching = true
      }
      return written
    },
  }
}

function cancelled(session) {
  return session.replace('a:5:{', 'a:6:{s:13:"cancel_upload";b:1;')
}

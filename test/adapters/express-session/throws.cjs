'use strict'
/**
 * A server of its own, since what a callback throws ends the process: `node throws.cjs theirs` or `ours` prints, as JSON, where Node finds
 * what the callback of each method throws, and what the next visit finds in the session.
 */
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const swc = require('@swc/core')

require.extensions['.ts'] = (module, filename) => {
  const options = { filename, jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }
  module._compile(swc.transformSync(readFileSync(filename, 'utf8'), options).code, filename)
}
const { frameworks, openBrowser, sides } = require(join(__dirname, 'sides.ts'))

async function main() {
  const side = sides[process.argv[2]]({})
  const app = frameworks['Express 5']()
  app.use(side.middleware)
  let response
  const throwing = (method) => (req, res) => {
    response = res
    req.session.n = (req.session.n ?? 0) + 1
    req.session[method](() => {
      throw new RangeError(`from ${method}`)
    })
  }
  const methods = ['save', 'reload', 'regenerate', 'destroy']
  const pages = Object.fromEntries(methods.map((method) => [`/${method}`, throwing(method)]))
  const browser = await openBrowser(app, side.name, { ...pages, '/show': ({ session }) => ({ n: session.n }) })
  const found = []
  process.on('uncaughtException', (error, origin) => {
    found.push([origin, error.message])
    response.end('{}')
  })
  await browser.visit('/show')
  for (const method of methods) found.push(await browser.visit(`/${method}`), (await browser.visit('/show')).body)
  process.stdout.write(JSON.stringify(found))
  await browser.close()
  side.close()
}

main()

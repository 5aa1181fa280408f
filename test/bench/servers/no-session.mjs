/** The same page without any session: what is left is node:http. */
import { randomBytes } from 'node:crypto'
import { loginPage, serve } from './login-page.mjs'

serve((_req, res) => {
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.end(loginPage(randomBytes(16).toString('hex')))
})

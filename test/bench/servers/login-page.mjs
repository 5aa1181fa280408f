import { createServer } from 'node:http'

/** The page itself, as login.php has it. */
export function loginPage(token) {
  return `<!doctype html>
<html lang="en">
<title>Log in</title>
<form method="post" action="/login">
<input type="hidden" name="csrf_token" value="${token}">
<label>Name <input name="username"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button>
</form>
`
}

export function serve(handler) {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))
  // It ends with whoever started it.
  process.stdin.resume().on('end', () => process.exit())
}

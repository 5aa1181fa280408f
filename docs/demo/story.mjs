/** The story in the terminal: PHP and Node take turns with one session, and each step is looked at from both sides. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sides, text } from './sides.mjs'

/**
 * @param {object} options
 * @param {object} options.php a PHP of the oracle, which knows the directives
 * @param {object} options.sessions the SessionManager with the same directives
 * @param {string} options.save_path
 * @param {object} options.report
 */
export async function tellStory({ php, sessions, save_path, report }) {
  const { node, asPhp, see, gone } = sides({ php, sessions, save_path, report })
  let id
  let session

  report.step('PHP', 'logs Alice in and fills her cart')
  id = await asPhp(`
    session_start();
    $_SESSION['user'] = 'Alice';
    $_SESSION['cart'] = ['Espresso' => 2];
    $_SESSION['total'] = 5.0;
    echo session_id();`)
  await see(id, { user: 'Alice', cart: { Espresso: 2 }, total: 5 })

  report.step('Node', 'sees it, and adds to the cart')
  await node(async () => {
    session = await sessions.start({ id })
    session.$_SESSION.cart.Crêpe = 1
    session.$_SESSION.total += 2
  })
  const { seen } = await startPhpThatWaits({ php, id, save_path, report })
  await node(async () => {
    await session.commit()
  })
  report.check('PHP gets through, and sees the crêpe', JSON.parse(await seen), { Espresso: 2, Crêpe: 1 })
  await see(id, { user: 'Alice', cart: { Espresso: 2, Crêpe: 1 }, total: 7 })

  report.step('PHP', 'goes on with the same session')
  await asPhp(
    `
    session_id($id);
    session_start();
    $_SESSION['cart']['Tea'] = 1;
    $_SESSION['total'] += 3.5;`,
    id,
  )
  const cart = { Espresso: 2, Crêpe: 1, Tea: 1 }
  await see(id, { user: 'Alice', cart, total: 10.5 })

  report.step('Node', 'gives the session a new id')
  const oldId = id
  await node(async () => {
    session = await sessions.start({ id })
    await session.regenerate(true)
    await session.commit()
    id = session.id
  })
  await gone(oldId)
  await see(id, { user: 'Alice', cart, total: 10.5 })

  report.step('PHP', 'goes on with the new id')
  await asPhp(
    `
    session_id($id);
    session_start();
    $_SESSION['paid'] = true;`,
    id,
  )
  await see(id, { user: 'Alice', cart, total: 10.5, paid: true })

  report.step('Node', 'removes all variables; the session stays')
  await node(async () => {
    session = await sessions.start({ id })
    session.unset()
    await session.commit()
  })
  await see(id, {})

  report.step('PHP', 'uses it again, and removes all variables too')
  await asPhp("session_id($id); session_start(); $_SESSION['user'] = 'Bob';", id)
  await see(id, { user: 'Bob' })
  await asPhp('session_id($id); session_start(); session_unset();', id)
  await see(id, {})

  report.step('Node', 'destroys the session')
  await node(async () => {
    session = await sessions.start({ id })
    await session.destroy()
  })
  await gone(id)

  report.step('PHP', 'begins a new one, and destroys it')
  id = await asPhp("session_start(); $_SESSION['user'] = 'Carol'; echo session_id();")
  await see(id, { user: 'Carol' })
  await asPhp('session_id($id); session_start(); session_destroy();', id)
  await gone(id)
  report.check('no file is left', readdirSync(save_path), [])
}

/** Proves the lock while Node holds it. → `{ seen }`, the promise of what a PHP that waits for it sees in the end */
async function startPhpThatWaits({ php, id, save_path, report }) {
  const file = join(save_path, `sess_${id}`)
  const probe = "echo flock(fopen($input, 'r+'), LOCK_EX | LOCK_NB) ? 'free' : 'locked';"
  report.check('PHP tries flock(LOCK_EX | LOCK_NB): somebody holds the file', await text(php, probe, file), 'locked')

  const sign = join(save_path, 'php-is-at-the-door')
  const code = `touch('${sign}'); session_id($input); session_start(); echo json_encode($_SESSION['cart']);`
  let isThrough = false
  const seen = text(php, code, id).finally(() => {
    isThrough = true
  })
  seen.catch(() => {}) // it is awaited later, if nothing breaks off before
  while (!existsSync(sign) && !isThrough) await sleep(10)
  await sleep(300)
  rmSync(sign)
  report.check("PHP's session_start() waits", isThrough, false)
  return { seen }
}

/** A page of SvelteKit (src/routes/+page.server.js): visits are counted, and who logs in here or in PHP is logged in there too. */

export function load({ locals: { session } }) {
  const { $_SESSION } = session
  $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
  return { user: $_SESSION.user ?? 'stranger', visits: $_SESSION.visits }
}

export const actions = {
  async login({ locals: { session } }) {
    await session.regenerate(true) // the id from before the login is worth nothing now
    session.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  },

  async logout({ locals: { session } }) {
    session.cookie.expire()
    await session.destroy()
  },
}

/** Who we were when last asked: to ask takes as long as to read a session. */
let ourUid = -1

/** Whether a user is the one we run as, really or in effect; root is everybody. */
export function isOurs(uid: number): boolean {
  if (uid === ourUid) {
    return true
  }
  const real = process.getuid?.()
  if (real === undefined || real === 0) {
    return true
  }
  ourUid = real
  return uid === real || uid === process.geteuid?.()
}

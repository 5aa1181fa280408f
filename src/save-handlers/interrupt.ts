import { type LibC, libc } from './system-calls.ts'

/** The id of the calling thread, for {@link interruptThread}: this C function, called in the thread itself. */
export const THREAD_ID = 'uintptr_t pthread_self()'

/**
 * Makes a blocking system call in another thread of this process return with EINTR. A signal that comes
 * before the call has begun does nothing, so a caller repeats this until the thread has answered. The thread must exist.
 */
export function interruptThread(id: number | bigint): void {
  interrupt ??= interruptFunction(libc())
  interrupt(id)
}

let interrupt: ((id: number | bigint) => void) | undefined

/** SIGURG, which is ignored unless somebody asks for it. Linux has real-time signals besides, from 34 to 64, which nobody gets by chance. */
const SIGNALS = process.platform === 'linux' ? [50, 51, 52, 53, 54] : [16]

/**
 * That takes a signal with a handler, and one that system calls are not restarted after. libc's abs() is a handler that does nothing:
 * it takes an int and touches nothing else.
 */
function interruptFunction(c: LibC | Error): (id: number | bigint) => void {
  if (c instanceof Error) {
    throw c
  }
  const { lib } = c
  const signal = lib.func('uintptr_t signal(int, void *)')
  const siginterrupt = lib.func('int siginterrupt(int, int)')
  const kill = lib.func('int pthread_kill(uintptr_t, int)')
  const nothing = lib.symbol('abs')
  const number = SIGNALS.find((candidate) => {
    const before = signal(candidate, nothing)
    const free = Number(before) === 0 || BigInt(before) === BigInt(nothing)
    if (!free) {
      signal(candidate, before)
    }
    return free
  })
  if (number === undefined) {
    return () => {}
  }
  siginterrupt(number, 1)
  return (id) => {
    kill(id, number)
  }
}

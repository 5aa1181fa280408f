import type { AddCommand } from './command.ts'
import { gc } from './commands/gc.ts'
import { rm } from './commands/rm.ts'

/** The commands, in the order of the help. */
export const commands: readonly AddCommand[] = [rm, gc]

import type { Command } from 'commander'
import type { Status } from './exit-status.ts'
import type { Output, OutputOptions } from './output.ts'

/** Adds a command to the program: its words, its options, its help, what it does. `done` tells the exit status, if it is not 0. */
export type AddCommand = (program: Command, output: (options: OutputOptions) => Output, done: (status: Status) => void) => void

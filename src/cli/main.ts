/** Chooses the command and turns what went wrong into a message and an exit code. */
import { VERSION } from '../shared/version.js';
import { parseArguments, UsageError } from './arguments.js';
import { runDemo } from './demo.js';
import { runDev } from './dev.js';
import { HELP } from './help.js';
import { type Io, printLine } from './io.js';

/** The command line cannot be carried out as it stands; the shells' custom. */
const EXIT_USAGE = 2;

/** Runs the command line without the program's name. Resolves to the exit code; does not reject. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const command = parseArguments(argv);
    switch (command.name) {
      case 'help':
        io.stdout.write(HELP);
        return 0;
      case 'version':
        printLine(io.stdout, VERSION);
        return 0;
      case 'dev':
        return await runDev(command.options, io);
      case 'demo':
        return await runDemo(command.options, io);
    }
  } catch (error) {
    printLine(io.stderr, `tailrace: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? EXIT_USAGE : 1;
  }
}

/** Chooses the command and turns what went wrong into a message and an exit code. */
import { NO_SQLITE } from '../receiver/store/sqlite.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { VERSION } from '../shared/version.js';
import { parseArguments, UsageError } from './arguments.js';
import { runDemo } from './demo/demo.js';
import { runDev } from './dev.js';
import { COMMAND_HELP, HELP } from './help.js';
import { type Io, printLine } from './io.js';
import { howToGetSqlite } from './missing-sqlite.js';

/** The command line cannot be carried out as it stands; the shells' custom. */
const EXIT_USAGE = 2;

/** Runs the command line without the program's name. Resolves to the exit code; does not reject. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const command = parseArguments(argv);
    switch (command.name) {
      case 'help':
        // To nothing at all it is the answer to a mistake, as it is of git and npm.
        (command.isAsked ? io.stdout : io.stderr).write(command.of ? COMMAND_HELP[command.of] : HELP);
        return command.isAsked ? 0 : EXIT_USAGE;
      case 'version':
        printLine(io.stdout, VERSION);
        return 0;
      case 'dev':
        return await runDev(command.options, io);
      case 'demo':
        return await runDemo(command.options, io);
    }
  } catch (error) {
    const message = messageOf(error);
    const remedy = message.startsWith(NO_SQLITE) ? `: ${howToGetSqlite(argv)}` : '';
    printLine(io.stderr, `tailrace: ${message}${remedy}`);
    return error instanceof UsageError ? EXIT_USAGE : 1;
  }
}

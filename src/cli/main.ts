/** Runs the command, and turns errors into a message and an exit code. */
import { NO_SQLITE } from '../receiver/store/open-store.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { VERSION } from '../shared/version.js';
import { parseArguments, UsageError } from './arguments.js';
import { runDemo } from './demo/demo.js';
import { runDev } from './dev.js';
import { COMMAND_HELP, HELP } from './help.js';
import { type Io, printLine } from './io.js';
import { NO_SDK, SDK_PACKAGE } from './mcp/load-sdk.js';
import { howToGet, howToGetSqlite } from './missing-package.js';
import { runExport } from './traces/export.js';
import { runImport } from './traces/import.js';
import { runShow } from './traces/show.js';
import { runTail } from './traces/tail.js';
import { parseTraceCommand } from './traces/trace-arguments.js';

/** The exit code for an invalid command line, by the convention of shells. */
const EXIT_USAGE = 2;

/** Runs the command line without the program's name. Resolves to the exit code; does not reject. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const command = parseTraceCommand(argv) ?? parseArguments(argv);
    switch (command.name) {
      case 'help':
        // Without a command the help is an error message, as in git and npm.
        (command.isAsked ? io.stdout : io.stderr).write(command.of ? COMMAND_HELP[command.of] : HELP);
        return command.isAsked ? 0 : EXIT_USAGE;
      case 'version':
        printLine(io.stdout, VERSION);
        return 0;
      case 'dev':
        return await runDev(command.options, io);
      case 'mcp': {
        // Loaded here alone: nothing else needs its schemas.
        const { runMcp } = await import('./mcp/command.js');
        return await runMcp(command.options, io);
      }
      case 'demo':
        return await runDemo(command.options, io);
      case 'import':
        return await runImport(command.options, io);
      case 'export':
        return await runExport(command.options, io);
      case 'tail':
        return await runTail(command.options, io);
      case 'show':
        return await runShow(command.options, io);
      case 'clickhouse-schema': {
        const { printClickhouseSchema } = await import('./clickhouse-schema.js');
        return printClickhouseSchema(command.options, io);
      }
      case 'forward': {
        // It brings a client for HTTP along, which the other commands do not need.
        const { runForward } = await import('./forward/command.js');
        return await runForward(command.options, argv, io);
      }
    }
  } catch (error) {
    const message = messageOf(error);
    const remedy = remedyFor(message, argv);
    printLine(io.stderr, `tailrace: ${message}${remedy}`);
    return error instanceof UsageError ? EXIT_USAGE : 1;
  }
}

function remedyFor(message: string, argv: readonly string[]): string {
  if (message.startsWith(NO_SQLITE)) return `: ${howToGetSqlite(argv)}`;
  return message.startsWith(NO_SDK) ? `: run: ${howToGet([`${SDK_PACKAGE}@1`], argv)}` : '';
}

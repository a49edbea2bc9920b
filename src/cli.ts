#!/usr/bin/env node
/** The `tailrace` command. */
import { processIo } from './cli/io.js';
import { main } from './cli/main.js';

// Not process.exit(): what was written to a pipe must get through first.
process.exitCode = await main(process.argv.slice(2), processIo());

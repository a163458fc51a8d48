import { createProgram } from '../../packages/proxy/src/cli/program.ts';

type Command = ReturnType<typeof createProgram>;

/** As wide as a page of this repository is allowed to be, whatever terminal it is written from. */
const WIDTH = 110;

const terminal = { environment: {}, print: () => {}, complain: () => {} };

/** What `--help` says of every command that it lists, in their order. */
export function commandHelp(): string {
  return commandsOf(createProgram(terminal, () => {}))
    .map(({ path, command }) => `## \`${path}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
    .join('\n\n');
}

interface Named {
  readonly path: string;
  readonly command: Command;
}

function commandsOf(command: Command, above = ''): readonly Named[] {
  const path = `${above} ${command.name()}`.trim();
  const below = command.createHelp().visibleCommands(command);
  const own = below.filter((each) => command.commands.includes(each));
  return [{ path, command }, ...own.flatMap((each) => commandsOf(each, path))];
}

function helpOf(command: Command): string {
  const help = command.createHelp();
  help.helpWidth = WIDTH;
  return help.formatHelp(command, help).trimEnd();
}

/**
 * Completions for four shells, made from the flags and verbs of `--help`. Pure.
 * @module
 */

import { type Flag, FLAGS, type Operand, type Verb, VERBS } from "../src/cli/flags.ts";

/** The shells, with the file names that they require. */
export const SHELLS = {
  bash: { file: "sweepd.bash", write: bash },
  zsh: { file: "_sweepd", write: zsh },
  fish: { file: "sweepd.fish", write: fish },
  powershell: { file: "sweepd.ps1", write: powershell },
} as const;

const VERB_NAMES = VERBS.map(({ name }) => name);

function forms({ long, short }: Flag): string[] {
  return [...short === null ? [] : [`-${short}`], `--${long}`];
}

function bash(): string {
  const valued = FLAGS.flatMap((flag: Flag) =>
    flag.value === null ? [] : [`    ${forms(flag).join("|")}) ${bashReply(flag.value)} ;;`]
  );
  const words = FLAGS.map(({ long }) => `--${long}`).join(" ");
  const verbs = VERBS.map(({ name, operands }) => `    ${name}) ${bashReply(operands[0])} ;;`);
  return `# bash completion for sweepd
_sweepd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} word verb=
  COMPREPLY=()
  case $prev in
${valued.join("\n")}
  esac
  case $prev in ${FLAGS.flatMap((flag: Flag) => flag.value === null ? [] : forms(flag)).join("|")}) return ;; esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "${words}" -- "$cur"))
    return
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${VERB_NAMES.join("|")}) verb=$word ;; esac
  done
  case $verb in
${verbs.join("\n")}
    *) COMPREPLY=($(compgen -W "${VERB_NAMES.join(" ")}" -- "$cur") $(compgen -d -- "$cur")) ;;
  esac
}
complete -o filenames -F _sweepd sweepd
`;
}

function bashReply({ kind, words = [] }: Operand): string {
  if (kind === "file") return 'COMPREPLY=($(compgen -f -- "$cur"))';
  if (kind === "folder") return 'COMPREPLY=($(compgen -d -- "$cur"))';
  return words.length === 0 ? "COMPREPLY=()" : `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
}

function zsh(): string {
  const flags = FLAGS.map((flag: Flag) => {
    const others = forms(flag).join(" ");
    const named = flag.short === null ? `'--${flag.long}` : `'(${others})'{-${flag.short},--${flag.long}}'`;
    const value = flag.value === null ? "" : `:${flag.value.name}:${zshAction(flag.value)}`;
    return `    ${named}[${plain(flag.summary).replace(/[:\][]/g, "\\$&")}]${value}'`;
  });
  const verbs = VERBS.map(({ name, summary }) => `      '${name}:${plain(summary)}'`);
  const operands = VERBS.map(({ name, operands }) => `      ${name}) ${zshCall(operands[0])} ;;`);
  return `#compdef sweepd
# zsh completion for sweepd
_sweepd() {
  local context state state_descr line verb
  typeset -A opt_args
  _arguments -s -S \\
${flags.map((flag) => `${flag} \\\n`).join("")}    '*:word:->word'
  [[ $state == word ]] || return
  verb=\${words[(r)${VERB_NAMES.join("|")}]}
  case $verb in
${operands.join("\n")}
    *)
      local -a verbs=(
${verbs.join("\n")}
      )
      _describe command verbs
      _files -/
      ;;
  esac
}
_sweepd "$@"
`;
}

function zshAction({ kind, words = [] }: Operand): string {
  return kind === "file" ? "_files" : kind === "folder" ? "_files -/" : `(${words.join(" ")})`;
}

function zshCall({ kind }: Operand): string {
  return kind === "file" ? "_files" : kind === "folder" ? "_files -/" : "_message PID";
}

function fish(): string {
  const flags = FLAGS.map((flag: Flag) => {
    const short = flag.short === null ? "" : ` -s ${flag.short}`;
    return `complete -c sweepd${short} -l ${flag.long}${fishValue(flag.value)} -d '${plain(flag.summary)}'`;
  });
  const seen = `__fish_seen_subcommand_from ${VERB_NAMES.join(" ")}`;
  const verbs = VERBS.map(({ name, summary }) =>
    `complete -c sweepd -f -n 'not ${seen}' -a ${name} -d '${plain(summary)}'`
  );
  const operands = VERBS.flatMap(({ name, operands: [operand] }: Verb) => {
    const condition = `-n '__fish_seen_subcommand_from ${name}'`;
    if (operand?.kind === "file") return [`complete -c sweepd -F ${condition}`];
    return operand?.kind === "folder"
      ? [`complete -c sweepd -f ${condition} -a '(__fish_complete_directories)'`]
      : [`complete -c sweepd -f ${condition}`];
  });
  const folders = `complete -c sweepd -f -n 'not ${seen}' -a '(__fish_complete_directories)'`;
  return ["# fish completion for sweepd", ...flags, ...verbs, folders, ...operands, ""].join("\n");
}

function fishValue(value: Operand | null): string {
  if (value === null) return "";
  if (value.kind === "file") return " -r -F";
  return ` -x${value.words === undefined ? "" : ` -a '${value.words.join(" ")}'`}`;
}

function powershell(): string {
  const rows = FLAGS.flatMap((flag: Flag) =>
    forms(flag).map((form) => `    @('${form}', 'ParameterName', '${plain(flag.summary)}')`)
  );
  const verbs = VERBS.map(({ name, summary }) => `    @('${name}', 'Command', '${plain(summary)}')`);
  return `# PowerShell completion for sweepd
Register-ArgumentCompleter -Native -CommandName sweepd -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  # A comma in front keeps each row an array of its own.
  $words = @(
${[...rows, ...verbs].map((row) => row.replace("@(", ",@(")).join("\n")}
  )
  $words | Where-Object { $_[0].StartsWith($wordToComplete, 'Ordinal') } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], $_[1], $_[2])
  }
}
`;
}

/** Removes characters that would end a quoted word. */
function plain(summary: string): string {
  return summary.replaceAll("'", "");
}

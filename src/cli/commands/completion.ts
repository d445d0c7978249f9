/** `idflow completion`: scripts that ask the program itself for the words that may come next. */
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

const BASH = `# idflow completion for bash; put into ~/.bashrc: source <(idflow completion bash)
_idflow() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(idflow __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _idflow idflow
`;

const ZSH = `#compdef idflow
# idflow completion for zsh; put into ~/.zshrc: source <(idflow completion zsh)
_idflow() {
  local -a words_found
  words_found=("\${(@f)$(idflow __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a words_found
  _files
}
compdef _idflow idflow
`;

/** Prints the script for a shell. */
export function completion(invocation: Invocation, host: Host): ExitCode {
  host.out(invocation.targets[0] === 'zsh' ? ZSH : BASH);
  return EXIT.holds;
}

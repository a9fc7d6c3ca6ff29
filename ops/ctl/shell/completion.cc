#include "ops/ctl/shell/completion.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace ctl {
namespace {

using Candidates = std::vector<std::string_view>;

constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

constexpr std::string_view kBash = R"(# bash completion for sluicectl
_sluicectl() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("${line%%$'\t'*}")
  done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _sluicectl sluicectl
)";

constexpr std::string_view kZsh = R"(#compdef sluicectl
# zsh completion for sluicectl
_sluicectl() {
  local line
  local -a described
  for line in "${(@f)$("${words[1]}" complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] || described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( ${#described} )); then
    _describe sluicectl described
  else
    _files
  fi
}
if [[ ${funcstack[1]} == _sluicectl ]]; then
  _sluicectl "$@"
else
  compdef _sluicectl sluicectl
fi
)";

constexpr std::string_view kFish = R"sh(# fish completion for sluicectl
function __sluicectl_words
  sluicectl complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c sluicectl -f -a '(__sluicectl_words)'
complete -c sluicectl -n 'test -z "$(__sluicectl_words)"' -F
)sh";

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

Candidates WordsOf(const Command& command) {
  Candidates words;
  for (std::string_view rest = command.words; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    words.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

/// The words before the one that is being typed.
struct Typed {
  Candidates words;    ///< Of the command, then operands.
  Candidates options;  ///< Without values.
  bool is_value_next = false;
};

Typed Read(std::span<const std::string_view> before, const std::vector<OptionSpec>& options) {
  Typed typed;
  for (const std::string_view word : before) {
    if (typed.is_value_next && word == "=") continue;  // bash takes --config=FILE apart.
    if (typed.is_value_next) {
      typed.is_value_next = false;
    } else if (!word.starts_with('-')) {
      typed.words.push_back(word);
    } else {
      typed.options.push_back(word.substr(0, word.find('=')));
      const auto option = std::ranges::find(options, word, &OptionSpec::name);
      typed.is_value_next = option != options.end() && !option->value.empty();
    }
  }
  return typed;
}

/// The commands that are not ruled out by the words.
std::vector<Command> Fitting(std::span<const Command> commands, const Candidates& typed) {
  std::vector<Command> fitting;
  std::ranges::copy_if(commands, std::back_inserter(fitting), [&](const Command& command) {
    const Candidates words = WordsOf(command);
    const auto common = static_cast<std::ptrdiff_t>(std::min(words.size(), typed.size()));
    return std::equal(words.begin(), words.begin() + common, typed.begin());
  });
  return fitting;
}

void AddOnce(std::vector<Completion>& to, std::string_view typed, std::string_view word,
             std::string_view help) {
  if (!word.starts_with(typed)) return;
  if (std::ranges::find(to, word, &Completion::word) != to.end()) return;
  to.push_back({std::string(word), FirstLine(help)});
}

}  // namespace

std::vector<Completion> Complete(std::span<const Command> commands,
                                 std::span<const std::string_view> words) {
  const std::string_view last = words.empty() ? "" : words.back();
  const auto before = words.first(words.empty() ? 0 : words.size() - 1);
  Typed typed = Read(before, AllOptions(commands));
  if (typed.is_value_next) return {};

  std::vector<Completion> completions;
  const bool is_help = !typed.words.empty() && typed.words.front() == "help";
  if (is_help) typed.words.erase(typed.words.begin());
  const std::vector<Command> fitting = Fitting(commands, typed.words);
  if (last.starts_with('-')) {
    for (const OptionSpec& option : AllOptions(fitting)) {
      if (std::ranges::find(typed.options, option.name) != typed.options.end()) continue;
      AddOnce(completions, last, option.name, option.help);
    }
    return completions;
  }
  for (const Command& command : fitting) {
    const Candidates next = WordsOf(command);
    if (next.size() <= typed.words.size()) continue;
    const bool is_whole = next.size() == typed.words.size() + 1;
    AddOnce(completions, last, next[typed.words.size()], is_whole ? command.help : "");
  }
  if (typed.words == Candidates{"completion"}) {
    for (const std::string_view shell : kShells) AddOnce(completions, last, shell, "");
  }
  if (!typed.words.empty() || is_help) return completions;
  AddOnce(completions, last, "help", "the help of a command");
  AddOnce(completions, last, "version", "the version");
  AddOnce(completions, last, "completion", "the script that makes a shell complete commands");
  return completions;
}

std::string RenderCompletions(const std::vector<Completion>& completions) {
  std::string text;
  for (const Completion& one : completions) text += one.word + "\t" + one.help + "\n";
  return text;
}

std::optional<std::string_view> CompletionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return std::nullopt;
}

}  // namespace ctl

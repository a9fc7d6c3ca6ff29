#include "ops/ctl/shell/man_page.h"

#include <array>
#include <string_view>
#include <utility>

#include "ops/ctl/shell/usage.h"

namespace ctl {
namespace {

/// Escapes what groff would interpret: backslashes, dashes (which it may turn into hyphens), dots
/// and quotes at the begin of a line, and the only character of the help that is not ASCII.
std::string Roff(std::string_view text) {
  constexpr std::string_view kEllipsis = "…";
  std::string escaped;
  bool is_line_start = true;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.starts_with(kEllipsis)) {
      escaped += "\\&...";
      text.remove_prefix(kEllipsis.size() - 1);
      continue;
    }
    const char c = text.front();
    if (is_line_start && (c == '.' || c == '\'')) escaped += "\\&";
    is_line_start = c == '\n';
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Bold(std::string_view text) { return "\\fB" + Roff(text) + "\\fR"; }
std::string Italic(std::string_view text) { return "\\fI" + Roff(text) + "\\fR"; }

std::string Section(std::string_view name) { return ".SH " + Roff(name) + "\n"; }

std::string Item(const std::string& term, std::string_view text) {
  return ".TP\n" + term + "\n" + Roff(text) + "\n";
}

std::string Typeset(const OptionSpec& option) {
  std::string term = Bold(option.name);
  if (!option.value.empty()) term += " " + Italic(option.value);
  return Item(term, option.help);
}

std::string Typeset(const Command& command) {
  std::string text = ".SS \"" + Roff(Heading(command)) + "\"\n" + Roff(command.help) + "\n";
  for (const OptionSpec& option : command.options) text += Typeset(option);
  return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kVariables = {{
    {"SLUICE_CONFIG", "the file of --config, unless that is given"},
    {"NO_COLOR", "if set and not empty, no colours on a terminal"},
}};

}  // namespace

std::string ManPage(std::span<const Command> commands) {
  std::string page = ".TH SLUICECTL 1 \"\" \"sluice " + Roff(SLUICE_VERSION) + "\"\n";
  page += Section("NAME") + "sluicectl \\- look after Sluice and its topics\n";
  page += Section("SYNOPSIS") + Bold("sluicectl") + " " + Italic("COMMAND") + " [" +
          Italic("OPTION") + "\\&...]\n";
  page += Section("COMMANDS");
  for (const Command& command : commands) page += Typeset(command);
  page += Section("OPTIONS") + "Before or after every command:\n";
  for (const OptionSpec& option : GlobalOptions()) page += Typeset(option);
  page += Section("EXIT STATUS");
  for (const ExitStatus& status : ExitStatuses()) {
    page += Item(Bold(std::to_string(status.number)), status.meaning);
  }
  page += Section("ENVIRONMENT");
  for (const auto& [name, meaning] : kVariables) page += Item(Bold(name), meaning);
  page +=
      Section("SEE ALSO") + Roff("/usr/share/doc/sluice/ops/docs/operations.md, runbook.md") + "\n";
  return page;
}

}  // namespace ctl

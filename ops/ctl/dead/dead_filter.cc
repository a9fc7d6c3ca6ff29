#include "ops/ctl/dead/dead_filter.h"

#include "common/base/text.h"
#include "common/domain/ids.h"
#include "ops/ctl/shell/command_line.h"

namespace ctl {
namespace {

using common::Error;
using common::ProviderTable;
using common::Result;

Error NoSuchReason(const std::string& text) {
  std::string known;
  for (const common::DeadReason reason : common::kDeadReasons) {
    known += (known.empty() ? "" : ", ") + std::string(common::ToText(reason));
  }
  return Reject("--reason " + text + ": there are " + known);
}

bool IsOf(const std::string& provider, const DeadSummary& letter, const ProviderTable& providers) {
  const ProviderTable::Index row = providers.Resolve(provider);
  if (row != ProviderTable::kUnknown ||
      common::EqualsIgnoringCase(provider, common::kUnknownProvider)) {
    return providers.Resolve(letter.provider) == row;
  }
  return letter.provider == provider;
}

bool Concerns(const std::string& id, const DeadSummary& letter) {
  return id == letter.key || id == letter.dossier || id == letter.process || id == letter.event;
}

}  // namespace

std::vector<OptionSpec> DeadFilterOptions() {
  return {{"--reason", "REASON", "malformed, gone, rejected, too-old or unreadable-response"},
          {"--provider", "NAME", "the name in the route"},
          {"--id", "ID", "dossierId, processId, event id or key"},
          {"--from", "TIME", "RFC 3339, inclusive"},
          SinceOption(),
          {"--to", "TIME", "RFC 3339, exclusive"}};
}

Result<DeadFilter> ReadDeadFilter(const Arguments& arguments) {
  DeadFilter filter;
  if (arguments.Has("--reason")) {
    const std::string text = arguments.Text("--reason");
    filter.reason = common::ParseDeadReason(text);
    if (!filter.reason) return NoSuchReason(text);
  }
  if (arguments.Has("--provider")) {
    filter.provider = arguments.Text("--provider");
    if (filter.provider->empty()) return Reject("--provider is empty");
  }
  if (arguments.Has("--id")) {
    filter.id = common::NormalizeId(arguments.Text("--id"));
    if (filter.id->empty()) return Reject("--id is empty");
  }
  const auto from = arguments.From(common::WallNow());
  if (!from) return from.error();
  const auto to = arguments.Time("--to");
  if (!to) return to.error();
  filter.from = *from;
  filter.to = *to;
  if (filter.from && filter.to && *filter.from >= *filter.to) {
    return Reject("--to must be later than --from");
  }
  return filter;
}

bool Matches(const DeadFilter& filter, const DeadSummary& letter, const ProviderTable& providers) {
  if (filter.reason && letter.reason != common::ToText(*filter.reason)) return false;
  if (filter.from && letter.time < *filter.from) return false;
  if (filter.to && letter.time >= *filter.to) return false;
  if (filter.places && !filter.places->contains(letter.place)) return false;
  if (filter.id && !Concerns(*filter.id, letter)) return false;
  return !filter.provider || IsOf(*filter.provider, letter, providers);
}

}  // namespace ctl

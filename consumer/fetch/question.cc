#include "consumer/fetch/question.h"

#include <optional>
#include <string>

#include "common/base/text.h"

namespace consumer {
namespace {

using common::json::AnswerIds;
using common::json::NamedId;

/// The normalised id after `name` in the path of a URL; none if the path ends before it.
std::optional<std::string> IdInPath(std::string_view path, std::string_view name) {
  const std::size_t at = path.rfind(name);
  if (at == std::string_view::npos) return std::nullopt;
  path.remove_prefix(at + name.size());
  const std::string_view segment = path.substr(0, path.find_first_of("/?#"));
  const bool is_placeholder = segment.starts_with('{');  // A gateway's route template.
  if (segment.empty() || is_placeholder) return std::nullopt;
  return common::NormalizeId(common::PercentDecode(segment));
}

bool NamesAnother(const NamedId& named, const std::string& ours) {
  return named.kind == NamedId::Kind::kUnusable ||
         (named.kind == NamedId::Kind::kNamed && named.value != ours);
}

}  // namespace

bool Question::IsForeign(const AnswerIds& ids, IdRule rule) const {
  if (Contradict(ids)) return true;
  const bool is_process = resource_ == Resource::kProcess;
  const NamedId& own = is_process ? ids.process : ids.dossier;
  if (own.kind != NamedId::Kind::kMissing) return false;
  // A document with only a processId is a process, even with the right id.
  const bool is_process_for_dossier = !is_process && ids.process.kind == NamedId::Kind::kNamed;
  return rule == IdRule::kRequired || is_process_for_dossier;
}

bool Question::IsForeignError(std::string_view body) const {
  const common::json::ErrorSubject subject = common::json::ReadErrorSubject(body);
  return Contradict(subject.ids) || ContradictsPath(subject.instance);
}

bool Question::Contradict(const AnswerIds& ids) const {
  return NamesAnother(ids.process, job_.process.str()) ||
         NamesAnother(ids.dossier, job_.dossier.str());
}

bool Question::ContradictsPath(std::string_view path) const {
  const auto dossier = IdInPath(path, "/dossiers/");
  const auto process = IdInPath(path, "/processes/");
  if (dossier && *dossier != job_.dossier.str()) return true;
  if (!process) return false;
  return resource_ == Resource::kDossier || *process != job_.process.str();
}

}  // namespace consumer

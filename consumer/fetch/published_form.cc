#include "consumer/fetch/published_form.h"

#include <algorithm>
#include <utility>

#include "common/base/sha256.h"
#include "common/json/object_writer.h"

namespace consumer {
namespace {

using common::json::Pointer;

/// The pointers into one document, without its name.
std::vector<Pointer> PointersInto(Resource resource, const std::vector<std::string>& texts) {
  std::vector<Pointer> pointers;
  for (const std::string& text : texts) {
    auto pointer = common::ParseJsonPointer(text);
    if (!pointer || pointer->empty() || pointer->front() != ToText(resource)) continue;
    pointer->erase(pointer->begin());
    pointers.push_back(*std::move(pointer));
  }
  return pointers;
}

std::string ReferenceTo(std::string_view body) {
  return common::json::ObjectWriter()
      .Text("sha256", common::Sha256Hex(body))
      .Number("bytes", static_cast<std::int64_t>(body.size()))
      .Finish();
}

/// Strips white space and a byte order mark around the object, so that it can be embedded.
std::string_view ObjectIn(std::string_view body) {
  body = body.substr(0, body.rfind('}') + 1);
  body.remove_prefix(std::min(body.size(), body.find('{')));
  return body;
}

}  // namespace

std::string PublishedEvent(PublishMode mode, std::string_view body) {
  return mode == PublishMode::kReference ? ReferenceTo(body) : std::string(ObjectIn(body));
}

PublishedForm::PublishedForm(const FetchSettings& settings)
    : mode_(settings.publish),
      process_(RulesFor(Resource::kProcess, settings)),
      dossier_(RulesFor(Resource::kDossier, settings)) {}

PublishedForm::Rules PublishedForm::RulesFor(Resource resource, const FetchSettings& settings) {
  Rules rules{.redact = PointersInto(resource, settings.redact)};
  if (settings.keep) rules.keep.emplace(PointersInto(resource, *settings.keep));
  return rules;
}

std::optional<std::string> PublishedForm::Of(Resource resource, std::string body) const {
  if (mode_ == PublishMode::kReference) return ReferenceTo(body);
  const Rules& rules = resource == Resource::kProcess ? process_ : dossier_;
  if (rules.keep) {
    auto kept = rules.keep->Keep(body);
    if (!kept) return std::nullopt;
    body = *std::move(kept);
  }
  if (!rules.redact.empty()) return common::json::Redact(body, rules.redact);
  return std::string(ObjectIn(body));
}

}  // namespace consumer

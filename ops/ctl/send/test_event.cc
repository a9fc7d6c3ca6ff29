#include "ops/ctl/send/test_event.h"

#include <map>
#include <optional>

#include "common/json/object_writer.h"
#include "common/signature/signature.h"

namespace ctl {
namespace {

/// A text, or an object of them.
struct Place {
  std::optional<std::string> text{};
  std::map<std::string, Place> members{};
};

/// A value without a pointer, or without content, is left out.
void Put(Place& root, const common::JsonPointer& pointer, const std::string& text) {
  if (pointer.empty() || text.empty()) return;
  Place* place = &root;
  for (const std::string& name : pointer) place = &place->members[name];
  place->text = text;
}

std::string Render(const Place& place) {
  if (place.text) return common::json::Quote(*place.text);
  common::json::ObjectWriter object;
  for (const auto& [name, member] : place.members) object.Raw(name, Render(member));
  return object.Finish();
}

}  // namespace

std::string BodyOf(const TestEvent& event, const common::EventExtract& extract) {
  Place root;
  Put(root, extract.id, event.id);
  Put(root, extract.type, event.type);
  Put(root, extract.dossier, event.fact.dossier);
  Put(root, extract.process, event.fact.process);
  Put(root, extract.status, event.fact.status);
  return Render(root);
}

std::vector<std::pair<std::string, std::string>> FieldsOf(const TestEvent& event,
                                                          const common::EventRules& rules,
                                                          std::string_view key,
                                                          std::string_view body,
                                                          common::WallTime now) {
  const common::SignatureRule& rule = *rules.signature;
  auto fields = common::SignedFields(rule, key, event.id, now, body);
  const std::string& id_header = rules.extract.id_header;
  if (!id_header.empty() && id_header != rule.id_header) fields.emplace_back(id_header, event.id);
  return fields;
}

}  // namespace ctl

#include <optional>
#include <string>
#include <string_view>

#include "common/base/utf8.h"
#include "common/json/api_answer.h"
#include "common/json/callback_body.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// Compares the readers of callback bodies and API answers with RapidJSON: both must agree on what
// is an object, and on its fields.
namespace {

using fuzz::JsonValue;
using fuzz::Require;
using fuzz::Validity;

/// The last member of this name, if it is a string.
std::optional<std::string> MemberOf(const JsonValue& object, std::string_view name) {
  for (std::size_t i = object.names.size(); i-- > 0;) {
    if (object.names[i] != name) continue;
    if (object.items[i].kind != JsonValue::Kind::kText) return std::nullopt;
    return object.items[i].text;
  }
  return std::nullopt;
}

std::optional<std::string> IdOf(const JsonValue& object, std::string_view name) {
  const std::optional<std::string> text = MemberOf(object, name);
  if (!text || common::NormalizeId(*text).empty()) return std::nullopt;
  return common::NormalizeId(*text);
}

template <typename Id>
std::optional<std::string> TextOf(const std::optional<Id>& id) {
  return id ? std::optional(id->str()) : std::nullopt;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = common::Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// RapidJSON decodes a lone second surrogate as bytes that are not UTF-8.
bool Agree(const std::optional<std::string>& expected, const std::optional<std::string>& read) {
  return expected == read || (expected && read && !IsUtf8(*expected));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::TextOf(data, size);
  const common::json::CallbackBody read = common::json::ReadCallbackBody(body);
  const auto resource = common::json::ReadResourceAnswer(body);
  const auto trace_id = common::json::ReadTraceId(body);
  const auto token = common::json::ReadTokenAnswer(body);

  for (const auto& text : {TextOf(read.dossier), TextOf(read.process), read.status}) {
    Require(!text || IsUtf8(*text), "every text is UTF-8");
  }
  Require(!read.dossier || !read.dossier->empty(), "a dossier id is not empty");
  Require(!read.process || !read.process->empty(), "a process id is not empty");
  Require(!trace_id || (!trace_id->empty() && trace_id->size() <= 128), "a trace id is short");
  Require(!token || !token->access_token.empty(), "a token is not empty");
  Require(!token || !token->expires_in || token->expires_in->count() >= 0, "a life is positive");
  Require(resource || (!read.dossier && !read.process && !read.status && !trace_id && !token),
          "nothing is read unless it is an object");

  const fuzz::Reference reference = fuzz::ReadReference(body);
  if (reference.validity == Validity::kUndecided) return 0;
  const bool is_object =
      reference.validity == Validity::kValid && reference.value.kind == JsonValue::Kind::kObject;
  Require(resource.has_value() == is_object, "only objects are read");
  if (!is_object) return 0;
  Require(Agree(IdOf(reference.value, "dossierId"), TextOf(read.dossier)), "dossierId");
  Require(Agree(IdOf(reference.value, "processId"), TextOf(read.process)), "processId");
  Require(Agree(MemberOf(reference.value, "status"), read.status), "status");
  Require(Agree(MemberOf(reference.value, "status"), resource->status), "status of a resource");
  return 0;
}

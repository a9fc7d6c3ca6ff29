#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/keep.h"
#include "common/json/redact.h"
#include "consumer/fetch/attempt_result.h"
#include "consumer/fetch/fetch_settings.h"

namespace consumer {

/// The form of a fetched document in a result: the settings `publish`, `keep` and `redact`.
///
///   full      the document, less what `keep` does not name, less what `redact` names
///   reference {"sha256":"<64 lower-case hex digits>","bytes":N} of the body as received
class PublishedForm {
 public:
  /// Ignores invalid pointers and pointers that start at neither /process nor /dossier; the
  /// configuration refuses them.
  explicit PublishedForm(const FetchSettings& settings);

  /// Precondition: `body` is one JSON object.
  /// Empty if it cannot be brought into this form: never publish it otherwise.
  [[nodiscard]] std::optional<std::string> Of(Resource resource, std::string body) const;

 private:
  struct Rules {
    std::optional<common::json::KeepList> keep{};  ///< None: everything.
    std::vector<common::json::Pointer> redact{};
  };
  static Rules RulesFor(Resource resource, const FetchSettings& settings);

  PublishMode mode_;
  Rules process_;
  Rules dossier_;
};

/// The form of an event that is published itself: as it came, or a reference to it. `keep` and
/// `redact` do not apply: they are about Signicat's documents. Precondition: `body` is one JSON
/// object.
[[nodiscard]] std::string PublishedEvent(PublishMode mode, std::string_view body);

}  // namespace consumer

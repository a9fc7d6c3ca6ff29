#include "ops/ctl/history/result_document.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/domain/ids.h"
#include "common/json/reader.h"
#include "common/json/source.h"

namespace ctl {
namespace {

/// A longer one is not a key.
constexpr std::size_t kLongestKey = 256;

/// Collects the ids of the outermost object and of its members `process` and `dossier`.
class IdHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, IdHandler> {
 public:
  enum Part : std::uint8_t { kTop, kProcess, kDossier, kOther };
  struct Ids {
    std::optional<std::string> process;
    std::optional<std::string> dossier;
  };

  [[nodiscard]] const Ids& of(Part part) const { return ids_.at(part); }

  bool Key(const char* text, common::json::TextSize size, bool /*copy*/) {
    const std::string_view name(text, size);
    target_ = nullptr;
    if (depth_ == 1) {
      part_ = name == "process" ? kProcess : name == "dossier" ? kDossier : kOther;
    }
    if (depth_ != 1 && (depth_ != 2 || part_ == kOther)) return true;
    Ids& ids = ids_.at(depth_ == 1 ? kTop : part_);
    if (name == "processId") target_ = &ids.process;
    if (name == "dossierId") target_ = &ids.dossier;
    return true;
  }
  bool String(const char* text, common::json::TextSize size, bool /*copy*/) {
    if (target_ != nullptr) *target_ = common::NormalizeId(std::string(text, size));
    target_ = nullptr;
    return true;
  }
  bool StartObject() { return Enter(); }
  bool StartArray() { return Enter(); }
  bool EndObject(common::json::TextSize /*size*/) { return Leave(); }
  bool EndArray(common::json::TextSize /*size*/) { return Leave(); }
  bool Default() {
    target_ = nullptr;
    return true;
  }

 private:
  bool Enter() {
    ++depth_;
    target_ = nullptr;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }

  int depth_ = 0;
  Part part_ = kOther;  ///< The last name in the outermost object.
  std::optional<std::string>* target_ = nullptr;
  std::array<Ids, 3> ids_;
};

}  // namespace

std::optional<std::string> FindForeignId(std::string_view key, std::string_view value) {
  common::json::Source source(value);
  IdHandler handler;
  if (!common::json::ReadAll(source, handler)) return std::nullopt;
  const auto& top = handler.of(IdHandler::kTop);
  if (top.process && !top.process->empty() && top.process->size() <= kLongestKey &&
      *top.process != key) {
    return "processId " + *top.process + " under the key " + std::string(key);
  }
  for (const auto& [part, name] : {std::pair(IdHandler::kProcess, "the process"),
                                   std::pair(IdHandler::kDossier, "the dossier")}) {
    const auto& ids = handler.of(part);
    const auto differs = [](const auto& ours, const auto& theirs) {
      return ours && theirs && *ours != *theirs;
    };
    if (differs(top.process, ids.process)) {
      return std::string(name) + " has processId " + *ids.process + " instead of " + *top.process;
    }
    if (differs(top.dossier, ids.dossier)) {
      return std::string(name) + " has dossierId " + *ids.dossier + " instead of " + *top.dossier;
    }
  }
  return std::nullopt;
}

}  // namespace ctl

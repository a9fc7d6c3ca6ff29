#include "ops/ctl/records/named_callback.h"

#include <string>

#include "common/domain/ids.h"
#include "common/json/reader.h"
#include "common/json/source.h"

namespace ctl {
namespace {

/// Stops the reader at the end of `callback`.
class NameHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, NameHandler> {
 public:
  explicit NameHandler(const common::json::Source& source) : source_(source) {}

  [[nodiscard]] std::optional<ResultName> name(const common::ProviderTable& providers) const {
    const auto place = ParseRecordPosition(partition_, offset_);
    if ((!place && !is_reconciled_) || !provider_) return std::nullopt;
    ResultName name{place, {}, *provider_, dossier_, process_, status_};
    if (is_event_) {
      if (event_) name.fact = common::IdentityOfEvent(*provider_, common::EventId(*event_));
      return name;
    }
    if (!dossier_ || !process_) return std::nullopt;
    name.fact =
        common::IdentityOf(common::NameOfFacts(providers, *provider_), common::DossierId(*dossier_),
                           common::ProcessId(*process_), status_.value_or(""));
    return name;
  }

  bool Key(const char* text, common::json::TextSize size, bool /*copy*/) {
    const std::string_view name(text, size);
    text_ = depth_ == 1 ? FieldOf(name) : nullptr;
    if (depth_ == 1) is_callback_ = name == "callback";
    is_partition_ = is_callback_ && depth_ == 2 && name == "partition";
    is_offset_ = is_callback_ && depth_ == 2 && name == "offset";
    return true;
  }
  bool String(const char* text, common::json::TextSize size, bool /*copy*/) {
    if (text_ != nullptr && depth_ == 1) text_->emplace(text, size);
    return depth_ > 0;
  }
  bool Uint(unsigned) {
    if (is_partition_) partition_ = source_.last_number();
    if (is_offset_) offset_ = source_.last_number();
    return depth_ > 0;
  }
  bool Null() {
    is_reconciled_ = is_callback_ && depth_ == 1;
    return !is_reconciled_;
  }
  bool StartObject() { return ++depth_ > 0; }
  bool StartArray() { return depth_++ > 0; }
  bool EndObject(common::json::TextSize) { return --depth_ != 1 || !is_callback_; }
  bool EndArray(common::json::TextSize) { return --depth_ > 0; }
  bool Default() { return depth_ > 0; }

 private:
  std::optional<std::string>* FieldOf(std::string_view name) {
    if (name == "provider") return &provider_;
    if (name == "dossierId") return &dossier_;
    if (name == "processId") return &process_;
    if (name == "eventId") {
      is_event_ = true;
      return &event_;
    }
    return name == "status" ? &status_ : nullptr;
  }

  const common::json::Source& source_;
  int depth_ = 0;
  bool is_callback_ = false;  ///< The last name in the outermost object.
  bool is_partition_ = false;
  bool is_offset_ = false;
  std::string_view partition_;
  std::string_view offset_;
  std::optional<std::string>* text_ = nullptr;  ///< Where the value of the last name goes.
  std::optional<std::string> provider_;
  std::optional<std::string> dossier_;
  std::optional<std::string> process_;
  std::optional<std::string> status_;
  bool is_reconciled_ = false;  ///< `callback` is null.
  bool is_event_ = false;       ///< It has the member `eventId`, perhaps null.
  std::optional<std::string> event_;
};

}  // namespace

std::optional<ResultName> ReadResultName(std::string_view value,
                                         const common::ProviderTable& providers) {
  common::json::Source source(value);
  NameHandler handler(source);
  // The rest need not be JSON.
  static_cast<void>(common::json::ReadAll(source, handler));
  return handler.name(providers);
}

std::optional<common::RecordPosition> ReadRedriveName(std::string_view name,
                                                      std::string_view topic) {
  if (!name.starts_with(topic)) return std::nullopt;
  name.remove_prefix(topic.size());
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with('-') || dash == 0) return std::nullopt;
  return ParseRecordPosition(name.substr(1, dash - 1), name.substr(dash + 1));
}

}  // namespace ctl

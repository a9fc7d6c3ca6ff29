#include "ops/ctl/audit_result.h"

#include <charconv>

#include "common/json/reader.h"
#include "common/json/source.h"

namespace ctl {
namespace {

template <typename Number>
std::optional<Number> ReadNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// Ends the reading at the end of `callback`.
class PositionHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, PositionHandler> {
 public:
  explicit PositionHandler(const common::json::Source& source) : source_(source) {}

  [[nodiscard]] std::optional<CallbackPosition> position() const {
    if (!partition_ || !offset_) return std::nullopt;
    return CallbackPosition{*partition_, *offset_};
  }

  bool Key(const char* text, common::json::TextSize size, bool /*copy*/) {
    const std::string_view name(text, size);
    if (depth_ == 1) is_callback_ = name == "callback";
    is_partition_ = is_callback_ && depth_ == 2 && name == "partition";
    is_offset_ = is_callback_ && depth_ == 2 && name == "offset";
    return true;
  }
  bool Uint(unsigned) {
    if (is_partition_) partition_ = ReadNumber<std::int32_t>(source_.last_number());
    if (is_offset_) offset_ = ReadNumber<std::int64_t>(source_.last_number());
    return depth_ > 0;
  }
  bool StartObject() { return ++depth_ > 0; }
  bool StartArray() { return depth_++ > 0; }
  bool EndObject(common::json::TextSize) { return --depth_ != 1 || !is_callback_; }
  bool EndArray(common::json::TextSize) { return --depth_ > 0; }
  bool Default() { return depth_ > 0; }

 private:
  const common::json::Source& source_;
  int depth_ = 0;
  bool is_callback_ = false;  ///< What was named last in the outermost object.
  bool is_partition_ = false;
  bool is_offset_ = false;
  std::optional<std::int32_t> partition_;
  std::optional<std::int64_t> offset_;
};

}  // namespace

std::optional<CallbackPosition> ReadResultPosition(std::string_view value) {
  common::json::Source source(value);
  PositionHandler handler(source);
  // Whether the rest is JSON is nobody's business here.
  static_cast<void>(common::json::ReadAll(source, handler));
  return handler.position();
}

std::optional<CallbackPosition> ReadRedriveName(std::string_view name, std::string_view topic) {
  if (!name.starts_with(topic)) return std::nullopt;
  name.remove_prefix(topic.size());
  const std::size_t dash = name.rfind('-');
  if (!name.starts_with('-') || dash == 0) return std::nullopt;
  const auto partition = ReadNumber<std::int32_t>(name.substr(1, dash - 1));
  const auto offset = ReadNumber<std::int64_t>(name.substr(dash + 1));
  if (!partition || !offset) return std::nullopt;
  return CallbackPosition{*partition, *offset};
}

}  // namespace ctl

#include "common/http/message.h"

#include <algorithm>

#include "common/base/text.h"

namespace common::http {

std::optional<std::string_view> RequestHead::Find(std::string_view name) const {
  for (const Field& field : fields) {
    if (EqualsIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t RequestHead::Count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(),
                    [name](const Field& field) { return EqualsIgnoringCase(field.name, name); }));
}

}  // namespace common::http

#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <functional>
#include <string_view>

namespace tests {

/// Calls `use` for each line of the log that is this event, in order.
void ForEachEvent(std::string_view log, std::string_view event,
                  const std::function<void(const rapidjson::Document&)>& use);

[[nodiscard]] std::size_t CountEvents(std::string_view log, std::string_view event);

}  // namespace tests

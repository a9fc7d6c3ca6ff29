#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <functional>
#include <string_view>

namespace tests {

/// Hands over each line of a program's log that is that event, in order.
void ForEachEvent(std::string_view log, std::string_view event,
                  const std::function<void(const rapidjson::Document&)>& use);

[[nodiscard]] std::size_t CountEvents(std::string_view log, std::string_view event);

}  // namespace tests

#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/guarded.h"
#include "common/tracing/span.h"

namespace common::tracing {

/// The value of an attribute as text.
[[nodiscard]] inline std::string ValueOf(const Span& span, std::string_view name) {
  for (const auto& [key, value] : span.attributes) {
    if (key != name) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    return std::get<bool>(value) ? "true" : "false";
  }
  return "(none)";
}

/// Keeps the spans that it is offered, in order.
///
/// Threads: any.
class RecordingSpans final : public SpanSink {
 public:
  void Offer(std::vector<Span> spans) override {
    offers_.With([&](auto& kept) { kept.push_back(std::move(spans)); });
  }
  [[nodiscard]] std::vector<Span> Take() {
    std::vector<Span> all;
    for (std::vector<Span>& spans : TakeOffers()) {
      for (Span& span : spans) all.push_back(std::move(span));
    }
    return all;
  }
  /// The same, as they came.
  [[nodiscard]] std::vector<std::vector<Span>> TakeOffers() {
    return offers_.With([](auto& kept) { return std::exchange(kept, {}); });
  }

 private:
  Guarded<std::vector<std::vector<Span>>> offers_;
};

}  // namespace common::tracing

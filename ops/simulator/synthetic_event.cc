#include "ops/simulator/synthetic_event.h"

#include <array>
#include <chrono>

#include "common/json/object_writer.h"
#include "common/signature/signature.h"
#include "ops/simulator/hash.h"
#include "ops/simulator/synthetic_ids.h"

namespace simulator {
namespace {

/// Independent draws for one event.
enum Draw : std::uint64_t { kMockDraw = 11, kForgedDraw, kStaleDraw };

bool IsDrawn(const SyntheticCallback& fact, Draw draw, double rate) {
  return Dice(Hash(fact.process_id, draw)).Unit() < rate;
}

std::string BodyOf(const EventDelivery& delivery, const SyntheticCallback& fact, bool is_mock) {
  return common::json::ObjectWriter()
      .Text("id", EventIdOf(fact.process_id))
      .Text("timestamp", common::FormatRfc3339(delivery.made))
      .Text("sender", "assure")
      .Text("eventName", "process.complete")
      .Raw("eventData", BodyOf(fact))
      .Text("accountId", "a-simulated")
      .Raw("organizationId", "null")
      .Text("expiresAt", common::FormatRfc3339(delivery.expires))
      .Raw("tags", is_mock ? R"(["mock"])" : "[]")
      .Finish();
}

std::vector<std::string> FieldsOf(const common::SignatureRule& rule, std::string_view key,
                                  const SyntheticCallback& fact, common::WallTime now,
                                  std::string_view body) {
  std::vector<std::string> fields;
  for (const auto& [name, value] :
       common::SignedFields(rule, key, EventIdOf(fact.process_id), now, body)) {
    fields.push_back(std::string(name).append(": ").append(value));
  }
  return fields;
}

/// The same provider's fact about a process that is not of this run.
SyntheticCallback Another(const SyntheticCallback& fact) {
  SyntheticCallback another = fact;
  another.dossier_id = MakeDossierId(fact.provider, Hash(fact.dossier_id, kForgedDraw));
  another.process_id = ProcessIdOf(another.dossier_id);
  return another;
}

}  // namespace

std::string_view NameOf(EventKind kind) {
  constexpr std::array<std::string_view, kEventKinds> kNames{"first", "repeated", "mock", "forged",
                                                             "stale"};
  return kNames.at(static_cast<std::size_t>(kind));
}

bool MustBeRefused(EventKind kind) {
  return kind == EventKind::kForged || kind == EventKind::kStale;
}

bool IsMock(const SyntheticCallback& fact, const EventOptions& options) {
  return IsDrawn(fact, kMockDraw, options.mock_rate);
}

std::vector<EventRequest> MakeRequests(const EventDelivery& delivery, const EventOptions& options) {
  const SyntheticCallback& fact = delivery.fact;
  const bool is_mock = IsMock(fact, options);
  const EventKind repeated = delivery.attempt > 1 ? EventKind::kRepeated : EventKind::kFirst;
  const std::string body = BodyOf(delivery, fact, is_mock);
  std::vector<EventRequest> requests{{is_mock ? EventKind::kMock : repeated, body, {}}};
  if (!options.signing) return requests;
  const auto& [rule, key] = *options.signing;
  requests.front().fields = FieldsOf(rule, key, fact, delivery.now, body);
  if (delivery.attempt > 1) return requests;
  if (IsDrawn(fact, kForgedDraw, options.forged_rate)) {
    const SyntheticCallback another = Another(fact);
    const std::string forged = BodyOf(delivery, another, false);
    requests.push_back({EventKind::kForged, forged,
                        FieldsOf(rule, key + " guessed", another, delivery.now, forged)});
  }
  if (IsDrawn(fact, kStaleDraw, options.stale_rate)) {
    const auto then = delivery.now - std::chrono::hours(1);
    requests.push_back({EventKind::kStale, body, FieldsOf(rule, key, fact, then, body)});
  }
  return requests;
}

}  // namespace simulator

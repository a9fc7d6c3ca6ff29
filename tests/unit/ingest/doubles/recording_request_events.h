#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "ingest/acceptance/request_events.h"

namespace ingest {

/// Records each answer as "row 1: durable 200", and the other events by their texts.
class RecordingRequestEvents final : public RequestEvents {
 public:
  void Answered(common::ProviderTable::Index row, Situation situation, int status,
                Duration /*since_head*/) override {
    Add(answers_, "row " + std::to_string(row) + ": " + std::string(NameOf(situation)) + " " +
                      std::to_string(status));
  }
  void ClientLeft(common::ProviderTable::Index row) override {
    Add(answers_, "row " + std::to_string(row) + ": abandoned");
  }
  void InFlight(std::size_t /*requests*/) override {}
  void LoadIsShed(std::size_t requests, std::size_t bytes) override {
    Add(load_,
        "shed at " + std::to_string(requests) + " requests, " + std::to_string(bytes) + " bytes");
  }
  void LoadIsNormal(std::uint64_t refused, Duration /*lasted*/) override {
    Add(load_, "normal after " + std::to_string(refused) + " refusals");
  }
  void WrongProtocolReceived(WrongProtocol protocol) override {
    wrong_protocols_.With([&](auto& all) { all.push_back(protocol); });
  }
  void ConnectionEvicted() override {}
  void ReportCameLate(bool is_stored) override {
    Add(late_reports_, is_stored ? "stored" : "unavailable");
  }

  [[nodiscard]] std::vector<std::string> answers() const { return Copy(answers_); }
  [[nodiscard]] std::vector<std::string> load() const { return Copy(load_); }
  [[nodiscard]] std::vector<std::string> late_reports() const { return Copy(late_reports_); }
  [[nodiscard]] std::vector<WrongProtocol> wrong_protocols() const {
    return Copy(wrong_protocols_);
  }

 private:
  using Lines = common::Guarded<std::vector<std::string>>;

  static void Add(Lines& lines, std::string line) {
    lines.With([&](auto& all) { all.push_back(std::move(line)); });
  }
  template <typename Value>
  static Value Copy(const common::Guarded<Value>& guarded) {
    return guarded.With([](const Value& value) { return value; });
  }

  Lines answers_;
  Lines load_;
  Lines late_reports_;
  common::Guarded<std::vector<WrongProtocol>> wrong_protocols_;
};

}  // namespace ingest

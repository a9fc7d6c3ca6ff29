#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "common/base/deadline.h"
#include "tests/unit/ingest/spool/replay_world.h"

namespace ingest {

class ReplayTest : public ::testing::Test {
 protected:
  static common::Deadline Never() { return common::Deadline(Replay::TimePoint::max()); }
  static Replay::TimePoint At(int ms) {
    return Replay::TimePoint(std::chrono::milliseconds(10'000 + ms));
  }

  /// Adds rows "1:a" of sequence and key.
  void Hold(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) source.Hold(key);
  }

  /// Takes turns while something may be offered at this time. Returns the offers.
  std::vector<std::string> Turn(int now_ms) {
    while (replay.next_turn() <= At(now_ms)) {
      if (const auto turned = replay.RunTurn(At(now_ms), Never()); !turned) break;
    }
    return kafka.TakeOffered();
  }
  /// Makes the partition flow: after the first stored callback it gets many at a time.
  void LetFlow() {
    source.Hold("first");
    Turn(-1);
    Report(std::to_string(source.last) + ":first", StorageOutcome::kStored, -1);
    RemoveStored();
  }

  void Report(const std::string& body, StorageOutcome outcome, int now_ms,
              bool is_of_batch = false) {
    const StorageReport report{.number = kafka.numbers.at(body),
                               .outcome = outcome,
                               .reason = "MSG_SIZE_TOO_LARGE",
                               .is_of_batch = is_of_batch};
    replay.OnReports({&report, 1}, At(now_ms));
  }
  void Store(const std::vector<std::string>& bodies, int now_ms) {
    for (const std::string& body : bodies) Report(body, StorageOutcome::kStored, now_ms);
  }

  /// Renders "stored 2" and "refused 3: why".
  std::vector<std::string> Outcomes() {
    std::vector<std::string> texts;
    auto outcomes = replay.TakeOutcomes();
    for (const auto& done : outcomes.stored) {
      texts.push_back("stored " + std::to_string(done.sequence));
    }
    for (const auto& refused : outcomes.refused) {
      texts.push_back("refused " + std::to_string(refused.callback.sequence) + ": " +
                      refused.reason);
    }
    return texts;
  }
  void RemoveStored() {
    for (const auto& done : replay.TakeOutcomes().stored) {
      source.rows.erase(done.sequence);
      replay.Removed(std::vector<SequenceRange>{{done.sequence, done.sequence}});
    }
  }

  FakeSource source;
  FakeKafka kafka;
  int partitions = 1;
  Replay replay{kafka, [this] { return partitions; }, source};
};

}  // namespace ingest

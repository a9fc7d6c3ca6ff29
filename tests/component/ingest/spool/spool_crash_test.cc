#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "ingest/events.h"
#include "ingest/spool/spool_writer.h"
#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"

// Promise P1 on disk: whichever call fails, dies or loses its power, and at whichever step, every
// callback reported as stored is found afterwards.
namespace ingest {
namespace {

using DiskFault = FaultyDisk::DiskFault;
using Kind = FaultyDisk::Kind;
using ::testing::IsEmpty;

/// The promises of one run of a spool.
struct Promised {
  std::set<std::string> stored;   ///< Keys that were reported as stored.
  std::set<std::string> removed;  ///< Keys whose removal was requested, so they may be gone.
};
using Tell = std::function<void(char what, const std::string& key)>;

class SpoolCrashTest : public ::testing::Test {
 protected:
  /// A minimal run with every kind of call: creates the file, stores callbacks, removes some,
  /// checkpoints and restarts the log several times, and recovers from failures.
  void Live(const SpoolDatabase::Options& options, const std::string& name, const Tell& tell) {
    SpoolWriter writer(options, events);
    if (!writer.Maintain() && !writer.Maintain()) return;
    std::vector<std::int64_t> sequences;
    for (int round = 0; round < 4; ++round) {
      std::vector<SpooledCallback> callbacks;
      for (int i = 0; i < 3; ++i) {
        callbacks.push_back(SampleCallback(name + std::to_string(round) + std::to_string(i)));
      }
      // Longer than a page, and never of the same length.
      callbacks.back().envelope.body += std::string(5000 + 700 * static_cast<size_t>(round), 'x');
      const bool is_stored = writer.Store(callbacks) == SpoolWriter::Stored::kYes;
      writer.ShortenLog();
      if (is_stored) {
        for (const SpooledCallback& callback : callbacks) tell('+', callback.envelope.key);
        tell('-', callbacks.front().envelope.key);
        static_cast<void>(writer.Remove(RowsOf(callbacks.front().sequence)));
        writer.ShortenLog();
      }
      writer.Maintain();
    }
  }

  static SpoolDatabase::Options OptionsOn(const FaultyDisk& disk,
                                          const tests::TempDirectory& directory) {
    return {.path = PathIn(directory), .vfs = disk.name(), .long_log = 8};
  }
  static std::string PathIn(const tests::TempDirectory& directory) {
    return (directory.path() / "spool.db").string();
  }

  /// Promised callbacks that are missing.
  static std::vector<std::string> Lost(const Promised& promised,
                                       const SpoolDatabase::Options& options) {
    std::set<std::string> found;
    for (const SpooledCallback& callback : ReadSpool(options)) {
      const common::Envelope& envelope = callback.envelope;
      if (envelope.body.rfind("body of " + envelope.key, 0) == 0) found.insert(envelope.key);
    }
    std::set<std::string> wanted;
    std::set_difference(promised.stored.begin(), promised.stored.end(), promised.removed.begin(),
                        promised.removed.end(), std::inserter(wanted, wanted.end()));
    std::vector<std::string> lost;
    std::set_difference(wanted.begin(), wanted.end(), found.begin(), found.end(),
                        std::back_inserter(lost));
    return lost;
  }
  static Tell Into(Promised& promised) {
    return [&promised](char what, const std::string& key) {
      (what == '+' ? promised.stored : promised.removed).insert(key);
    };
  }

  common::ProviderTable providers;
  prometheus::Registry registry;
  common::Logger log{"ingest", [](std::string_view) {}};
  Events events{providers, registry, log};
};

/// Runs `live` in a separate process until it ends or is killed, and records what it reports. False
/// if it was killed.
bool RunInChild(const std::function<void(const Tell&)>& live, Promised& promised) {
  int pipe[2] = {};
  if (::pipe(pipe) != 0) throw std::runtime_error("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    live([&](char what, const std::string& key) {
      const std::string line = what + key + "\n";
      if (::write(pipe[1], line.data(), line.size()) < 0) ::_exit(1);
    });
    ::_exit(0);
  }
  ::close(pipe[1]);
  std::string text;
  char bytes[4096];
  for (ssize_t count = 0; (count = ::read(pipe[0], bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<std::size_t>(count));
  }
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    (line[0] == '+' ? promised.stored : promised.removed).insert(line.substr(1));
  }
  return WIFEXITED(status);
}

class KilledSpoolTest : public SpoolCrashTest, public ::testing::WithParamInterface<DiskFault> {};

TEST_P(KilledSpoolTest, HoldsEveryReportedCallbackWhereverItIsKilled) {
  int step = 1;
  std::size_t most = 0;
  for (bool has_ended = false; !has_ended; ++step) {
    FaultyDisk disk;
    const tests::TempDirectory directory;
    disk.SetRule([step](const FaultyDisk::Call& call) {
      return call.number == step && call.kind != Kind::kRead ? GetParam() : DiskFault::kNone;
    });
    Promised promised;
    has_ended = RunInChild([&](const Tell& tell) { Live(OptionsOn(disk, directory), "a", tell); },
                           promised);
    EXPECT_THAT(Lost(promised, {.path = PathIn(directory)}), IsEmpty()) << "killed at " << step;
    most = std::max(most, promised.stored.size());
  }
  EXPECT_EQ(most, 12U) << "the run without a kill must store everything";
  EXPECT_GT(step, 60) << "kills must hit many steps";
}

INSTANTIATE_TEST_SUITE_P(BeforeAndWithinACall, KilledSpoolTest,
                         ::testing::Values(DiskFault::kDie, DiskFault::kDieHalfway),
                         [](const auto& fault) {
                           return fault.param == DiskFault::kDie ? "Before" : "Within";
                         });

TEST_F(SpoolCrashTest, HoldsEveryReportedCallbackWhereverThePowerIsCut) {
  FaultyDisk counted;
  const tests::TempDirectory whole;
  Promised all;
  Live(OptionsOn(counted, whole), "a", Into(all));
  ASSERT_EQ(all.stored.size(), 12U);
  for (int step = 1; step <= counted.changes(); ++step) {
    FaultyDisk disk;
    const tests::TempDirectory directory;
    // From then on nothing reaches the disk, and no call succeeds.
    disk.SetRule([step](const FaultyDisk::Call& call) {
      return call.number >= step && call.kind != Kind::kRead ? DiskFault::kError : DiskFault::kNone;
    });
    Promised promised;
    Live(OptionsOn(disk, directory), "a", Into(promised));
    disk.CutPower();
    EXPECT_THAT(Lost(promised, {.path = PathIn(directory)}), IsEmpty()) << "cut at " << step;
  }
}

struct OneFault {
  std::string name;
  DiskFault fault;
};
void PrintTo(const OneFault& fault, std::ostream* out) { *out << fault.name; }

class FailingSpoolTest : public SpoolCrashTest, public ::testing::WithParamInterface<OneFault> {};

// One call fails and the spool continues; then the power is cut. A second run repeats this.
TEST_P(FailingSpoolTest, HoldsEveryReportedCallbackWhicheverCallFails) {
  int recovered = 0;
  int steps = 0;
  for (int step = 1; step == 1 || steps >= step - 1; ++step) {
    FaultyDisk disk;
    const tests::TempDirectory directory;
    Promised promised;
    for (const char* name : {"a", "b"}) {
      const int before = disk.changes();
      disk.SetRule([at = before + step](const FaultyDisk::Call& call) {
        return call.number == at && call.kind != Kind::kRead ? GetParam().fault : DiskFault::kNone;
      });
      Live(OptionsOn(disk, directory), name, Into(promised));
      steps = disk.changes() - before;
      disk.Mend();
      disk.CutPower();
      EXPECT_THAT(Lost(promised, {.path = PathIn(directory)}), IsEmpty())
          << GetParam().name << " at step " << step << " of life " << name;
    }
    if (promised.stored.size() >= 18) ++recovered;
  }
  EXPECT_GT(recovered, 60) << "after nearly every fault the following rounds must be stored";
}

INSTANTIATE_TEST_SUITE_P(OfEachKind, FailingSpoolTest,
                         ::testing::Values(OneFault{"DiskFull", DiskFault::kFull},
                                           OneFault{"IoError", DiskFault::kError},
                                           OneFault{"ShortWrite", DiskFault::kHalf}),
                         [](const auto& fault) { return fault.param.name; });

// Shows why SettleLog() exists: what the model of the disk loses without it.
class UnsettledLogTest : public SpoolCrashTest {
 protected:
  /// Commits with a failing sync, and ends the process, so the log stays as it is.
  void LeaveAnUnsyncedCommit() {
    auto database = SpoolDatabase::Open(OptionsOn(disk, directory));
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->SettleLog());
    ASSERT_TRUE(Append(**database, "first", 1));
    disk.Fail(Kind::kSync, DiskFault::kError);
    EXPECT_FALSE(Append(**database, "unsynced", 2));
    database->reset();
    disk.Mend();
  }
  static bool Append(SpoolDatabase& database, const std::string& key, std::int64_t sequence) {
    SpooledCallback callback = SampleCallback(key);
    callback.sequence = sequence;
    return database.Append({&callback, 1}).has_value();
  }
  std::vector<std::string> AfterAPowerCut() {
    disk.CutPower();
    return KeysOf(ReadSpool({.path = PathIn(directory)}));
  }

  FaultyDisk disk;
  const tests::TempDirectory directory;
};

TEST_F(UnsettledLogTest, LosesCommitsBehindAFailedSync) {
  LeaveAnUnsyncedCommit();
  {
    auto database = SpoolDatabase::Open(OptionsOn(disk, directory));
    ASSERT_TRUE(database);
    ASSERT_TRUE(Append(**database, "synced", 3)) << "COMMIT says it is durable";
    disk.Fail(Kind::kSync, DiskFault::kError);  // Killed without cleaning up.
  }
  EXPECT_THAT(AfterAPowerCut(), ::testing::Not(::testing::Contains("synced")));
}

TEST_F(UnsettledLogTest, LosesNothingOnceItIsSettled) {
  LeaveAnUnsyncedCommit();
  {
    auto database = SpoolDatabase::Open(OptionsOn(disk, directory));
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->SettleLog());
    ASSERT_TRUE(Append(**database, "synced", 3));
    disk.Fail(Kind::kSync, DiskFault::kError);
  }
  const auto keys = AfterAPowerCut();
  EXPECT_THAT(keys, ::testing::Contains("first"));
  EXPECT_THAT(keys, ::testing::Contains("synced"));
}

}  // namespace
}  // namespace ingest

#include "ingest/spool/refused_callbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "tests/component/ingest/spool/faulty_disk.h"
#include "tests/component/ingest/spool/spool_samples.h"
#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

RefusedCallback Sample(const std::string& key) {
  return {.envelope = SampleEnvelope(key),
          .refused_at = common::WallTime(std::chrono::milliseconds(1'700'000'001'000)),
          .reason = "MSG_SIZE_TOO_LARGE"};
}

class RefusedCallbacksTest : public ::testing::Test {
 protected:
  std::vector<std::string> Keys(const RefusedCallbacks::Selection& selection = {}) {
    std::vector<std::string> keys;
    const auto read = file.ForEach(selection, [&](const RefusedCallback& callback) {
      keys.push_back(callback.envelope.key);
      return true;
    });
    EXPECT_TRUE(read) << read.error().detail;
    return keys;
  }
  void Keep(const std::vector<RefusedCallback>& callbacks) {
    const auto kept = file.Keep(callbacks);
    ASSERT_TRUE(kept) << kept.error().detail;
  }

  tests::TempDirectory directory;
  std::string path = RefusedCallbacks::PathBeside((directory.path() / "spool.db").string());
  RefusedCallbacks file{path};
};

TEST_F(RefusedCallbacksTest, AreEmptyWithoutAFileAndCreateNone) {
  EXPECT_THAT(Keys(), IsEmpty());
  EXPECT_EQ(file.Count()->records, 0U);
  EXPECT_EQ(*file.MarkForRetry(std::nullopt), 0U);
  EXPECT_TRUE(file.Remove(std::vector<std::string>{"request of a"}));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(RefusedCallbacksTest, KeepEveryFieldInAFileOfTheirOwner) {
  RefusedCallback kept = Sample("a");
  kept.envelope.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  kept.envelope.tracestate = "vendor=1";
  Keep({kept});
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  const common::Envelope& sample = kept.envelope;
  std::size_t count = 0;
  ASSERT_TRUE(file.ForEach({}, [&](const RefusedCallback& callback) {
    ++count;
    EXPECT_EQ(callback.reason, "MSG_SIZE_TOO_LARGE");
    EXPECT_EQ(callback.refused_at.time_since_epoch().count(), 1'700'000'001'000);
    EXPECT_FALSE(callback.is_to_be_retried);
    EXPECT_EQ(callback.envelope.body, sample.body);
    EXPECT_EQ(callback.envelope.provider, sample.provider);
    EXPECT_EQ(callback.envelope.request_id, sample.request_id);
    EXPECT_EQ(callback.envelope.received_at, sample.received_at);
    EXPECT_EQ(callback.envelope.content_type, sample.content_type);
    EXPECT_EQ(callback.envelope.traceparent, sample.traceparent);
    EXPECT_EQ(callback.envelope.tracestate, sample.tracestate);
    EXPECT_TRUE(callback.envelope.spooled);
    return true;
  }));
  EXPECT_EQ(count, 1U);
}

TEST_F(RefusedCallbacksTest, ReplaceARepeatedCallback) {
  Keep({Sample("a"), Sample("b")});
  ASSERT_EQ(*file.MarkForRetry("request of a"), 1U);
  Keep({Sample("a")});
  EXPECT_EQ(file.Count()->records, 2U);
  EXPECT_EQ(file.Count()->to_be_retried, 0U) << "it was retried, and refused again";
}

TEST_F(RefusedCallbacksTest, CanBeMarkedAndRemovedSinglyOrTogether) {
  Keep({Sample("a"), Sample("b"), Sample("c")});
  EXPECT_EQ(*file.MarkForRetry("request of b"), 1U);
  EXPECT_EQ(*file.MarkForRetry("request of nobody"), 0U);
  EXPECT_THAT(Keys({.only_to_be_retried = true}), ElementsAre("b"));
  EXPECT_THAT(Keys({.request_id = "request of c"}), ElementsAre("c"));
  EXPECT_TRUE(file.Remove(std::vector<std::string>{"request of b"}));
  EXPECT_EQ(*file.MarkForRetry(std::nullopt), 2U);
  EXPECT_EQ(file.Count()->to_be_retried, 2U);
}

TEST_F(RefusedCallbacksTest, CanBeWrittenWhileTheyAreRead) {
  Keep({Sample("a"), Sample("b")});
  std::vector<std::string> keys;
  const auto read = file.ForEach({}, [&](const RefusedCallback& callback) {
    if (keys.empty()) Keep({Sample("c")});
    keys.push_back(callback.envelope.key);
    return true;
  });
  EXPECT_TRUE(read) << read.error().detail;
  EXPECT_THAT(keys, ElementsAre("a", "b", "c"));
}

TEST_F(RefusedCallbacksTest, KeepExactCountsAfterEachChange) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 60; ++i) {
    const std::string key(1, static_cast<char>('a' + random() % 6));
    switch (random() % 4) {
      case 0:
        ASSERT_TRUE(file.Remove(std::vector<std::string>{"request of " + key}));
        break;
      case 1:
        ASSERT_TRUE(file.MarkForRetry("request of " + key));
        break;
      default:
        Keep({Sample(key)});
    }
    EXPECT_EQ(file.Count()->records, Keys().size());
    EXPECT_EQ(file.Count()->to_be_retried, Keys({.only_to_be_retried = true}).size());
  }
}

TEST_F(RefusedCallbacksTest, AreCountedWithoutBeingRead) {
  std::vector<RefusedCallback> callbacks;
  for (int i = 0; i < 5000; ++i) callbacks.push_back(Sample(std::to_string(i)));
  Keep(callbacks);
  FaultyDisk disk;
  int reads = 0;
  disk.SetRule([&](const FaultyDisk::Call& call) {
    if (call.kind == FaultyDisk::Kind::kRead) ++reads;
    return FaultyDisk::DiskFault::kNone;
  });
  EXPECT_EQ(RefusedCallbacks(path, disk.name()).Count()->records, 5000U);
  EXPECT_LT(reads, 10) << "it is called each second";
}

TEST_F(RefusedCallbacksTest, HaveASizeWithoutReadingTheirBodies) {
  Keep({Sample("a")});
  ASSERT_TRUE(file.ForEach({.with_body = false}, [&](const RefusedCallback& callback) {
    EXPECT_EQ(callback.envelope.body, "");
    EXPECT_EQ(callback.body_size, SampleEnvelope("a").body.size());
    return true;
  }));
}

/// The system's VFS for SQLite, which records whether each removal is synced.
class RemovalsNoted {
 public:
  RemovalsNoted() {
    vfs_.zName = "removals-noted";
    vfs_.pNext = nullptr;
    vfs_.xDelete = [](sqlite3_vfs*, const char* name, int is_synced) {
      are_synced.push_back(is_synced != 0);
      sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
      return real->xDelete(real, name, is_synced);
    };
    are_synced.clear();
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~RemovalsNoted() { sqlite3_vfs_unregister(&vfs_); }
  RemovalsNoted(const RemovalsNoted&) = delete;
  RemovalsNoted& operator=(const RemovalsNoted&) = delete;

  [[nodiscard]] std::string name() const { return vfs_.zName; }
  inline static std::vector<bool> are_synced;

 private:
  sqlite3_vfs vfs_ = *sqlite3_vfs_find(nullptr);
};

TEST_F(RefusedCallbacksTest, SurviveAPowerCutOnceTheyAreKept) {
  const RemovalsNoted disk;
  RefusedCallbacks on_it(path, disk.name());
  ASSERT_TRUE(on_it.Keep(std::vector<RefusedCallback>{Sample("a")}));
  EXPECT_THAT(RemovalsNoted::are_synced, Not(IsEmpty())) << "the journal must be removed";
  EXPECT_THAT(RemovalsNoted::are_synced, Each(true))
      << "a journal that comes back would undo its commit";
}

TEST_F(RefusedCallbacksTest, LeaveAForeignFileUntouched) {
  const std::string garbage(10'000, 'x');
  std::ofstream(path) << garbage;
  EXPECT_FALSE(file.Keep(std::vector<RefusedCallback>{Sample("a")}));
  EXPECT_FALSE(file.Count());
  EXPECT_EQ(std::filesystem::file_size(path), garbage.size());
}

class EarlierRefusedCallbacksTest : public RefusedCallbacksTest {
 protected:
  /// Removes from the file what an earlier build did not create.
  void MakeEarlier() const {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection,
                           "DROP TABLE counts; DROP TRIGGER on_keep; DROP TRIGGER on_remove;"
                           "DROP TRIGGER on_mark",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(connection);
  }
};

TEST_F(EarlierRefusedCallbacksTest, AreCountedOnceThenMaintained) {
  Keep({Sample("a"), Sample("b"), Sample("c")});
  MakeEarlier();
  ASSERT_EQ(*file.MarkForRetry("request of b"), 1U) << "before ingest has seen the file";
  const auto counts = file.Count();
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(counts->records, 3U);
  EXPECT_EQ(counts->to_be_retried, 1U);
  EXPECT_TRUE(counts->were_added);
  Keep({Sample("a"), Sample("d")});
  ASSERT_TRUE(file.Remove(std::vector<std::string>{"request of b"}));
  EXPECT_EQ(file.Count()->records, 3U);
  EXPECT_EQ(file.Count()->to_be_retried, 0U);
  EXPECT_FALSE(file.Count()->were_added);
  EXPECT_THAT(Keys(), ::testing::UnorderedElementsAre("a", "c", "d"));
}

TEST_F(EarlierRefusedCallbacksTest, StayUnchangedUntilTheirCountsAreStored) {
  Keep({Sample("a")});
  MakeEarlier();
  FaultyDisk disk;
  RefusedCallbacks failing{path, disk.name()};
  int step = 0;
  bool has_counted = false;
  for (int at = 1; !has_counted && at < 100; ++at) {
    disk.SetRule([&, at, first = disk.changes()](const FaultyDisk::Call& call) {
      return call.number == first + at && call.kind != FaultyDisk::Kind::kRead
                 ? FaultyDisk::DiskFault::kError
                 : FaultyDisk::DiskFault::kNone;
    });
    const auto counts = failing.Count();
    has_counted = counts.has_value();
    step = at;
    if (has_counted) {
      EXPECT_EQ(counts->records, 1U) << "at step " << at;
    }
    EXPECT_THAT(Keys(), ElementsAre("a")) << "at step " << at;
  }
  EXPECT_TRUE(has_counted);
  EXPECT_GT(step, 2) << "it must fail at some steps";
}

TEST_F(RefusedCallbacksTest, KeepTheIdOfAnEvent) {
  RefusedCallback event = Sample("a");
  event.envelope.event_id = "msg_1";
  Keep({event});
  ASSERT_TRUE(file.ForEach({}, [&](const RefusedCallback& callback) {
    EXPECT_EQ(callback.envelope.content_type, "application/json");
    EXPECT_EQ(callback.envelope.event_id, "msg_1");
    return true;
  }));
}

}  // namespace
}  // namespace ingest

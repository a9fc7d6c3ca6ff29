#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <stop_token>

#include "ingest/spool/refused_callbacks.h"
#include "ingest/spool/spool_database.h"
#include "ops/ctl/erase/naming_spooled.h"
#include "ops/ctl/erase/spool_snapshot.h"
#include "tests/support/temp_directory.h"

namespace ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kDossier = "54a1ad5f-74dd-47ba-b992-1cb2b4636341";

common::Envelope Callback(const std::string& request, const std::string& body) {
  return {.key = "key-" + request,
          .body = body,
          .provider = "paper",
          .received_at = common::WallTime(std::chrono::milliseconds(1'700'000'000'000)),
          .request_id = request,
          .content_type = {},
          .traceparent = {}};
}

std::string Body(const std::string& dossier) {
  return R"({"dossierId":")" + dossier + R"(","processId":"p","status":"accepted"})";
}

/// A spool that an ingest has open, and therefore locked.
class EraseSpool : public testing::Test {
 protected:
  void Wait(const std::vector<common::Envelope>& callbacks) {
    std::vector<ingest::SpooledCallback> spooled;
    for (const common::Envelope& callback : callbacks) {
      spooled.push_back(
          {.sequence = ++last, .size = ingest::SizeInSpool(callback), .envelope = callback});
    }
    const auto appended = database->Append(spooled);
    ASSERT_TRUE(appended) << appended.error().detail;
  }

  std::vector<std::string> Found(const std::string& file) {
    found = FindNamingSpooled(file, DossierName(kDossier), processes, {}, stop.get_token());
    std::vector<std::string> lines;
    for (const NamingSpooled& callback : found.callbacks) {
      lines.push_back((callback.is_refused ? "refused " : "waits ") + callback.request_id);
    }
    return lines;
  }

  EraseSpool() { ::setenv("TMPDIR", temporary.path().c_str(), 1); }
  ~EraseSpool() override { ::unsetenv("TMPDIR"); }
  EraseSpool(const EraseSpool&) = delete;
  EraseSpool& operator=(const EraseSpool&) = delete;

  [[nodiscard]] bool HasCopies() const { return !std::filesystem::is_empty(temporary.path()); }

  tests::TempDirectory temporary;  ///< The folder for temporary files.
  tests::TempDirectory directory;
  std::string path = directory.path() / "spool.db";
  std::unique_ptr<ingest::SpoolDatabase> database = *ingest::SpoolDatabase::Open({.path = path});
  std::int64_t last = 0;
  std::set<std::string> processes;
  std::stop_source stop;
  NamingSpooledCallbacks found;
};

TEST_F(EraseSpool, FindsCallbacksWhileIngestHasTheFileOpen) {
  Wait({Callback("r1", Body(kDossier)), Callback("r2", Body("another")),
        Callback("r3", Body("54A1AD5F-74DD-47BA-B992-1CB2B4636341")),
        Callback("r4", std::string("no JSON of ") + kDossier)});
  const ingest::RefusedCallback refused{.envelope = Callback("r5", Body(kDossier)),
                                        .reason = "MSG_SIZE_TOO_LARGE"};
  const ingest::RefusedCallback other{.envelope = Callback("r6", Body("another")),
                                      .reason = "MSG_SIZE_TOO_LARGE"};
  ASSERT_TRUE(ingest::RefusedCallbacks(ingest::RefusedCallbacks::PathBeside(path))
                  .Keep(std::vector{refused, other}));
  EXPECT_THAT(Found(path), ElementsAre("refused r5", "waits r1", "waits r3", "waits r4"));
  EXPECT_THAT(found.gaps, IsEmpty());
  EXPECT_THAT(found.remarks, IsEmpty());
  EXPECT_THAT(Found(path + ".refused"), ElementsAre("refused r5"));
}

TEST_F(EraseSpool, FindsACallbackWithoutADossierByItsProcess) {
  common::Envelope malformed = Callback("r1", R"({"processId":"p"})");
  malformed.key = "p";
  common::Envelope other = Callback("r2", Body("another"));
  other.key = "p";
  Wait({malformed, other});
  EXPECT_THAT(Found(path), IsEmpty());
  processes = {"p"};
  EXPECT_THAT(Found(path), ElementsAre("waits r1"));
}

TEST_F(EraseSpool, FindsCallbacksWhenIngestHasStopped) {
  Wait({Callback("r1", Body(kDossier))});
  database.reset();
  EXPECT_THAT(Found(path), ElementsAre("waits r1"));
}

TEST_F(EraseSpool, ReportsRemainsOfCallbackThatKafkaHas) {
  Wait({Callback("r1", Body(kDossier)), Callback("r2", Body("another"))});
  ASSERT_TRUE(database->Remove(std::vector{ingest::SequenceRange{1, 1}}));
  EXPECT_THAT(Found(path), IsEmpty());
  EXPECT_THAT(found.remarks, ElementsAre(HasSubstr("has not overwritten yet do")));
}

TEST_F(EraseSpool, LeavesTheSpoolAsItIs) {
  Wait({Callback("r1", Body(kDossier))});
  const std::string file = tests::ReadFile(path);
  const std::string log = tests::ReadFile(path + "-wal");
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(directory.path()),
                         std::filesystem::directory_iterator());
  };
  const auto files = count();
  EXPECT_THAT(Found(path), ElementsAre("waits r1"));
  EXPECT_EQ(tests::ReadFile(path), file);
  EXPECT_EQ(tests::ReadFile(path + "-wal"), log);
  EXPECT_EQ(count(), files);
  Wait({Callback("r2", Body(kDossier))});
  EXPECT_THAT(Found(path), ElementsAre("waits r1", "waits r2"));
}

// Whatever ends sluicectl from then on, no copy of personal data is left.
TEST_F(EraseSpool, ReadsCopyAfterItsFileWasRemoved) {
  Wait({Callback("r1", Body(kDossier)), Callback("r2", Body("another"))});
  auto snapshot = SpoolSnapshot::Make(path, {});
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  EXPECT_FALSE(HasCopies());
  const auto read = snapshot->database().ReadAfter(0, 10, 1 << 20);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->size(), 2U);
  const std::string log{std::istreambuf_iterator<char>(snapshot->log()), {}};
  EXPECT_THAT(log, HasSubstr(kDossier));
}

TEST_F(EraseSpool, LeavesNoCopyWhenItIsStopped) {
  Wait({Callback("r1", Body(kDossier))});
  ASSERT_TRUE(ingest::RefusedCallbacks(ingest::RefusedCallbacks::PathBeside(path))
                  .Keep(std::vector{ingest::RefusedCallback{.envelope = Callback("r2", Body("d")),
                                                            .reason = "MSG_SIZE_TOO_LARGE"}}));
  stop.request_stop();
  EXPECT_THAT(Found(path), IsEmpty());
  EXPECT_THAT(found.gaps, ElementsAre(HasSubstr("spool.db.refused could not be read: interrupted"),
                                      HasSubstr("spool.db could not be read: interrupted")));
  EXPECT_FALSE(HasCopies());
}

TEST_F(EraseSpool, NamesUnreadableFiles) {
  EXPECT_THAT(Found(directory.path() / "none.db"), IsEmpty());
  EXPECT_THAT(found.gaps, ElementsAre(HasSubstr("there is no file")));
  EXPECT_THAT(Found(directory.Write("text", "this is no database at all, but quite a text")),
              IsEmpty());
  EXPECT_THAT(found.gaps, ElementsAre(HasSubstr("text could not be read")));
  EXPECT_THAT(Found(directory.path()), IsEmpty());
  EXPECT_THAT(found.gaps, testing::SizeIs(1));
}

}  // namespace
}  // namespace ctl
